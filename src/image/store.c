#include "image/store.h"
#include "base/log.h"
#include "base/time.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

struct err *image_store_open(const char *root, struct image_store *out)
{
	cleanup(image_store_close) struct image_store s = { .root = root };
	cleanup(fd_close) struct fd dir = {};
	struct err *e = fd_open(&dir, AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
	if (!e)
		e = layout_open(fd_num(dir), "images", &s.layout);
	if (!e && mkdirat(fd_num(dir), "layers", 0711) < 0 && errno != EEXIST)
		e = err_sys(errno, "mkdir layers");
	if (!e)
		e = fd_open(&s.layers, fd_num(dir), "layers", O_RDONLY | O_DIRECTORY);
	if (e)
		return err_wrap(e, "opening the image store %s", root);
	*out = s;
	s = (struct image_store){};
	return NULL;
}

void image_store_close(struct image_store *s)
{
	layout_close(&s->layout);
	fd_close(&s->layers);
}

const char *image_short_name(const char *name, struct arena *a)
{
	struct ref r = {};
	struct err *e = ref_parse(str_of(name), a, &r);
	if (!e)
		return arena_fmt(a, "%s:%s", ref_short(&r, a), r.tag ? r.tag : "latest");
	err_free(&e);
	return name;
}

static const char *entry_name(const struct descriptor *d)
{
	return annotation_of(&d->annotations, ANNOTATION_NAME);
}

static bool lists(const struct text_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], text) == 0)
			return true;
	return false;
}

/* Where the layers are and how large they are; one that isn't unpacked is an error. */
static struct err *find_layers(const struct image_store *s, struct arena *a, struct image *image)
{
	struct err *e = layers_chain(&image->conf, a, &image->chain);
	if (e)
		return e;
	int64_t *sizes = anew(a, int64_t, image->chain.n);
	image->layer_sizes = (struct list){ sizes, image->chain.n };
	for (size_t i = 0; i < image->chain.n; i++) {
		const char *chain = image->chain.items[i];
		struct layer layer;
		e = layer_read(fd_num(s->layers), chain, a, &layer);
		if (e)
			return err_hint(e, "onggi fsck --repair unpacks layers again");
		sizes[i] = layer.size;
		image->size += layer.size;
		text_list_add(&image->layers, a,
			arena_fmt(a, "%s/layers/%s/diff", s->root, digest_hex(chain)));
	}
	return NULL;
}

static struct err *read_documents(
	const struct image_store *s, const char *digest, struct arena *a, struct image *image)
{
	struct str text;
	struct err *e = layout_read(&s->layout, digest, a, &text);
	if (!e)
		e = manifest_read(text, a, &image->manifest);
	if (!e)
		e = layout_read(&s->layout, image->manifest.config.digest, a, &image->conf_text);
	if (!e)
		e = imgconf_read(image->conf_text, a, &image->conf);
	if (!e && image->conf.rootfs.diff_ids.n != image->manifest.layers.n)
		e = err_new(ERR_SYSTEM, "its manifest has %zu layers, its configuration %zu",
			image->manifest.layers.n, image->conf.rootfs.diff_ids.n);
	return e;
}

static struct err *read_image(const struct image_store *s, const struct manifest *index,
	const char *digest, struct arena *a, struct image *out)
{
	struct image image = { .digest = digest };
	struct err *e = read_documents(s, digest, a, &image);
	if (!e)
		e = find_layers(s, a, &image);
	if (e)
		return err_wrap(e, "image %s", digest);
	image.id = image.manifest.config.digest;
	image.created = image.conf.created;
	for (list_each(const struct descriptor, d, index->manifests))
		if (strcmp(d->digest, digest) == 0 && entry_name(d))
			text_list_add(&image.names, a, entry_name(d));
	*out = image;
	return NULL;
}

/* The digests in the index, each once. */
static struct text_list digests_of(const struct manifest *index, struct arena *a)
{
	struct text_list out = {};
	for (list_each(const struct descriptor, d, index->manifests))
		if (!lists(&out, d->digest))
			text_list_add(&out, a, d->digest);
	return out;
}

static void tell(struct err **e)
{
	cleanup(buf_done) struct buf text = {};
	err_show(*e, &text);
	log_warn("%s", buf_text(&text));
	err_free(e);
}

static void read_all(const struct image_store *s, const struct manifest *index, struct arena *a,
	struct list *out)
{
	struct text_list digests = digests_of(index, a);
	struct image *images = anew(a, struct image, digests.n);
	*out = (struct list){ images, 0 };
	for (size_t i = 0; i < digests.n; i++) {
		struct err *e = read_image(s, index, digests.items[i], a, &images[out->n]);
		if (e)
			tell(&e);
		else
			out->n++;
	}
}

/* The moment an image was made, 0 if it does not say. */
static struct moment created(const struct image *image)
{
	struct moment m = {};
	struct err *e = image->created ? time_parse(str_of(image->created), &m) : NULL;
	err_free(&e);
	return m;
}

static int newest_first(const void *pa, const void *pb)
{
	const struct image *a = pa, *b = pb;
	struct moment ta = created(a), tb = created(b);
	if (ta.s != tb.s)
		return ta.s < tb.s ? 1 : -1;
	if (ta.ns != tb.ns)
		return ta.ns < tb.ns ? 1 : -1;
	return strcmp(a->digest, b->digest);
}

struct err *image_list(const struct image_store *s, struct arena *a, struct list *out)
{
	struct manifest index;
	struct err *e = layout_index(&s->layout, a, &index);
	if (e)
		return e;
	read_all(s, &index, a, out);
	if (out->n)
		qsort(out->items, out->n, sizeof(struct image), newest_first);
	return NULL;
}

/* The digest that @r means in the index, or NULL. */
static const char *find_name(const struct manifest *index, const struct ref *r, struct arena *a)
{
	const char *name = ref_name(r, a);
	size_t repository = strlen(r->domain) + 1 + strlen(r->path) + 1;
	for (list_each(const struct descriptor, d, index->manifests)) {
		const char *has = entry_name(d);
		if (!has)
			continue;
		if (r->digest ? strcmp(d->digest, r->digest) == 0 &&
					strncmp(has, name, repository) == 0
			      : strcmp(has, name) == 0)
			return d->digest;
	}
	return NULL;
}

static struct err *find_id(const struct image_store *s, const struct manifest *index,
	struct str hex, const char *text, struct arena *a, struct image *out)
{
	struct list all;
	const struct image *found = NULL;
	read_all(s, index, a, &all);
	for (list_each(const struct image, image, all)) {
		bool whole = hex.n == DIGEST_HEX && strcmp(digest_hex(image->digest), hex.p) == 0;
		if (!whole && strncmp(digest_hex(image->id), hex.p, hex.n) != 0)
			continue;
		if (found && strcmp(found->id, image->id) != 0)
			return err_new(ERR_CONFLICT,
				"several images have an id that begins with %s", text);
		found = image;
	}
	if (!found)
		return err_new(ERR_NOT_FOUND, "No such image: %s", text);
	*out = *found;
	return NULL;
}

static struct err *find(const struct image_store *s, const struct manifest *index, const char *text,
	struct arena *a, struct image *out)
{
	struct str hex = str_of(text);
	bool marked = strncmp(text, "sha256:", 7) == 0;
	if (marked)
		hex = str_of(text + 7);
	bool is_hex = digest_is_hex(hex);
	if (is_hex && (marked || hex.n == DIGEST_HEX))
		return find_id(s, index, hex, text, a, out);
	struct ref r = {};
	struct err *e = ref_parse(str_of(text), a, &r);
	if (e)
		return e;
	const char *digest = find_name(index, &r, a);
	if (digest)
		return read_image(s, index, digest, a, out);
	if (is_hex)
		return find_id(s, index, hex, text, a, out);
	return err_new(ERR_NOT_FOUND, "No such image: %s", text);
}

struct err *image_find(
	const struct image_store *s, const char *text, struct arena *a, struct image *out)
{
	struct manifest index;
	struct err *e = layout_index(&s->layout, a, &index);
	return e ? e : find(s, &index, text, a, out);
}

void image_history(const struct image *image, struct arena *a, struct list *out)
{
	const struct list *history = &image->conf.history;
	size_t n = history->n ? history->n : image->chain.n, layer = 0;
	struct image_step *steps = anew(a, struct image_step, n);
	const int64_t *sizes = image->layer_sizes.items;
	for (size_t i = 0; i < n; i++) {
		struct image_step *step = &steps[n - 1 - i];
		if (history->n) {
			const struct imgconf_history *h =
				&((const struct imgconf_history *)history->items)[i];
			*step = (struct image_step){ .created = h->created,
				.created_by = h->created_by,
				.comment = h->comment };
			if (h->empty_layer)
				continue;
		}
		if (layer < image->layer_sizes.n)
			step->size = sizes[layer++];
	}
	if (n)
		steps[0].id = image->id;
	*out = (struct list){ steps, n };
}
