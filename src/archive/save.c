#include "archive/save.h"
#include "archive/source.h"
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

struct saving {
	const struct image_store *store;
	struct arena *arena;
	const struct list *images;
	struct manifest *manifests; /* one an image */
	struct text_list blobs;     /* each once, sorted */
	struct archive *out;
};

static void saving_done(struct saving *s)
{
	if (s->out)
		archive_write_free(s->out);
}

static struct err *out_error(const struct saving *s)
{
	const char *text = archive_error_string(s->out);
	return err_new(ERR_SYSTEM, "write the archive: %s", text ? text : "no reason is known");
}

/* No times and no owners, so that the same image is the same archive. */
static struct err *begin_entry(const struct saving *s, const char *name, mode_t type, int64_t size)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return err_new(ERR_SYSTEM, "no memory");
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, type == AE_IFDIR ? 0755 : 0644);
	archive_entry_set_size(entry, size);
	archive_entry_set_mtime(entry, 0, 0);
	int result = archive_write_header(s->out, entry);
	archive_entry_free(entry);
	return result == ARCHIVE_OK ? NULL : out_error(s);
}

static struct err *put_data(const struct saving *s, const void *p, size_t n)
{
	return archive_write_data(s->out, p, n) == (la_ssize_t)n ? NULL : out_error(s);
}

static struct err *put_text(const struct saving *s, const char *name, const struct buf *text)
{
	struct err *e = begin_entry(s, name, AE_IFREG, (int64_t)text->n);
	return e ? e : put_data(s, text->p, text->n);
}

static struct err *put_blob(const struct saving *s, const char *digest)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(fd_close) struct fd file = {};
	struct stat st;
	struct sha256 sum;
	struct digest found;
	char *block = arena_alloc(&scratch, 1, SOURCE_BLOCK);
	struct err *e =
		fd_open(&file, fd_num(s->store->layout.blobs), digest_hex(digest), O_RDONLY);
	if (!e && fstat(fd_num(file), &st) < 0)
		e = err_sys(errno, "fstat");
	if (!e)
		e = begin_entry(s, arena_fmt(&scratch, "blobs/sha256/%s", digest_hex(digest)),
			AE_IFREG, st.st_size);
	sha256_init(&sum);
	for (ssize_t n = 1; !e && n;) {
		n = read(fd_num(file), block, SOURCE_BLOCK);
		if (n < 0)
			e = err_sys(errno, "read");
		if (!e && n)
			e = put_data(s, block, (size_t)n);
		if (!e)
			sha256_add(&sum, block, (size_t)n);
	}
	if (e)
		return err_wrap(e, "blob %s", digest);
	digest_end(&sum, &found);
	return strcmp(found.text, digest) == 0
	               ? NULL
	               : err_new(ERR_SYSTEM, "blob %s is damaged: its content is %s", digest,
				 found.text);
}

static void add_blob(struct saving *s, const char *digest)
{
	for (size_t i = 0; i < s->blobs.n; i++)
		if (strcmp(s->blobs.items[i], digest) == 0)
			return;
	text_list_add(&s->blobs, s->arena, digest);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct err *read_manifests(struct saving *s)
{
	struct err *e = NULL;
	const struct loaded *images = s->images->items;
	s->manifests = anew(s->arena, struct manifest, s->images->n);
	for (size_t i = 0; !e && i < s->images->n; i++) {
		struct str text;
		struct manifest *m = &s->manifests[i];
		e = layout_read(&s->store->layout, images[i].manifest, s->arena, &text);
		if (!e)
			e = manifest_read(text, s->arena, m);
		if (e)
			break;
		add_blob(s, images[i].manifest);
		add_blob(s, m->config.digest);
		for (list_each(const struct descriptor, d, m->layers))
			add_blob(s, d->digest);
	}
	if (s->blobs.n)
		qsort(s->blobs.items, s->blobs.n, sizeof(*s->blobs.items), by_text);
	return e;
}

/* An entry of index.json: the tag alone is the name that OCI tools select by. */
static struct descriptor index_entry(
	const struct saving *s, const char *digest, int64_t size, const char *name)
{
	struct descriptor d = { .media_type = MEDIA_MANIFEST, .digest = digest, .size = size };
	if (!name)
		return d;
	const char *tag = strrchr(name, ':');
	struct text_pair *pairs = anew(s->arena, struct text_pair, 2);
	pairs[0] = (struct text_pair){ ANNOTATION_CONTAINERD_NAME, name };
	pairs[1] = (struct text_pair){ ANNOTATION_NAME, tag ? tag + 1 : name };
	d.annotations = (struct text_map){ pairs, 2 };
	return d;
}

static struct err *put_index(const struct saving *s)
{
	cleanup(buf_done) struct buf text = {};
	size_t n = 0;
	const struct loaded *images = s->images->items;
	for (size_t i = 0; i < s->images->n; i++)
		n += images[i].names.n ? images[i].names.n : 1;
	struct descriptor *entries = anew(s->arena, struct descriptor, n);
	struct manifest index = {
		.schema_version = 2, .media_type = MEDIA_INDEX, .manifests = { entries, 0 }
	};
	for (size_t i = 0; i < s->images->n; i++) {
		struct stat st = {};
		const struct text_list *names = &images[i].names;
		fstatat(fd_num(s->store->layout.blobs), digest_hex(images[i].manifest), &st, 0);
		for (size_t k = 0; k < (names->n ? names->n : 1); k++)
			entries[index.manifests.n++] = index_entry(s, images[i].manifest,
				st.st_size, names->n ? names->items[k] : NULL);
	}
	encode_text(&index, &index_schema, JSON_COMPACT, &text);
	return put_text(s, "index.json", &text);
}

static void blob_path(
	const struct saving *s, struct json_writer *w, const char *key, const char *digest)
{
	json_text(w, key, arena_fmt(s->arena, "blobs/sha256/%s", digest_hex(digest)));
}

static struct err *put_docker(const struct saving *s)
{
	cleanup(buf_done) struct buf text = {};
	struct json_writer w = { .out = &text };
	const struct loaded *images = s->images->items;
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < s->images->n; i++) {
		const struct text_list *names = &images[i].names;
		json_open(&w, NULL, '{');
		blob_path(s, &w, "Config", s->manifests[i].config.digest);
		json_open(&w, "RepoTags", '[');
		for (size_t k = 0; k < names->n; k++)
			json_text(&w, NULL, image_short_name(names->items[k], s->arena));
		json_close(&w, ']');
		json_open(&w, "Layers", '[');
		for (list_each(const struct descriptor, d, s->manifests[i].layers))
			blob_path(s, &w, NULL, d->digest);
		json_close(&w, ']');
		json_close(&w, '}');
	}
	json_close(&w, ']');
	return put_text(s, "manifest.json", &text);
}

static struct err *put_all(const struct saving *s)
{
	cleanup(buf_done) struct buf version = {};
	buf_add(&version, "{\"imageLayoutVersion\":\"1.0.0\"}");
	struct err *e = begin_entry(s, "blobs/", AE_IFDIR, 0);
	if (!e)
		e = begin_entry(s, "blobs/sha256/", AE_IFDIR, 0);
	for (size_t i = 0; !e && i < s->blobs.n; i++)
		e = put_blob(s, s->blobs.items[i]);
	if (!e)
		e = put_index(s);
	if (!e)
		e = put_docker(s);
	if (!e)
		e = put_text(s, "oci-layout", &version);
	if (!e && archive_write_close(s->out) != ARCHIVE_OK)
		e = out_error(s);
	return e;
}

struct err *save(
	const struct image_store *store, const struct list *images, int fd, struct arena *a)
{
	cleanup(saving_done) struct saving s = { .store = store, .arena = a, .images = images };
	struct err *e = read_manifests(&s);
	if (e)
		return e;
	s.out = archive_write_new();
	if (!s.out)
		return err_new(ERR_SYSTEM, "no memory");
	archive_write_set_format_pax_restricted(s.out);
	if (archive_write_open_fd(s.out, fd) != ARCHIVE_OK)
		return out_error(&s);
	return put_all(&s);
}
