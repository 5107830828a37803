/* A container comes to be: its name, its directory, its record. */
#include "base/time.h"
#include "engine/container.h"
#include "engine/from_image.h"
#include "engine/guard.h"
#include "engine/merge.h"
#include "engine/names.h"
#include "engine/root.h"
#include "engine/volume.h"
#include "image/store.h"
#include "kernel/lock.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct err *absolute_dir(const char *path, struct arena *a, const char **out)
{
	struct stat st;
	char *resolved = realpath(path, NULL);
	if (!resolved || stat(resolved, &st) < 0)
		return err_sys(errno, "root file system %s", path);
	*out = arena_str(a, str_of(resolved));
	free(resolved);
	return S_ISDIR(st.st_mode) ? NULL : err_sys(ENOTDIR, "root file system %s", path);
}

/* A variable without a value has ours, or is left out. */
static void resolve_env(struct container_request *r, struct arena *a)
{
	struct text_list env = {};
	for (size_t i = 0; i < r->env.n; i++) {
		const char *item = r->env.items[i];
		const char *ours = strchr(item, '=') ? NULL : getenv(item);
		if (strchr(item, '='))
			text_list_add(&env, a, item);
		else if (ours)
			text_list_add(&env, a, arena_fmt(a, "%s=%s", item, ours));
	}
	r->env = env;
}

/* Without an image there is nothing to take over. */
static struct err *take_over(const struct engine *e, struct engine_container *c, struct arena *a)
{
	static const struct imgconf_run nothing;
	cleanup(image_store_close) struct image_store store = {};
	struct container_record *rec = &c->record;
	struct image image = {};
	if (rec->request.rootfs) {
		from_image(&nothing, a, &rec->request, &rec->args);
		return absolute_dir(rec->request.rootfs, a, &rec->request.rootfs);
	}
	struct err *bad = image_store_open(e->root, &store);
	if (!bad)
		bad = image_find(&store, rec->request.image, a, &image);
	if (bad && bad->kind == ERR_NOT_FOUND)
		bad = err_hint(
			bad, "load or import it first: nothing is fetched from registries yet");
	if (bad)
		return bad;
	rec->image_id = image.id;
	rec->image_name = rec->request.image;
	rec->layers = image.layers;
	from_image(&image.conf.config, a, &rec->request, &rec->args);
	return NULL;
}

/* Volumes and missing directories of the host are made before the container that has them. */
static struct err *make_sources(
	const struct engine *e, struct container_record *rec, struct arena *a)
{
	for (list_each(struct mount_request, m, rec->request.mounts)) {
		struct err *bad = NULL;
		bool made = false, anonymous = !m->source;
		if (strcmp(m->type, "volume") == 0) {
			struct volume v = { .name = m->source };
			bad = volume_make(e, &v, a, &made);
			m->source = v.name;
			if (!bad && anonymous)
				text_list_add(&rec->anonymous, a, v.name);
		} else if (strcmp(m->type, "bind") == 0 && m->create_source && m->source &&
			   access(m->source, F_OK) < 0 && mkdir(m->source, 0755) < 0) {
			bad = err_sys(errno, "make %s", m->source);
		}
		if (bad)
			return bad;
	}
	return NULL;
}

static bool has_target(const struct list *mounts, const char *target)
{
	for (list_each(const struct mount_request, m, *mounts))
		if (strcmp(m->target, target) == 0)
			return true;
	return false;
}

/* "container[:ro]": its volumes and directories, where nothing else is asked for. */
static struct err *borrow_from(
	const struct engine *e, const char *text, struct arena *a, struct container_request *r)
{
	struct engine_container other;
	struct str mode = str_of(text), name = str_cut(&mode, ':');
	if (mode.n && !str_lists(STR("ro rw z"), ' ', mode))
		return err_new(ERR_USAGE, "invalid mode for volumes-from: " STR_FMT, STR_ARG(mode));
	struct err *bad = container_find(e, arena_str(a, name), a, &other);
	if (bad)
		return bad;
	for (list_each(const struct mount_request, m, other.record.request.mounts)) {
		if (strcmp(m->type, "tmpfs") == 0 || has_target(&r->mounts, m->target))
			continue;
		struct mount_request *copy = merge_new(&r->mounts, struct mount_request, a);
		*copy = *m;
		copy->read_only |= str_eq(mode, STR("ro"));
	}
	return NULL;
}

static struct err *borrow(const struct engine *e, struct container_request *r, struct arena *a)
{
	struct err *bad = NULL;
	for (size_t i = 0; !bad && i < r->volumes_from.n; i++)
		bad = borrow_from(e, r->volumes_from.items[i], a, r);
	return bad ? err_wrap(bad, "--volumes-from") : NULL;
}

/* Everything that can be refused before anything is made. */
static struct err *try_merge(const struct engine *e, struct engine_container *c, struct arena *a)
{
	struct spec spec = {};
	struct cgroup_host *host = anew(a, struct cgroup_host, 1);
	struct merge m = { .arena = a,
		.engine = e,
		.container = c,
		.request = &c->record.request,
		.root = -1,
		.cgroups = host,
		.spec = &spec };
	struct err *bad = cgroup_host_read(a, host);
	return bad ? bad : merge_spec(&m);
}

static struct err *claim_name(const struct engine *e, struct engine_container *c, struct arena *a)
{
	if (c->record.name)
		return name_claim(e, c->record.name, c->id, a);
	for (int tries = 0;; tries++) {
		struct err *bad = name_random(a, &c->record.name);
		if (!bad)
			bad = name_claim(e, c->record.name, c->id, a);
		if (!bad || bad->kind != ERR_CONFLICT || tries == 20)
			return bad;
		err_free(&bad);
	}
}

/* The directory is locked before anybody can find it by its name. */
static struct err *make_dir(const struct engine *e, struct engine_container *c, struct guard *g)
{
	bool taken;
	if (mkdir(c->dir, 0711) < 0)
		return err_sys(errno, "make %s", c->dir);
	struct err *bad = fd_open(&g->dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	if (!bad)
		bad = lock_take(fd_num(g->dir), 0, &taken);
	(void)e;
	return bad;
}

static void begin(const struct engine *e, const struct container_request *r, struct arena *a,
	struct engine_container *c)
{
	cleanup(buf_done) struct buf now = {};
	time_show(time_now(), &now);
	c->dir = engine_path(e, a, "containers/%s", c->id);
	c->run_dir = arena_fmt(a, "%s/@monitor/%s", e->run_root, c->id);
	c->record.id = c->id;
	c->record.name = r->name;
	c->record.created = arena_str(a, str_of(buf_text(&now)));
	c->record.request = *r;
	resolve_env(&c->record.request, a);
	/* What is changed in it is not the caller's. */
	struct list mounts = {};
	for (list_each(const struct mount_request, m, r->mounts))
		*merge_new(&mounts, struct mount_request, a) = *m;
	c->record.request.mounts = mounts;
}

static struct err *undo(
	const struct engine *e, struct engine_container *c, struct err *cause, struct arena *a)
{
	struct err *bad = name_release(e, c->record.name, c->id, a);
	err_free(&bad);
	bad = tree_remove(fd_num(e->dir), arena_fmt(a, "containers/%s", c->id));
	err_free(&bad);
	return cause;
}

static struct err *fill(
	const struct engine *e, struct engine_container *c, struct guard *g, struct arena *a)
{
	struct err *bad = root_make(c);
	if (!bad)
		bad = claim_name(e, c, a);
	if (!bad)
		bad = make_sources(e, &c->record, a);
	return bad ? bad : container_record_write(fd_num(g->dir), &c->record);
}

struct err *container_make(const struct engine *e, const struct container_request *r,
	struct arena *a, struct engine_container *out)
{
	struct engine_container c = {};
	cleanup(guard_release) struct guard g = {};
	if (!state_is_host_root())
		return err_hint(
			merge_refuse("running containers without root's rights"), "run as root");
	struct err *bad = name_new_id(a, &c.id);
	if (bad)
		return bad;
	begin(e, r, a, &c);
	bad = borrow(e, &c.record.request, a);
	if (!bad)
		bad = take_over(e, &c, a);
	if (!bad && r->name)
		bad = name_check(r->name);
	if (!bad)
		bad = try_merge(e, &c, a);
	if (!bad)
		bad = make_dir(e, &c, &g);
	if (bad)
		return bad;
	bad = fill(e, &c, &g, a);
	if (bad)
		return undo(e, &c, bad, a);
	*out = c;
	return NULL;
}
