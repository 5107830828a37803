#include "cli/images.h"
#include "base/time.h"
#include "cli/globals.h"
#include "kernel/file.h"
#include <dirent.h>
#include <fcntl.h>
#include <math.h>

struct err *images_open(const struct cmd_call *call, struct image_store *out)
{
	const struct globals *g = call->global;
	cleanup(engine_close) struct engine engine = {};
	const struct engine_options o = { .root = g->root, .run_root = g->run_root };
	struct err *e = engine_open(&o, call->arena, &engine);
	return e ? e : image_store_open(engine.root, out);
}

/* --- who uses images ------------------------------------------------------------------------ */

/* A container's record says the id of its image. One that can't be read counts for none. */
static void read_user(int dir, const char *id, struct images_in_use *out)
{
	enum { LIMIT = 4 << 20 };
	cleanup(buf_done) struct buf text = {};
	const struct json *doc = NULL;
	const char *path = arena_fmt(out->arena, "%s/record.json", id);
	struct err *e = file_read(dir, path, LIMIT, &text);
	if (!e)
		e = json_read((struct str){ buf_text(&text), text.n }, path, out->arena, &doc);
	const struct json *image = e ? NULL : json_get(doc, "imageId");
	if (image && image->type == JSON_TEXT) {
		text_list_add(&out->ids, out->arena, arena_str(out->arena, image->text));
		text_list_add(
			&out->users, out->arena, arena_fmt(out->arena, "container %.12s", id));
	}
	const struct json *layers = e ? NULL : json_get(doc, "layers");
	if (layers && layers->type == JSON_LIST)
		for (const struct json *l = layers->first; l; l = l->next)
			if (l->type == JSON_TEXT)
				text_list_add(&out->layers, out->arena, l->text.p);
	err_free(&e);
}

struct err *images_in_use(const struct image_store *s, struct arena *a, struct images_in_use *out)
{
	const char *path = arena_fmt(a, "%s/containers", s->root);
	*out = (struct images_in_use){ .arena = a };
	DIR *dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? NULL : err_sys(errno, "list %s", path);
	for (const struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			read_user(dirfd(dir), entry->d_name, out);
	closedir(dir);
	return NULL;
}

const char *images_user(void *with, const struct image *image)
{
	const struct images_in_use *use = with;
	for (size_t i = 0; i < use->ids.n; i++)
		if (strcmp(use->ids.items[i], image->id) == 0)
			return use->users.items[i];
	return NULL;
}

/* --- how things are shown ------------------------------------------------------------------- */

const char *show_size(int64_t bytes, struct arena *a)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double n = (double)bytes;
	size_t unit = 0;
	for (; n >= 1000 && unit + 1 < ARRAY_LEN(units); unit++)
		n /= 1000;
	return arena_fmt(a, "%.3g%s", n, units[unit]);
}

/* Ages by the first row whose limit (in seconds) is not reached. */
static const struct {
	double limit, unit;
	const char *one, *many; /* one: where it is about one; NULL: always many */
} ages[] = {
	{ 1, 1, "Less than a second", "Less than a second" },
	{ 60, 1, "1 second", "%d seconds" },
	{ 3600, 60, "About a minute", "%d minutes" },
	{ 48 * 3600, 3600, "About an hour", "%d hours" },
	{ 14 * 86400, 86400, NULL, "%d days" },
	{ 60 * 86400, 7 * 86400, NULL, "%d weeks" },
	{ 730 * 86400.0, 30 * 86400, NULL, "%d months" },
	{ INFINITY, 365 * 86400.0, NULL, "%d years" },
};

static const char *age_text(double seconds, struct arena *a)
{
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		if (seconds >= ages[i].limit)
			continue;
		double n = seconds / ages[i].unit;
		/* Hours are rounded, the rest is cut off. */
		int whole = (int)(ages[i].unit == 3600 ? n + 0.5 : n);
		if (i == 0 || (whole <= 1 && ages[i].one))
			return ages[i].one;
		const char *unit = strchr(ages[i].many, ' ');
		return arena_fmt(a, "%d%s", whole, unit);
	}
	return "";
}

const char *show_age(const char *moment, struct arena *a)
{
	struct moment then, now = time_now();
	struct err *e = moment ? time_parse(str_of(moment), &then) : err_new(ERR_USAGE, "none");
	bool known = !e;
	err_free(&e);
	if (!known)
		return "N/A";
	return arena_fmt(a, "%s ago", age_text((double)(now.s - then.s), a));
}

const char *show_id(const char *id, bool whole, struct arena *a)
{
	return whole ? id : arena_fmt(a, "%.12s", digest_hex(id));
}

void table_add(struct table *t, struct arena *a, const char *const *cells)
{
	if (t->rows == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		const char **bigger = anew(a, const char *, room * t->columns);
		if (t->rows)
			memcpy(bigger, t->cells, t->rows * t->columns * sizeof(*bigger));
		t->cells = bigger;
		t->room = room;
	}
	memcpy(&t->cells[t->rows++ * t->columns], cells, t->columns * sizeof(*cells));
}

static size_t width_of(const struct table *t, size_t column)
{
	size_t width = 0;
	for (size_t row = 0; row < t->rows; row++) {
		size_t n = strlen(t->cells[row * t->columns + column]);
		width = n > width ? n : width;
	}
	return width;
}

void table_show(const struct table *t, struct buf *out)
{
	enum { GAP = 3 };
	for (size_t row = 0; row < t->rows; row++)
		for (size_t i = 0; i < t->columns; i++) {
			const char *cell = t->cells[row * t->columns + i];
			if (i + 1 == t->columns)
				buf_add(out, "%s\n", cell);
			else
				buf_add(out, "%-*s", (int)(width_of(t, i) + GAP), cell);
		}
}
