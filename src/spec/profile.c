#include "spec/profile.h"
#include "base/encode.h"
#include "spec/spec_schema.h"

/* The words of "a,b,c" as a list. */
static struct text_list words(struct arena *a, const char *text)
{
	struct str rest = str_of(text);
	size_t room = 1;
	for (const char *c = text; *c; c++)
		room += *c == ',';
	struct text_list list = { anew(a, const char *, room + 1), 0 };
	while (rest.n)
		list.items[list.n++] = arena_str(a, str_cut(&rest, ','));
	return list;
}

/* A row that a user without root gets in another form, or not at all, has an alternative. */
static const struct mount_row {
	const char *destination, *type, *source, *options;
	enum { EVERYONE, ROOT_ONLY, ROOTLESS_ONLY } who;
} mount_rows[] = {
	{ "/proc", "proc", "proc", "" },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
		ROOT_ONLY },
	/* Group 5 does not exist in a user namespace with one group. */
	{ "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620",
		ROOTLESS_ONLY },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k" },
	{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev" },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro", ROOT_ONLY },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", ROOT_ONLY },
	/* sysfs can be mounted by who owns the network namespace. */
	{ "/sys", "none", "/sys", "rbind,nosuid,noexec,nodev,ro", ROOTLESS_ONLY },
};

static struct list make_mounts(const struct profile_request *r, struct arena *a)
{
	struct spec_mount *m = anew(a, struct spec_mount, ARRAY_LEN(mount_rows));
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(mount_rows); i++) {
		const struct mount_row *row = &mount_rows[i];
		if (row->who == (r->rootless ? ROOT_ONLY : ROOTLESS_ONLY))
			continue;
		m[n++] = (struct spec_mount){ .destination = row->destination,
			.type = row->type,
			.source = row->source,
			.options = words(a, row->options) };
	}
	return (struct list){ m, n };
}

static struct list make_namespaces(const struct profile_request *r, struct arena *a)
{
	const char *names = r->rootless ? "pid,ipc,uts,mount,user" : "pid,network,ipc,uts,mount";
	struct text_list types =
		words(a, arena_fmt(a, "%s%s", names, r->cgroup_v2 ? ",cgroup" : ""));
	struct spec_namespace *ns = anew(a, struct spec_namespace, types.n);
	for (size_t i = 0; i < types.n; i++)
		ns[i].type = types.items[i];
	return (struct list){ ns, types.n };
}

static struct list make_idmap(int64_t host, struct arena *a)
{
	struct spec_idmap *map = anew(a, struct spec_idmap, 1);
	*map = (struct spec_idmap){ .container = 0, .host = host, .size = 1 };
	return (struct list){ map, 1 };
}

static void make_process(struct spec_process *p, struct arena *a)
{
	struct spec_rlimit *files = anew(a, struct spec_rlimit, 1);
	*files = (struct spec_rlimit){ "RLIMIT_NOFILE", .soft = 1024, .hard = 1024 };
	struct text_list caps = words(a, "CAP_AUDIT_WRITE,CAP_KILL,CAP_NET_BIND_SERVICE");
	*p = (struct spec_process){
		.present = true,
		.terminal = true,
		.no_new_privileges = true,
		.args = words(a, "sh"),
		.env = words(a, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,"
				"TERM=xterm"),
		.cwd = "/",
		.capabilities = { true, .bounding = caps, .effective = caps, .permitted = caps },
		.rlimits = { files, 1 },
	};
}

static void make_linux(const struct profile_request *r, struct arena *a, struct spec_linux *l)
{
	*l = (struct spec_linux){
		.present = true,
		.namespaces = make_namespaces(r, a),
		.masked_paths = words(a,
			"/proc/acpi,/proc/asound,/proc/kcore,/proc/keys,/proc/latency_stats,"
			"/proc/timer_list,/proc/timer_stats,/proc/sched_debug,/sys/firmware,"
			"/proc/scsi"),
		.readonly_paths = words(a, "/proc/bus,/proc/fs,/proc/irq,/proc/sys,"
					   "/proc/sysrq-trigger"),
	};
	if (r->rootless) {
		l->uid_mappings = make_idmap(r->uid, a);
		l->gid_mappings = make_idmap(r->gid, a);
		return;
	}
	struct spec_device_rule *none = anew(a, struct spec_device_rule, 1);
	*none = (struct spec_device_rule){ .allow = false, .access = "rwm" };
	l->resources.present = true;
	l->resources.devices = (struct list){ none, 1 };
}

void profile_spec(const struct profile_request *r, struct arena *a, struct spec *out)
{
	*out = (struct spec){
		.oci_version = SPEC_VERSION_MAX,
		.hostname = "onggi",
		.root = { true, .path = "rootfs", .readonly = true },
		.mounts = make_mounts(r, a),
	};
	make_process(&out->process, a);
	make_linux(r, a, &out->linux);
}

void profile_write(const struct profile_request *r, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct spec spec;
	profile_spec(r, &a, &spec);
	encode_text(&spec, &spec_schema, JSON_INDENTED, out);
}
