#include "image/transfer.h"
#include "base/log.h"
#include "base/time.h"
#include "image/helper.h"
#include "image/instruct.h"

/* --- load ----------------------------------------------------------------------------------- */

struct answer_image {
	const char *manifest;
	struct text_list names;
};
#define IMAGE(member) MEMBER(struct answer_image, member)
static const struct field image_fields[] = {
	{ "manifest", IMAGE(manifest), .required = true },
	{ "names", IMAGE(names) },
};
static const struct schema image_schema = { SCHEMA(struct answer_image, image_fields) };

/* A name that is none is told and left out: the image is there by its id. */
static void complete_names(const struct text_list *raw, struct arena *a, struct text_list *out)
{
	for (size_t i = 0; i < raw->n; i++) {
		struct ref r = {};
		struct err *e = ref_parse(str_of(raw->items[i]), a, &r);
		if (e)
			log_warn("the archive has an image without a name that is valid: %s",
				e->text);
		else
			text_list_add(out, a, ref_name(&r, a));
		err_free(&e);
	}
}

/* An index has an entry for each name of an image. */
static void add_loaded(struct list *out, struct arena *a, const struct image *image)
{
	for (list_each(struct image, known, *out)) {
		if (strcmp(known->id, image->id) != 0)
			continue;
		for (size_t i = 0; i < image->names.n; i++)
			text_list_add(&known->names, a, image->names.items[i]);
		return;
	}
	((struct image *)out->items)[out->n++] = *image;
}

struct err *image_load(const struct image_store *s, int fd, struct arena *a, struct list *out)
{
	struct list answers;
	const struct helper_call call = {
		.operation = "load", .root = s->root, .in = fd, .out = -1
	};
	struct err *e = helper_run(&call, a, &answers);
	if (e)
		return e;
	struct image *images = anew(a, struct image, answers.n);
	*out = (struct list){ images, 0 };
	for (list_each(const struct json *, answer, answers)) {
		struct answer_image found = {};
		struct text_list names = {};
		struct image image;
		e = e ? e : decode(*answer, &image_schema, &found, a);
		if (!e) {
			complete_names(&found.names, a, &names);
			e = image_add(s, found.manifest, &names, a, &image);
		}
		if (e)
			break;
		image.names = names;
		add_loaded(out, a, &image);
	}
	return e;
}

/* --- save ----------------------------------------------------------------------------------- */

struct err *image_save(
	const struct image_store *s, const struct list *exports, int fd, struct arena *a)
{
	struct text_list args = {};
	struct list answers;
	for (list_each(const struct image_export, x, *exports)) {
		for (size_t i = 0; i < x->names.n; i++)
			text_list_add(&args, a,
				arena_fmt(a, "%s=%s", x->image->digest, x->names.items[i]));
		if (!x->names.n)
			text_list_add(&args, a, x->image->digest);
	}
	return helper_run(
		&(struct helper_call){
			.operation = "save", .root = s->root, .args = &args, .in = -1, .out = fd },
		a, &answers);
}

/* --- import --------------------------------------------------------------------------------- */

struct answer_layer {
	struct descriptor blob;
	const char *diff_id;
};
#define LAYER(member) MEMBER(struct answer_layer, member)
static const struct field layer_fields[] = {
	{ "digest", LAYER(blob.digest), .required = true },
	{ "size", LAYER(blob.size), .required = true },
	{ "mediaType", LAYER(blob.media_type), .required = true },
	{ "diffId", LAYER(diff_id), .required = true },
};
static const struct schema layer_schema = { SCHEMA(struct answer_layer, layer_fields) };

static const char *now(struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	time_show(time_now(), &text);
	return arena_str(a, str_of(buf_text(&text)));
}

/* What is known before anything is unpacked, and what is on top then. */
struct new_image {
	struct imgconf conf;
	struct imgconf_history step;
	struct text_list names;
	const struct image *base; /* or NULL */
};

static struct err *read_request(
	struct new_image *n, const char *name, const struct text_list *changes, struct arena *a)
{
	struct err *e = NULL;
	for (size_t i = 0; !e && i < changes->n; i++)
		e = instruct(changes->items[i], a, &n->conf.config);
	if (e || !name)
		return e;
	struct ref ref = {};
	e = ref_parse(str_of(name), a, &ref);
	if (!e && ref.digest)
		e = err_new(ERR_USAGE, "a new image can't be called by a digest");
	if (!e)
		text_list_add(&n->names, a, ref_name(&ref, a));
	return e;
}

/* The items of @below with one more of @size bytes behind them. */
static struct list appended(const struct list *below, const void *one, size_t size, struct arena *a)
{
	char *items = arena_alloc(a, size, below->n + 1);
	if (below->n)
		memcpy(items, below->items, below->n * size);
	memcpy(items + below->n * size, one, size);
	return (struct list){ items, below->n + 1 };
}

static struct err *put_image(const struct image_store *s, const struct new_image *n,
	const struct descriptor *layer, struct arena *a, const char **digest)
{
	cleanup(buf_done) struct buf conf_text = {}, text = {};
	struct digest d;
	struct manifest m = { .schema_version = 2, .media_type = MEDIA_MANIFEST };
	const struct list none = {};
	m.layers = appended(n->base ? &n->base->manifest.layers : &none, layer, sizeof(*layer), a);
	encode_text(&n->conf, &imgconf_schema, JSON_COMPACT, &conf_text);
	struct err *e = layout_put(&s->layout, (struct bytes){ conf_text.p, conf_text.n }, &d);
	if (e)
		return e;
	m.config = (struct descriptor){ .media_type = MEDIA_CONFIG,
		.digest = arena_str(a, str_of(d.text)),
		.size = (int64_t)conf_text.n };
	encode_text(&m, &manifest_schema, JSON_COMPACT, &text);
	e = layout_put(&s->layout, (struct bytes){ text.p, text.n }, &d);
	if (!e)
		*digest = arena_str(a, str_of(d.text));
	return e;
}

/* Makes the layer by @operation from @fd, and the image on top. */
static struct err *make_image(const struct image_store *s, struct new_image *n,
	const char *operation, int fd, struct arena *a, struct image *out)
{
	struct list answers;
	struct answer_layer layer = {};
	const char *digest;
	const struct text_list none = {};
	const struct text_list *chain = n->base ? &n->base->chain : &none;
	struct err *e = helper_run(&(struct helper_call){ .operation = operation,
					   .root = s->root,
					   .args = chain,
					   .in = fd,
					   .out = -1 },
		a, &answers);
	if (!e && answers.n != 1)
		e = err_new(ERR_SYSTEM, "onggi-archive has no answer");
	if (!e)
		e = decode(*(const struct json **)answers.items, &layer_schema, &layer, a);
	if (e)
		return e;
	n->conf.rootfs.type = "layers";
	text_list_add(&n->conf.rootfs.diff_ids, a, layer.diff_id);
	n->conf.history = appended(&n->conf.history, &n->step, sizeof(n->step), a);
	e = put_image(s, n, &layer.blob, a, &digest);
	return e ? e : image_add(s, digest, &n->names, a, out);
}

struct err *image_import(const struct image_store *s, const struct import_request *r,
	struct arena *a, struct image *out)
{
	struct new_image n = {
		.conf = { .created = now(a),
			.architecture = platform_architecture(),
			.os = "linux" },
	};
	n.step = (struct imgconf_history){ .created = n.conf.created,
		.created_by = arena_fmt(a, "import from %s", r->source),
		.comment = r->message };
	struct err *e = read_request(&n, r->name, &r->changes, a);
	return e ? e : make_image(s, &n, r->tree ? "commit" : "layer", r->fd, a, out);
}

/* The digests are copied: the list grows, and the base's may not. */
static void take_base(struct new_image *n, const struct image *base, struct arena *a)
{
	n->base = base;
	n->conf = base->conf;
	n->conf.rootfs.diff_ids = (struct text_list){};
	for (size_t i = 0; i < base->conf.rootfs.diff_ids.n; i++)
		text_list_add(&n->conf.rootfs.diff_ids, a, base->conf.rootfs.diff_ids.items[i]);
}

struct err *image_commit(const struct image_store *s, const struct commit_request *r,
	struct arena *a, struct image *out)
{
	struct new_image n = { .conf = { .architecture = platform_architecture(), .os = "linux" } };
	if (r->base)
		take_base(&n, r->base, a);
	n.conf.created = now(a);
	n.conf.author = r->author;
	n.conf.config = r->conf;
	n.step = (struct imgconf_history){ .created = n.conf.created,
		.created_by = r->created_by,
		.author = r->author,
		.comment = r->message };
	struct err *e = read_request(&n, r->name, &r->changes, a);
	return e ? e : make_image(s, &n, "commit", r->dir, a, out);
}
