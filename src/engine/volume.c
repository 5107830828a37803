#include "engine/volume.h"
#include "base/encode.h"
#include "base/time.h"
#include "engine/find.h"
#include "engine/names.h"
#include "kernel/file.h"
#include "kernel/tree.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct field fields[] = {
	{ "created", MEMBER(struct volume, created) },
	{ "anonymous", MEMBER(struct volume, anonymous) },
	{ "labels", MEMBER(struct volume, labels) },
};
static const struct schema schema = { SCHEMA(struct volume, fields) };

const char *volume_path(const struct engine *e, const char *name, struct arena *a)
{
	return engine_path(e, a, "volumes/%s/data", name);
}

static struct err *open_volume(
	const struct engine *e, const char *name, struct arena *a, struct fd *out)
{
	return fd_open(out, fd_num(e->dir), arena_fmt(a, "volumes/%s", name),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

static struct err *fill(int dir, const struct volume *v)
{
	cleanup(buf_done) struct buf text = {};
	if (mkdirat(dir, "data", 0755) < 0 && errno != EEXIST)
		return err_sys(errno, "make volume %s", v->name);
	encode_text(v, &schema, JSON_INDENTED, &text);
	return file_replace(dir, "volume.json", 0600, (struct bytes){ buf_text(&text), text.n });
}

struct err *volume_make(const struct engine *e, struct volume *v, struct arena *a, bool *made)
{
	cleanup(buf_done) struct buf now = {};
	cleanup(fd_close) struct fd dir = {};
	v->anonymous = !v->name;
	struct err *bad = v->name ? name_check(v->name) : name_new_id(a, &v->name);
	if (bad)
		return bad;
	int there = mkdirat(fd_num(e->dir), arena_fmt(a, "volumes/%s", v->name), 0711);
	if (there < 0 && errno != EEXIST)
		return err_sys(errno, "make volume %s", v->name);
	v->path = volume_path(e, v->name, a);
	*made = there == 0;
	if (there < 0 && access(v->path, F_OK) == 0)
		return NULL;
	time_show(time_now(), &now);
	v->created = arena_str(a, str_of(buf_text(&now)));
	bad = open_volume(e, v->name, a, &dir);
	return bad ? bad : fill(fd_num(dir), v);
}

struct err *volume_find(
	const struct engine *e, const char *name, struct arena *a, struct volume *out)
{
	cleanup(fd_close) struct fd dir = {};
	cleanup(buf_done) struct buf text = {};
	struct volume v = {};
	struct err *bad = name_check(name);
	err_free(&bad);
	if (!strchr(name, '/') && *name != '.')
		bad = open_volume(e, name, a, &dir);
	if (bad && bad->kind != ERR_NOT_FOUND)
		return bad;
	if (bad || !fd_valid(dir)) {
		err_free(&bad);
		return err_new(ERR_NOT_FOUND, "get %s: no such volume", name);
	}
	bad = file_read(fd_num(dir), "volume.json", 1 << 20, &text);
	if (!bad)
		bad = decode_text(
			(struct str){ buf_text(&text), text.n }, "volume.json", &schema, &v, a);
	v.name = arena_str(a, str_of(name));
	v.path = volume_path(e, name, a);
	if (!bad)
		*out = v;
	return bad;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct volume *)a)->name, ((const struct volume *)b)->name);
}

struct err *volume_all(const struct engine *e, struct arena *a, struct list *out)
{
	int fd = openat(fd_num(e->dir), "volumes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct text_list names = {};
	if (!dir)
		return err_sys(errno, "%s/volumes", e->root);
	for (const struct dirent *d; (d = readdir(dir));)
		if (*d->d_name != '.')
			text_list_add(&names, a, arena_str(a, str_of(d->d_name)));
	closedir(dir);
	struct volume *all = anew(a, struct volume, names.n);
	size_t n = 0;
	for (size_t i = 0; i < names.n; i++) {
		struct err *bad = volume_find(e, names.items[i], a, &all[n]);
		n += !bad;
		err_free(&bad); /* one that is being made or removed */
	}
	if (n)
		qsort(all, n, sizeof(*all), by_name);
	*out = (struct list){ all, n };
	return NULL;
}

/* The container that has the volume, or NULL. */
static struct err *user_of(
	const struct engine *e, const char *name, struct arena *a, const char **out)
{
	struct list all;
	struct err *bad = container_all(e, a, &all);
	if (bad)
		return bad;
	for (list_each(const struct engine_container, c, all))
		for (list_each(const struct mount_request, m, c->record.request.mounts))
			if (strcmp(m->type, "volume") == 0 && m->source &&
				strcmp(m->source, name) == 0)
				*out = c->id;
	return NULL;
}

struct err *volume_remove(const struct engine *e, const char *name, struct arena *a)
{
	struct volume v;
	const char *user = NULL;
	struct err *bad = volume_find(e, name, a, &v);
	if (!bad)
		bad = user_of(e, name, a, &user);
	if (!bad && user)
		bad = err_new(ERR_CONFLICT, "remove %s: volume is in use - [%s]", name, user);
	return bad ? bad : tree_remove(fd_num(e->dir), arena_fmt(a, "volumes/%s", name));
}
