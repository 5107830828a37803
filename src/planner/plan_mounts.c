/* Spec to operations: what is mounted below the container's root, in the order of the spec. */
#include "planner/plan_mounts.h"
#include "base/mutate.h"
#include "base/num.h"
#include "base/path.h"
#include "kernel/compat.h"
#include "kernel/lsm.h"
#include "planner/idmap.h"

/* Files that emulate parts of /proc may be bound there; anything else could hide what the runtime
 * or the kernel's protections rely on. */
static const char *const in_proc[] = {
	"proc/cpuinfo",
	"proc/diskstats",
	"proc/loadavg",
	"proc/meminfo",
	"proc/net/dev",
	"proc/slabinfo",
	"proc/stat",
	"proc/swaps",
	"proc/sys/crypto/fips_enabled",
	"proc/sys/kernel/ns_last_pid",
	"proc/uptime",
};

static bool is_type(const struct mount_draft *m, const char *type)
{
	return !m->opts.bind && m->spec->type && strcmp(m->spec->type, type) == 0;
}

static struct err *check_place(struct mount_draft *m)
{
	bool proc = strcmp(m->target, "proc") == 0;
	if (!proc && strncmp(m->target, "proc/", 5) != 0)
		return NULL;
	m->flags |= MOUNT_IN_PROC;
	if (proc && m->opts.bind)
		m->flags |= MOUNT_ONLY_PROC;
	if (proc)
		return m->opts.bind || is_type(m, "proc")
		               ? NULL
		               : err_new(ERR_USAGE,
					 "\"/%s\" cannot be mounted because it is not "
					 "of type proc",
					 m->target);
	for (size_t i = 0; i < ARRAY_LEN(in_proc); i++)
		if (strcmp(m->target, in_proc[i]) == 0)
			return NULL;
	return err_new(
		ERR_USAGE, "\"/%s\" cannot be mounted because it is inside /proc", m->target);
}

/* In a user namespace a file system of some other namespace can be mounted only if that namespace
 * belongs to it, too. One that is joined together with it is taken to. */
static bool is_foreign(const struct draft *d, uint64_t flag)
{
	if (!d->userns || d->made & flag)
		return false;
	return !(d->joined & flag && d->joined & CLONE_NEWUSER);
}

static const char *source_of(const struct mount_draft *m)
{
	return m->spec->source ? m->spec->source : m->spec->type;
}

void plan_new_fs(struct mount_draft *m, const char *why, const struct text_list *params)
{
	struct op op = { OP_MOUNT, .why = why };
	op.mount.type = m->spec->type;
	op.mount.source = source_of(m);
	op.mount.params = params->n ? params->items : NULL;
	op.mount.target = m->target;
	op.mount.slot = NO_SLOT;
	op.mount.attrs = m->opts.set | m->opts.rset;
	op.mount.propagation = m->opts.propagation;
	op.mount.propagation_recursive = m->opts.propagation_recursive;
	op.mount.flags = m->flags;
	draft_child(m->d, op);
}

/* mount(2) makes the file system read-only as well as the mount, and so do we. */
static struct text_list fs_params(struct mount_draft *m)
{
	struct text_list params = m->opts.params;
	if (m->opts.set & MOUNT_ATTR_RDONLY)
		text_list_add(&params, m->d->arena, "ro");
	return params;
}

static struct err *add_label(struct mount_draft *m, struct text_list *params)
{
	const char *label = m->d->spec->linux.mount_label, *option;
	if (!label)
		return NULL;
	struct err *e = lsm_selinux_mount(m->d->host, label, m->d->arena, &option);
	if (e)
		return err_wrap(e, "linux.mountLabel");
	text_list_add(params, m->d->arena, option);
	return NULL;
}

static struct err *labelled_fs(struct mount_draft *m, const char *why, struct text_list params)
{
	struct err *e = add_label(m, &params);
	if (!e)
		plan_new_fs(m, why, &params);
	return e;
}

static struct err *plan_proc(struct mount_draft *m)
{
	m->flags |= mutated(MUTATE_PROC) ? 0 : MOUNT_PLAIN_DIR;
	if (is_foreign(m->d, CLONE_NEWPID)) {
		plan_host_tree(m, "/proc", "/proc of the host, whose processes it shares");
		return NULL;
	}
	struct text_list params = fs_params(m);
	plan_new_fs(m, "private /proc", &params);
	return NULL;
}

static struct err *plan_sysfs(struct mount_draft *m)
{
	m->flags |= MOUNT_PLAIN_DIR;
	if (is_foreign(m->d, CLONE_NEWNET)) {
		plan_host_tree(m, "/sys", "/sys of the host, whose network it shares");
		return NULL;
	}
	struct text_list params = fs_params(m);
	plan_new_fs(m, "devices and drivers, with its own network", &params);
	return NULL;
}

static struct err *plan_mqueue(struct mount_draft *m)
{
	if (is_foreign(m->d, CLONE_NEWIPC)) {
		plan_host_tree(m, "/dev/mqueue", "message queues of the host, which it shares");
		return NULL;
	}
	return labelled_fs(m, "private message queues", fs_params(m));
}

/* The group of terminals may have no number in the container; the file system would refuse it. */
static bool is_unmapped_group(const struct draft *d, const char *param)
{
	int64_t gid;
	uint32_t host;
	if (!(d->made & CLONE_NEWUSER) || strncmp(param, "gid=", 4) != 0)
		return false;
	cleanup(err_free) struct err *e = num_parse(str_of(param + 4), &gid);
	return !e && !idmap_to_host(&d->spec->linux.gid_mappings, gid, &host);
}

static struct err *plan_devpts(struct mount_draft *m)
{
	struct text_list all = fs_params(m), mapped = {};
	for (size_t i = 0; i < all.n; i++) {
		if (!is_unmapped_group(m->d, all.items[i]))
			text_list_add(&mapped, m->d->arena, all.items[i]);
		else
			draft_warn(m->d,
				"mounts[%zu].options: '%s' is left out: the group is not "
				"mapped",
				m->number, all.items[i]);
	}
	return labelled_fs(m, "private terminals", mapped);
}

static bool is_dev(const struct mount_draft *m)
{
	return strcmp(m->target, "dev") == 0;
}

/* Another one on the same place will be what is seen there. */
static bool is_covered(const struct mount_draft *m)
{
	for (size_t i = m->number + 1; i < m->d->spec->mounts.n; i++)
		if (strcmp(m->d->mounts[i].target, m->target) == 0)
			return true;
	return false;
}

void plan_readonly_later(struct mount_draft *m)
{
	if (m->opts.set & MOUNT_ATTR_RDONLY && !is_covered(m))
		text_list_add(&m->d->readonly_later, m->d->arena, m->target);
	m->opts.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

/* Others may want to make their mount points in a tmpfs: it becomes read-only at the end. */
static struct err *plan_tmpfs(struct mount_draft *m)
{
	plan_readonly_later(m);
	if (!mount_opts_has(&m->opts, "mode"))
		m->flags |= MOUNT_KEEP_MODE;
	if (m->opts.copy_up)
		m->flags |= MOUNT_COPY_UP;
	return labelled_fs(m, is_dev(m) ? "fresh /dev" : "files that end with it", m->opts.params);
}

static struct err *plan_other(struct mount_draft *m)
{
	if (!m->spec->type)
		return err_new(ERR_USAGE, "neither a type nor bind");
	if (is_dev(m))
		plan_readonly_later(m);
	return labelled_fs(m, "a file system of its own", fs_params(m));
}

/* What is mounted there gets other attributes. */
static struct err *plan_remount(struct mount_draft *m)
{
	if (m->opts.params.n)
		return err_new(ERR_USAGE,
			"'remount' can't change '%s': only the attributes of a mount, not what "
			"its file system was made with",
			m->opts.params.items[0]);
	struct op op = { OP_ATTR, .why = "as the configuration has it" };
	op.attr.target = m->target;
	op.attr.set = m->opts.set;
	op.attr.clear = m->opts.clear;
	op.attr.rset = m->opts.rset;
	op.attr.rclear = m->opts.rclear;
	op.attr.propagation = m->opts.propagation;
	op.attr.propagation_recursive = m->opts.propagation_recursive;
	draft_child(m->d, op);
	return NULL;
}

static const struct kind {
	const char *type;
	struct err *(*plan)(struct mount_draft *m);
} kinds[] = {
	{ "proc", plan_proc },
	{ "sysfs", plan_sysfs },
	{ "tmpfs", plan_tmpfs },
	{ "devpts", plan_devpts },
	{ "mqueue", plan_mqueue },
	{ "cgroup", plan_cgroup_mount },
	{ "cgroup2", plan_cgroup_mount },
};

static struct err *plan_one(struct mount_draft *m)
{
	for (size_t i = 0; i < m->opts.idle.n; i++)
		draft_warn(m->d, "mounts[%zu].options: '%s' has no effect", m->number,
			m->opts.idle.items[i]);
	if (m->opts.bind)
		return plan_bind(m);
	if (m->opts.idmap || m->spec->uid_mappings.n)
		return err_new(ERR_USAGE, "uidMappings and gidMappings are only for bind mounts");
	if (m->opts.remount)
		return plan_remount(m);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (is_type(m, kinds[i].type))
			return kinds[i].plan(m);
	return plan_other(m);
}

/* A relative destination counts from the root, as if it had a slash. */
static const char *target_of(const struct spec_mount *spec, struct arena *a)
{
	return path_join(a, "/", spec->destination) + 1;
}

static struct err *prepare(struct mount_draft *m)
{
	struct err *e = mount_opts_parse(&m->spec->options, m->d->arena, &m->opts);
	if (e)
		return err_wrap(e, "options");
	if (m->spec->type && strcmp(m->spec->type, "bind") == 0)
		m->opts.bind = true;
	m->target = target_of(m->spec, m->d->arena);
	if (!*m->target)
		return err_new(ERR_USAGE, "the destination is the root itself");
	if (m->opts.no_symlink)
		m->flags |= MOUNT_NO_SYMLINK;
	return check_place(m);
}

/* A shared mount of a shared root: its source is cloned before the old root becomes a slave. */
static bool is_shared(const struct mount_draft *m)
{
	const char *root = m->d->spec->linux.rootfs_propagation;
	bool shared = root && (strcmp(root, "shared") == 0 || strcmp(root, "rshared") == 0);
	return shared && m->opts.bind && m->opts.propagation == MS_SHARED;
}

static struct err *each_mount(struct mount_draft *all, size_t n,
	struct err *(*plan)(struct mount_draft *m), bool (*only)(const struct mount_draft *m))
{
	for (size_t i = 0; i < n; i++) {
		struct err *e = only && !only(&all[i]) ? NULL : plan(&all[i]);
		if (e)
			return err_wrap(e, "mounts[%zu] (%s)", i, all[i].spec->destination);
	}
	return NULL;
}

struct err *plan_prepare_mounts(struct draft *d)
{
	size_t n = d->spec->mounts.n;
	const struct spec_mount *specs = d->spec->mounts.items;
	d->mounts = anew(d->arena, struct mount_draft, n);
	for (size_t i = 0; i < n; i++)
		d->mounts[i] = (struct mount_draft){ d, &specs[i], i, .slot = NO_SLOT };
	struct err *e = each_mount(d->mounts, n, prepare, NULL);
	return e ? e : each_mount(d->mounts, n, plan_bind_source, is_shared);
}

struct err *plan_mounts(struct draft *d)
{
	return each_mount(d->mounts, d->spec->mounts.n, plan_one, NULL);
}

bool plan_makes_dev(const struct draft *d)
{
	for (size_t i = 0; i < d->spec->mounts.n; i++)
		if (d->mounts[i].opts.bind && is_dev(&d->mounts[i]))
			return false;
	return true;
}
