/* What is mounted in a container: Docker's file systems, its own small files, and what was asked.
 */
#include "base/path.h"
#include "engine/merge.h"
#include "engine/volume.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct spec_mount *add(struct merge *m, const char *type, const char *source,
	const char *destination, const char *options)
{
	struct spec_mount *mount = merge_new(&m->spec->mounts, struct spec_mount, m->arena);
	*mount = (struct spec_mount){ .type = type, .source = source, .destination = destination };
	for (struct str rest = str_of(options); rest.n;)
		text_list_add(&mount->options, m->arena, arena_str(m->arena, str_cut(&rest, ',')));
	return mount;
}

static bool is_host(const char *word)
{
	return word && strcmp(word, "host") == 0;
}

/* True if somebody asked for something at that place. */
static bool taken(const struct merge *m, const char *target)
{
	for (list_each(const struct mount_request, r, m->request->mounts))
		if (strcmp(path_clean(m->arena, str_of(r->target)), target) == 0)
			return true;
	return false;
}

static void add_usual(struct merge *m)
{
	const struct container_request *r = m->request;
	const char *sys = r->privileged ? "nosuid,noexec,nodev" : "nosuid,noexec,nodev,ro";
	int64_t shm = r->shm_size.set ? r->shm_size.value : 64 << 20;
	add(m, "proc", "proc", "/proc", "nosuid,noexec,nodev");
	if (!taken(m, "/dev"))
		add(m, "tmpfs", "tmpfs", "/dev", "nosuid,strictatime,mode=755,size=65536k");
	add(m, "devpts", "devpts", "/dev/pts",
		"nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	if (!taken(m, "/sys"))
		add(m, "sysfs", "sysfs", "/sys", sys);
	if (!taken(m, "/sys/fs/cgroup"))
		add(m, "cgroup", "cgroup", "/sys/fs/cgroup", sys);
	add(m, "mqueue", "mqueue", "/dev/mqueue", "nosuid,noexec,nodev");
	if (taken(m, "/dev/shm"))
		return;
	if (is_host(r->ipc))
		add(m, "bind", "/dev/shm", "/dev/shm", "rbind,rprivate");
	else
		add(m, "tmpfs", "shm", "/dev/shm",
			arena_fmt(m->arena, "nosuid,noexec,nodev,mode=1777,size=%lld",
				(long long)shm));
}

static void add_file(struct merge *m, const char *name, const char *target)
{
	if (!taken(m, target))
		add(m, "bind", arena_fmt(m->arena, "%s/%s", m->container->dir, name), target,
			m->request->read_only ? "rbind,rprivate,ro" : "rbind,rprivate");
}

static const char propagations[] = "rprivate private rshared shared rslave slave";

static struct err *add_options(
	struct merge *m, const struct mount_request *r, struct spec_mount *out)
{
	const char *propagation = r->propagation ? r->propagation : "rprivate";
	if (!str_lists(str_of(propagations), ' ', str_of(propagation)))
		return err_new(ERR_USAGE, "invalid propagation: %s", propagation);
	text_list_add(&out->options, m->arena, "rbind");
	text_list_add(&out->options, m->arena, propagation);
	if (r->read_only)
		text_list_add(&out->options, m->arena, r->read_only_plain ? "ro" : "rro");
	return NULL;
}

static struct err *add_bind(struct merge *m, const struct mount_request *r)
{
	struct stat st;
	if (r->chown)
		return merge_refuse("a bind mount with U");
	if (!r->source || *r->source != '/')
		return err_new(ERR_USAGE, "invalid mount path: '%s' mount path must be absolute",
			r->source ? r->source : "");
	if (stat(r->source, &st) < 0)
		return err_sys(errno, "invalid mount config for type \"bind\": bind source path %s",
			r->source);
	return add_options(m, r, add(m, "bind", r->source, r->target, ""));
}

static struct err *add_volume(struct merge *m, const struct mount_request *r)
{
	if (r->chown)
		return merge_refuse("a volume with U");
	const char *dir = volume_path(m->engine, r->source, m->arena);
	if (r->subpath)
		return merge_refuse("a volume's subpath");
	return add_options(m, r, add(m, "bind", dir, r->target, ""));
}

static struct err *add_tmpfs(struct merge *m, const struct mount_request *r)
{
	struct spec_mount *out = add(m, "tmpfs", "tmpfs", r->target, "nosuid,nodev,noexec");
	if (r->tmpfs_size)
		text_list_add(&out->options, m->arena,
			arena_fmt(m->arena, "size=%lld", (long long)r->tmpfs_size));
	if (r->tmpfs_mode.set)
		text_list_add(&out->options, m->arena,
			arena_fmt(m->arena, "mode=%llo", (unsigned long long)r->tmpfs_mode.value));
	if (r->read_only)
		text_list_add(&out->options, m->arena, "ro");
	for (size_t i = 0; i < r->options.n; i++)
		text_list_add(&out->options, m->arena, r->options.items[i]);
	return NULL;
}

static const struct kind {
	const char *type;
	struct err *(*add)(struct merge *m, const struct mount_request *r);
} kinds[] = { { "bind", add_bind }, { "volume", add_volume }, { "tmpfs", add_tmpfs } };

static struct err *add_one(struct merge *m, const struct mount_request *r)
{
	const char *target = path_clean(m->arena, str_of(r->target));
	if (*target != '/' || !target[1])
		return err_new(ERR_USAGE,
			"invalid mount config: destination '%s' must be an absolute path other "
			"than /",
			r->target);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].type, r->type) == 0)
			return kinds[i].add(m, r);
	return err_new(ERR_USAGE, "mount type %s is not supported", r->type);
}

static size_t depth(const char *path)
{
	size_t n = 0;
	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* What lies below comes after what it lies in, else in the order asked; so is stable. */
static void sort(const struct mount_request **all, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && depth(all[j]->target) < depth(all[j - 1]->target);
			j--) {
			const struct mount_request *t = all[j];
			all[j] = all[j - 1];
			all[j - 1] = t;
		}
}

static void add_init(struct merge *m)
{
	if (m->request->init)
		add(m, "bind", arena_fmt(m->arena, "%s/onggi-init", m->engine->libexec),
			"/sbin/docker-init", "rbind,rprivate,ro");
}

struct err *merge_mounts(struct merge *m)
{
	const struct list *asked = &m->request->mounts;
	const struct mount_request **sorted =
		anew(m->arena, const struct mount_request *, asked->n);
	size_t n = 0;
	add_usual(m);
	add_file(m, "resolv.conf", "/etc/resolv.conf");
	add_file(m, "hostname", "/etc/hostname");
	add_file(m, "hosts", "/etc/hosts");
	add_init(m);
	for (list_each(const struct mount_request, r, *asked))
		sorted[n++] = r;
	sort(sorted, n);
	for (size_t i = 0; i < n; i++) {
		struct err *e = add_one(m, sorted[i]);
		if (e)
			return e;
	}
	return NULL;
}
