#include "cli/commands.h"
#include "cli/images.h"
#include <fnmatch.h>

struct images_args {
	bool all, digests, whole, quiet;
	const char *format;
	struct text_list filters;
};

/* One line: an image has one for each of its names. */
struct line {
	const struct image *image;
	const char *repository, *tag;
};

/* --- filters -------------------------------------------------------------------------------- */

struct wanted {
	const struct image_store *store;
	struct arena *arena;
	const struct images_args *args;
	const char *pattern; /* the operand */
};

static bool matches_name(const char *pattern, const struct line *l, struct arena *a)
{
	const char *full = arena_fmt(a, "%s:%s", l->repository, l->tag);
	return fnmatch(pattern, l->repository, FNM_PATHNAME) == 0 ||
	       fnmatch(pattern, full, FNM_PATHNAME) == 0;
}

static struct err *keep_dangling(
	const struct wanted *, const struct line *l, const char *value, bool *keep)
{
	bool yes = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	if (!yes && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return err_new(ERR_USAGE, "invalid filter 'dangling=%s'", value);
	*keep = yes == (l->image->names.n == 0);
	return NULL;
}

static struct err *keep_label(
	const struct wanted *, const struct line *l, const char *value, bool *keep)
{
	struct str text = str_of(value), key = str_cut(&text, '=');
	bool any = key.n == strlen(value);
	const struct text_map *labels = &l->image->conf.config.labels;
	*keep = false;
	for (size_t i = 0; i < labels->n; i++)
		if (str_eq(str_of(labels->items[i].key), key) &&
			(any || str_eq(str_of(labels->items[i].value ? labels->items[i].value : ""),
					text)))
			*keep = true;
	return NULL;
}

static struct err *keep_reference(
	const struct wanted *w, const struct line *l, const char *value, bool *keep)
{
	*keep = matches_name(value, l, w->arena);
	return NULL;
}

static struct err *compare(
	const struct wanted *w, const struct line *l, const char *value, bool before, bool *keep)
{
	struct image other;
	struct err *e = image_find(w->store, value, w->arena, &other);
	if (e)
		return e;
	int order = strcmp(
		l->image->created ? l->image->created : "", other.created ? other.created : "");
	*keep = before ? order < 0 : order > 0;
	return NULL;
}

static struct err *keep_before(
	const struct wanted *w, const struct line *l, const char *value, bool *keep)
{
	return compare(w, l, value, true, keep);
}

static struct err *keep_since(
	const struct wanted *w, const struct line *l, const char *value, bool *keep)
{
	return compare(w, l, value, false, keep);
}

static const struct {
	const char *name;
	struct err *(*keep)(
		const struct wanted *w, const struct line *l, const char *value, bool *keep);
} filters[] = {
	{ "before", keep_before },
	{ "dangling", keep_dangling },
	{ "label", keep_label },
	{ "reference", keep_reference },
	{ "since", keep_since },
};

static struct err *apply(
	const struct wanted *w, const char *filter, const struct line *l, bool *keep)
{
	struct str value = str_of(filter), name = str_cut(&value, '=');
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (str_eq(name, str_of(filters[i].name)))
			return filters[i].keep(w, l, arena_str(w->arena, value), keep);
	return err_new(ERR_USAGE, "invalid filter '" STR_FMT "'", STR_ARG(name));
}

/* All filters have to agree. */
static struct err *is_wanted(const struct wanted *w, const struct line *l, bool *keep)
{
	*keep = !w->pattern || matches_name(w->pattern, l, w->arena);
	struct err *e = NULL;
	for (size_t i = 0; !e && *keep && i < w->args->filters.n; i++)
		e = apply(w, w->args->filters.items[i], l, keep);
	return e;
}

/* --- forms ---------------------------------------------------------------------------------- */

static void add_row(
	struct table *t, const struct images_args *args, const struct line *l, struct arena *a)
{
	const struct image *i = l->image;
	const char *cells[6];
	size_t n = 0;
	cells[n++] = l->repository;
	cells[n++] = l->tag;
	if (args->digests)
		cells[n++] = i->digest;
	cells[n++] = show_id(i->id, args->whole, a);
	cells[n++] = show_age(i->created, a);
	cells[n++] = show_size(i->size, a);
	table_add(t, a, cells);
}

static void show_table(const struct images_args *args, const struct line *lines, size_t n,
	struct arena *a, struct buf *out)
{
	static const char *const plain[] = { "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE" };
	static const char *const digests[] = { "REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED",
		"SIZE" };
	struct table t = { .columns = args->digests ? 6 : 5 };
	table_add(&t, a, args->digests ? digests : plain);
	for (size_t i = 0; i < n; i++)
		add_row(&t, args, &lines[i], a);
	table_show(&t, out);
}

static void show_json(
	const struct images_args *args, const struct line *l, struct arena *a, struct buf *out)
{
	struct json_writer w = { .out = out };
	json_open(&w, NULL, '{');
	json_text(&w, "Containers", "N/A");
	json_text(&w, "CreatedAt", l->image->created ? l->image->created : "N/A");
	json_text(&w, "CreatedSince", show_age(l->image->created, a));
	json_text(&w, "Digest", args->digests ? l->image->digest : "<none>");
	json_text(&w, "ID", show_id(l->image->id, args->whole, a));
	json_text(&w, "Repository", l->repository);
	json_text(&w, "Size", show_size(l->image->size, a));
	json_text(&w, "Tag", l->tag);
	json_close(&w, '}');
	buf_add(out, "\n");
}

static void show_ids(const struct images_args *args, const struct line *lines, size_t n,
	struct arena *a, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		bool again = false;
		for (size_t k = 0; k < i; k++)
			again = again || strcmp(lines[k].image->id, lines[i].image->id) == 0;
		if (!again)
			buf_add(out, "%s\n", show_id(lines[i].image->id, args->whole, a));
	}
}

static void show(const struct images_args *args, const struct line *lines, size_t n,
	struct arena *a, struct buf *out)
{
	if (args->quiet) {
		show_ids(args, lines, n, a, out);
	} else if (strcmp(args->format, "table") == 0) {
		show_table(args, lines, n, a, out);
	} else {
		bool json = strcmp(args->format, "json") == 0;
		for (size_t i = 0; i < n; i++)
			if (json)
				show_json(args, &lines[i], a, out);
			else if (lines[i].image->names.n)
				buf_add(out, "%s:%s\n", lines[i].repository, lines[i].tag);
	}
}

/* --- the command ---------------------------------------------------------------------------- */

static struct err *add_lines(
	const struct wanted *w, const struct image *image, struct line *lines, size_t *n)
{
	struct err *e = NULL;
	for (size_t i = 0; !e && i < (image->names.n ? image->names.n : 1); i++) {
		struct line l = { image, "<none>", "<none>" };
		bool keep;
		if (image->names.n) {
			char *name = arena_str(w->arena,
				str_of(image_short_name(image->names.items[i], w->arena)));
			char *colon = strrchr(name, ':');
			*colon = '\0';
			l.repository = name;
			l.tag = colon + 1;
		}
		e = is_wanted(w, &l, &keep);
		if (!e && keep)
			lines[(*n)++] = l;
	}
	return e;
}

static struct err *run(struct cmd_call *call)
{
	cleanup(image_store_close) struct image_store store = {};
	cleanup(buf_done) struct buf out = {};
	struct wanted w = { &store, call->arena, call->args, call->operands[0] };
	struct list images = {};
	size_t room = 1, n = 0;
	struct err *e = images_open(call, &store);
	if (!e)
		e = image_list(&store, call->arena, &images);
	for (list_each(const struct image, image, images))
		room += image->names.n + 1;
	struct line *lines = anew(call->arena, struct line, room);
	for (list_each(const struct image, image, images))
		e = e ? e : add_lines(&w, image, lines, &n);
	if (e)
		return e;
	show(call->args, lines, n, call->arena, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

#define AT(member) offsetof(struct images_args, member)
static const struct opt options[] = {
	{ "all", 'a', OPT_FLAG, AT(all), NULL, "show all images (there are no hidden ones)" },
	{ "digests", 0, OPT_FLAG, AT(digests), NULL, "show the digests of manifests" },
	{ "filter", 'f', OPT_TEXTS, AT(filters), "filter",
		"show images for which it holds: before, dangling, label, reference, since" },
	{ "format", 0, OPT_TEXT, AT(format), "form", "form of the list", .preset = "table",
		.words = "table json names" },
	{ "no-trunc", 0, OPT_FLAG, AT(whole), NULL, "show whole ids" },
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "show ids alone" },
};

#define IMAGES(word)                                                                               \
	{                                                                                          \
		.name = word, .operands = "[repository[:tag]]", .summary = "List images",          \
		OPTS(struct images_args, options), .run = run, .failure = 1, .max = 1,             \
	}
const struct cmd cmd_images = IMAGES("images"), cmd_image_ls = IMAGES("ls");
