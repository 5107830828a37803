#include "archive/add.h"
#include "archive/tree_tar.h"
#include "archive/unpack.h"
#include "base/log.h"
#include <fcntl.h>
#include <sys/stat.h>

const char *add_layer_media(enum source_form form)
{
	static const char *const media[SOURCE_FORMS] = {
		[SOURCE_PLAIN] = MEDIA_LAYER,
		[SOURCE_GZIP] = MEDIA_LAYER_GZIP,
		[SOURCE_ZSTD] = MEDIA_LAYER_ZSTD,
	};
	return media[form];
}

/* Layers on their way: unpacked, and without a name yet. */
struct adding {
	const struct image_store *store;
	struct arena *arena;
	struct text_list lowers; /* directories of all layers so far */
	struct layer_writer *writers;
	const char **chains;
	size_t n;
};

static void adding_done(struct adding *a)
{
	for (size_t i = 0; i < a->n; i++)
		layer_drop(&a->writers[i]);
}

static struct err *open_blob(const struct image_store *s, const char *digest, struct fd *out)
{
	struct err *e = fd_open(out, fd_num(s->layout.blobs), digest_hex(digest), O_RDONLY);
	return e ? err_wrap(e, "opening blob %s", digest) : NULL;
}

static const char *diff_dir(const struct adding *a, const char *name)
{
	return arena_fmt(a->arena, "%s/layers/%s/diff", a->store->root, name);
}

static void tell_devices(const struct unpacked *u)
{
	if (u->devices)
		log_warn("%lld devices were left out: making them needs root's rights",
			(long long)u->devices);
}

/* Unpacks the blob into a layer of its own; tells the digest of what was in it. */
static struct err *unpack_blob(struct adding *a, const char *blob, const char *parent,
	struct digest *diff_id, int64_t *bytes)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(fd_close) struct fd file = {};
	cleanup(source_close) struct source *source = NULL;
	struct layer_writer *w = &a->writers[a->n++];
	struct unpacked done = {};
	struct err *e = open_blob(a->store, blob, &file);
	if (!e)
		e = layer_begin(fd_num(a->store->layers), w);
	if (!e)
		e = source_open(fd_num(file), &scratch, &source);
	if (!e)
		e = unpack(&(struct unpack_request){ fd_num(w->diff), &a->lowers }, source, &done);
	if (!e)
		e = source_end(source, diff_id);
	if (e)
		return err_wrap(e, "layer %s", blob);
	tell_devices(&done);
	*bytes = done.size;
	text_list_add(&a->lowers, a->arena, diff_dir(a, w->name));
	return layer_end(w, &(struct layer){ .diff_id = diff_id->text,
				    .parent = parent,
				    .size = done.size,
				    .entries = done.entries });
}

/* Everything reaches the disk, then each gets its name. */
static struct err *commit(struct adding *a)
{
	if (a->n && syncfs(fd_num(a->store->layers)) < 0)
		return err_sys(errno, "sync the layers");
	struct err *e = NULL;
	for (size_t i = 0; !e && i < a->n; i++)
		e = layer_commit(&a->writers[i], a->chains[i]);
	if (!e && fsync(fd_num(a->store->layers)) < 0)
		e = err_sys(errno, "sync the layers' directory");
	return e;
}

static struct err *add_one(struct adding *a, const struct descriptor *blob, const char *chain,
	const char *parent, const char *diff_id)
{
	struct digest found;
	int64_t bytes;
	if (layer_exists(fd_num(a->store->layers), chain)) {
		text_list_add(&a->lowers, a->arena, diff_dir(a, digest_hex(chain)));
		return NULL;
	}
	a->chains[a->n] = chain;
	struct err *e = unpack_blob(a, blob->digest, parent, &found, &bytes);
	if (!e && strcmp(found.text, diff_id) != 0)
		e = err_new(ERR_USAGE, "layer %s: its content is %s, not %s as the image says",
			blob->digest, found.text, diff_id);
	return e;
}

struct err *add_layers(const struct image_store *s, const struct manifest *m,
	const struct imgconf *conf, struct arena *arena)
{
	cleanup(adding_done) struct adding a = { .store = s, .arena = arena };
	const struct descriptor *blobs = m->layers.items;
	struct text_list chain;
	if (m->layers.n != conf->rootfs.diff_ids.n)
		return err_new(ERR_USAGE, "the image has %zu layers and the digests of %zu",
			m->layers.n, conf->rootfs.diff_ids.n);
	if (m->layers.n > ADD_LAYERS)
		return err_new(ERR_USAGE, "the image has %zu layers; overlayfs takes %d",
			m->layers.n, ADD_LAYERS);
	struct err *e = layers_chain(conf, arena, &chain);
	a.writers = anew(arena, struct layer_writer, m->layers.n);
	a.chains = anew(arena, const char *, m->layers.n);
	for (size_t i = 0; !e && i < chain.n; i++)
		e = add_one(&a, &blobs[i], chain.items[i], i ? chain.items[i - 1] : NULL,
			conf->rootfs.diff_ids.items[i]);
	return e ? e : commit(&a);
}

/* --- new layers ----------------------------------------------------------------------------- */

static struct err *copy_raw(int fd, struct blob_writer *w, char *block)
{
	for (;;) {
		ssize_t n = read(fd, block, SOURCE_BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_sys(errno, "read the archive") : NULL;
		struct err *e = blob_add(w, block, (size_t)n);
		if (e)
			return e;
	}
}

static struct err *copy_plain(struct source *source, struct blob_writer *w)
{
	const void *p;
	size_t n = 1;
	struct err *e = NULL;
	while (!e && n) {
		e = source_next(source, &p, &n);
		if (!e && n)
			e = blob_add(w, p, n);
	}
	return e;
}

struct new_blob {
	struct digest digest;
	int64_t size;
	bool made;
	enum source_form form;
};

static struct err *write_blob(
	const struct image_store *s, int fd, struct source *source, struct new_blob *out)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(blob_drop) struct blob_writer w = {};
	struct err *e = blob_begin(&s->layout, &w);
	if (!e)
		e = source ? copy_plain(source, &w)
		           : copy_raw(fd, &w, arena_alloc(&scratch, 1, SOURCE_BLOCK));
	if (e)
		return e;
	out->size = w.size;
	return blob_end(&w, &out->digest, &out->made);
}

static void forget_blob(const struct image_store *s, const struct new_blob *b)
{
	if (b->made)
		unlinkat(fd_num(s->layout.blobs), digest_hex(b->digest.text), 0);
}

/* Images know gzip and zstd; of another compression what is in it is kept. */
static struct err *make_blob(const struct image_store *s, int fd, struct new_blob *out)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(source_close) struct source *source = NULL;
	cleanup(fd_close) struct fd file = {};
	struct new_blob raw = {};
	struct err *e = write_blob(s, fd, NULL, &raw);
	if (!e)
		e = open_blob(s, raw.digest.text, &file);
	if (!e)
		e = source_open(fd_num(file), &scratch, &source);
	if (!e)
		raw.form = source_form(source);
	*out = raw;
	if (e || add_layer_media(raw.form))
		return e;
	*out = (struct new_blob){};
	e = write_blob(s, -1, source, out);
	forget_blob(s, &raw);
	return e;
}

static struct err *unpack_new(struct adding *a, const struct text_list *below,
	const struct new_blob *blob, struct added_layer *out)
{
	const char *parent = below->n ? below->items[below->n - 1] : NULL;
	struct digest diff_id, chain;
	for (size_t i = 0; i < below->n; i++)
		text_list_add(&a->lowers, a->arena, diff_dir(a, digest_hex(below->items[i])));
	struct err *e = unpack_blob(a, blob->digest.text, parent, &diff_id, &out->bytes);
	if (e)
		return e;
	digest_chain(parent, diff_id.text, &chain);
	out->diff_id = arena_str(a->arena, str_of(diff_id.text));
	out->chain = a->chains[0] = arena_str(a->arena, str_of(chain.text));
	return commit(a);
}

static struct err *finish_new(struct adding *a, struct err *e, const struct text_list *below,
	const struct new_blob *blob, struct added_layer *out)
{
	if (!e)
		e = unpack_new(a, below, blob, out);
	if (e) {
		forget_blob(a->store, blob);
		return e;
	}
	out->blob = (struct descriptor){ .media_type = add_layer_media(blob->form),
		.digest = arena_str(a->arena, str_of(blob->digest.text)),
		.size = blob->size };
	return NULL;
}

static struct adding begin_new(const struct image_store *s, struct arena *arena)
{
	return (struct adding){ .store = s,
		.arena = arena,
		.writers = anew(arena, struct layer_writer, 1),
		.chains = anew(arena, const char *, 1) };
}

struct err *add_new_layer(const struct image_store *s, int fd, const struct text_list *below,
	struct arena *arena, struct added_layer *out)
{
	cleanup(adding_done) struct adding a = begin_new(s, arena);
	struct new_blob blob = {};
	struct err *e = make_blob(s, fd, &blob);
	return finish_new(&a, e, below, &blob, out);
}

static la_ssize_t put_in_blob(struct archive *out, void *with, const void *p, size_t n)
{
	struct err *e = blob_add(with, p, n);
	if (!e)
		return (la_ssize_t)n;
	archive_set_error(out, EIO, "%s", e->text);
	err_free(&e);
	return -1;
}

static struct err *tree_blob(const struct image_store *s, int dir, struct new_blob *out)
{
	cleanup(blob_drop) struct blob_writer w = {};
	struct archive *tar = NULL;
	struct err *e = blob_begin(&s->layout, &w);
	if (!e)
		e = tree_tar_new(&tar);
	if (!e && archive_write_open(tar, &w, NULL, put_in_blob, NULL) != ARCHIVE_OK)
		e = err_new(ERR_SYSTEM, "begin an archive: %s", archive_error_string(tar));
	if (!e)
		e = tree_tar(dir, TREE_LAYER, tar);
	if (tar)
		archive_write_free(tar);
	if (e)
		return e;
	out->size = w.size;
	return blob_end(&w, &out->digest, &out->made);
}

struct err *add_tree_layer(const struct image_store *s, int dir, const struct text_list *below,
	struct arena *arena, struct added_layer *out)
{
	cleanup(adding_done) struct adding a = begin_new(s, arena);
	struct new_blob blob = {};
	struct err *e = tree_blob(s, dir, &blob);
	return finish_new(&a, e, below, &blob, out);
}
