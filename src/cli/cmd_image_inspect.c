#include "cli/commands.h"
#include "cli/format.h"
#include "cli/images.h"

struct inspect_args {
	const char *format;
};

/* What Docker's tools and scripts read; members that have no meaning here are there and empty. */
static void write_texts(struct json_writer *w, const char *key, const struct text_list *l)
{
	json_open(w, key, '[');
	for (size_t i = 0; i < l->n; i++)
		json_text(w, NULL, l->items[i]);
	json_close(w, ']');
}

static void write_names(struct json_writer *w, const struct image *image, struct arena *a)
{
	json_open(w, "RepoTags", '[');
	for (size_t i = 0; i < image->names.n; i++)
		json_text(w, NULL, image_short_name(image->names.items[i], a));
	json_close(w, ']');
	json_open(w, "RepoDigests", '[');
	for (size_t i = 0; i < image->names.n; i++) {
		struct ref r = {};
		struct err *e = ref_parse(str_of(image->names.items[i]), a, &r);
		if (!e)
			json_text(w, NULL, arena_fmt(a, "%s@%s", ref_short(&r, a), image->digest));
		err_free(&e);
	}
	json_close(w, ']');
}

/* The directories, as overlayfs takes them: the topmost first. */
static void write_driver(struct json_writer *w, const struct image *image, struct arena *a)
{
	cleanup(buf_done) struct buf lower = {};
	for (size_t i = image->layers.n; i-- > 0;)
		buf_add(&lower, "%s%s", lower.n ? ":" : "", image->layers.items[i]);
	json_open(w, "GraphDriver", '{');
	json_open(w, "Data", '{');
	json_text(w, "LowerDir", arena_str(a, str_of(buf_text(&lower))));
	json_close(w, '}');
	json_text(w, "Name", "overlay2");
	json_close(w, '}');
}

static const char *comment_of(const struct image *image)
{
	const struct list *h = &image->conf.history;
	const struct imgconf_history *steps = h->items;
	return h->n && steps[h->n - 1].comment ? steps[h->n - 1].comment : "";
}

void images_inspect(struct json_writer *w, const struct image *image, struct arena *a)
{
	const struct imgconf *c = &image->conf;
	json_text(w, "Id", image->id);
	write_names(w, image, a);
	json_text(w, "Parent", "");
	json_text(w, "Comment", comment_of(image));
	json_text(w, "Created", c->created ? c->created : "");
	json_text(w, "DockerVersion", "");
	json_text(w, "Author", c->author ? c->author : "");
	encode(&c->config, &imgconf_run_schema, "Config", w);
	json_text(w, "Architecture", c->architecture ? c->architecture : "");
	if (c->variant)
		json_text(w, "Variant", c->variant);
	json_text(w, "Os", c->os ? c->os : "");
	json_int(w, "Size", image->size);
	json_int(w, "VirtualSize", image->size);
	write_driver(w, image, a);
	json_open(w, "RootFS", '{');
	json_text(w, "Type", "layers");
	write_texts(w, "Layers", &c->rootfs.diff_ids);
	json_close(w, '}');
	json_open(w, "Metadata", '{');
	json_text(w, "LastTagTime", "0001-01-01T00:00:00Z");
	json_close(w, '}');
}

/* What is there is shown, also if something else isn't. */
static struct err *run(struct cmd_call *call)
{
	const struct inspect_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = call->arena };
	cleanup(buf_done) struct buf out = {};
	struct err *e = images_open(call, &store);
	if (e)
		return e;
	for (int i = 0; !e && i < call->n_operands; i++) {
		struct image image;
		e = image_find(&store, call->operands[i], call->arena, &image);
		if (!e)
			images_inspect(format_row(&rows), &image, call->arena);
	}
	struct err *unsaid = format_inspect(&rows, args->format, &out);
	if (!unsaid)
		unsaid = fd_write_all(STDOUT_FILENO, out.p, out.n);
	if (!e)
		return unsaid;
	err_free(&unsaid);
	return e;
}

static const struct opt options[] = {
	{ "format", 'f', OPT_TEXT, offsetof(struct inspect_args, format), "form",
		"json, or a Go template: '{{.Id}}'" },
};

const struct cmd cmd_image_inspect = {
	.name = "inspect",
	.operands = "image...",
	.summary = "Show all about images, as JSON",
	OPTS(struct inspect_args, options),
	.min = 1,
	.max = CMD_ANY,
	.complete = "images --format names",
	.run = run,
	.failure = 1,
};
