#include "archive/load.h"
#include "archive/add.h"
#include "archive/tar.h"
#include "base/path.h"
#include <fcntl.h>

enum { FILES = 100000, IMAGES = 1000 };

/* A file of the archive: a blob by now, or a link to another file. */
struct member {
	const char *name, *link;
	const char *digest;
	int64_t size;
	bool made; /* there was no such blob before */
};

struct loading {
	const struct image_store *store;
	struct arena *arena;
	struct member *members;
	size_t n, room;
	struct buf manifest, index; /* manifest.json and index.json */
	struct loaded *images;
	size_t n_images;
};

static void loading_done(struct loading *l)
{
	buf_done(&l->manifest);
	buf_done(&l->index);
}

/* --- reading the archive -------------------------------------------------------------------- */

static struct member *add_member(struct loading *l, const char *name)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct member *bigger = anew(l->arena, struct member, room);
		if (l->n)
			memcpy(bigger, l->members, l->n * sizeof(*bigger));
		l->members = bigger;
		l->room = room;
	}
	struct member *m = &l->members[l->n++];
	*m = (struct member){ .name = arena_str(l->arena, str_of(name)) };
	return m;
}

static struct err *keep_text(struct tar *t, struct buf *out)
{
	const void *p;
	size_t n = 1;
	int64_t at;
	struct err *e = NULL;
	out->n = 0;
	while (!e && n) {
		e = tar_data(t, &p, &n, &at);
		if (!e && n && at != (int64_t)out->n)
			e = err_new(ERR_USAGE, "it has holes");
		if (!e && out->n + n > MANIFEST_LIMIT)
			e = err_new(ERR_USAGE, "larger than %d bytes", MANIFEST_LIMIT);
		if (!e)
			buf_put(out, p, n);
	}
	return e;
}

static struct err *keep_blob(struct loading *l, struct tar *t, const char *name)
{
	cleanup(blob_drop) struct blob_writer w = {};
	const void *p;
	size_t n = 1;
	int64_t at;
	struct digest digest;
	bool made;
	struct err *e = blob_begin(&l->store->layout, &w);
	while (!e && n) {
		e = tar_data(t, &p, &n, &at);
		if (!e && n && at != w.size)
			e = err_new(ERR_USAGE, "it has holes");
		if (!e && n)
			e = blob_add(&w, p, n);
	}
	int64_t size = w.size;
	if (!e)
		e = blob_end(&w, &digest, &made);
	if (e)
		return e;
	struct member *m = add_member(l, name);
	m->digest = arena_str(l->arena, str_of(digest.text));
	m->size = size;
	m->made = made;
	return NULL;
}

/* What older formats have besides, and nobody reads. */
static bool is_unread(const char *name)
{
	static const char *const bases[] = { "json", "VERSION", "version", "repositories",
		"oci-layout" };
	struct str base = path_base(str_of(name));
	for (size_t i = 0; i < ARRAY_LEN(bases); i++)
		if (str_eq(base, str_of(bases[i])))
			return true;
	return false;
}

static struct err *read_member(
	struct loading *l, struct tar *t, struct archive_entry *entry, const char *name)
{
	mode_t type = archive_entry_filetype(entry);
	const char *link = archive_entry_symlink(entry), *hard = archive_entry_hardlink(entry);
	if (l->n >= FILES)
		return err_new(ERR_USAGE, "the archive has more than %d files", FILES);
	if (hard || type == AE_IFLNK) {
		const char *to = hard ? hard : link ? link : "";
		const char *dir = arena_str(l->arena, path_dir(str_of(name)));
		add_member(l, name)->link = path_join(l->arena, hard ? "." : dir, to);
		return NULL;
	}
	if (type == AE_IFDIR || is_unread(name))
		return NULL;
	if (type != AE_IFREG)
		return err_new(ERR_USAGE, "it is no file");
	if (strcmp(name, "manifest.json") == 0)
		return keep_text(t, &l->manifest);
	if (strcmp(name, "index.json") == 0)
		return keep_text(t, &l->index);
	return keep_blob(l, t, name);
}

static struct err *read_members(struct loading *l, struct tar *t)
{
	cleanup(buf_done) struct buf name = {};
	for (;;) {
		struct archive_entry *entry = NULL;
		struct err *e = tar_next(t, &entry);
		if (e || !entry)
			return e;
		e = tar_name(archive_entry_pathname(entry), &name);
		if (!e && name.n)
			e = read_member(l, t, entry, name.p);
		if (e) {
			cleanup(buf_done) struct buf shown = {};
			tar_show_name(archive_entry_pathname(entry), &shown);
			return err_wrap(e, "entry '%s'", buf_text(&shown));
		}
	}
}

static struct err *read_archive(struct loading *l, int fd)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(source_close) struct source *source = NULL;
	cleanup(tar_close) struct tar t = {};
	struct err *e = source_open(fd, &scratch, &source);
	if (!e)
		e = tar_open(source, &t);
	return e ? e : read_members(l, &t);
}

/* --- the images in it ----------------------------------------------------------------------- */

static const struct member *find_member(const struct loading *l, const char *name, int links)
{
	const char *clean = path_clean(l->arena, str_of(name));
	for (size_t i = l->n; i-- > 0;) {
		const struct member *m = &l->members[i];
		if (strcmp(m->name, clean) != 0)
			continue;
		if (!m->link)
			return m;
		return links ? find_member(l, m->link, links - 1) : NULL;
	}
	return NULL;
}

/* The file that @name is, as a descriptor without a type. */
static struct err *describe(const struct loading *l, const char *name, struct descriptor *out)
{
	const struct member *m = name ? find_member(l, name, 8) : NULL;
	if (!m)
		return err_new(ERR_USAGE, "the archive has no file '%.200s'", name ? name : "");
	*out = (struct descriptor){ .digest = m->digest, .size = m->size };
	return NULL;
}

static struct err *layer_media(const struct loading *l, struct descriptor *layer)
{
	cleanup(arena_done) struct arena scratch = {};
	cleanup(fd_close) struct fd file = {};
	cleanup(source_close) struct source *source = NULL;
	struct err *e =
		fd_open(&file, fd_num(l->store->layout.blobs), digest_hex(layer->digest), O_RDONLY);
	if (!e)
		e = source_open(fd_num(file), &scratch, &source);
	if (!e)
		layer->media_type = add_layer_media(source_form(source));
	if (!e && !layer->media_type)
		e = err_new(ERR_USAGE, "layer %s: images have no layers that are compressed so",
			layer->digest);
	return e;
}

static struct err *read_conf(const struct loading *l, const char *digest, struct imgconf *out)
{
	struct str text;
	struct err *e = layout_read(&l->store->layout, digest, l->arena, &text);
	return e ? e : imgconf_read(text, l->arena, out);
}

static struct err *found(struct loading *l, const struct manifest *m, const char *digest,
	const struct text_list *names)
{
	struct imgconf conf;
	if (l->n_images >= IMAGES)
		return err_new(ERR_USAGE, "the archive has more than %d images", IMAGES);
	struct err *e = read_conf(l, m->config.digest, &conf);
	if (!e)
		e = add_layers(l->store, m, &conf, l->arena);
	if (!e)
		l->images[l->n_images++] = (struct loaded){ digest, *names };
	return e;
}

/* One image of manifest.json. */
struct docker_image {
	const char *config;
	struct text_list tags, layers;
};
struct docker_images {
	struct list images;
};
#define AT(member) MEMBER(struct docker_image, member)
static const struct field docker_fields[] = {
	{ "Config", AT(config), .required = true },
	{ "RepoTags", AT(tags) },
	{ "Layers", AT(layers) },
};
static const struct schema docker_schema = { SCHEMA(struct docker_image, docker_fields) };
static const struct field docker_list_fields[] = {
	{ "images", MEMBER(struct docker_images, images), .of = &docker_schema },
};
static const struct schema docker_list_schema = { SCHEMA(
	struct docker_images, docker_list_fields) };

static struct err *load_docker_image(struct loading *l, const struct docker_image *image)
{
	cleanup(buf_done) struct buf text = {};
	struct manifest m = { .schema_version = 2, .media_type = MEDIA_MANIFEST };
	struct descriptor *layers = anew(l->arena, struct descriptor, image->layers.n);
	struct digest digest;
	struct err *e = describe(l, image->config, &m.config);
	m.config.media_type = MEDIA_CONFIG;
	m.layers = (struct list){ layers, image->layers.n };
	for (size_t i = 0; !e && i < image->layers.n; i++) {
		e = describe(l, image->layers.items[i], &layers[i]);
		if (!e)
			e = layer_media(l, &layers[i]);
	}
	if (e)
		return e;
	encode_text(&m, &manifest_schema, JSON_COMPACT, &text);
	e = layout_put(&l->store->layout, (struct bytes){ text.p, text.n }, &digest);
	return e ? e : found(l, &m, arena_str(l->arena, str_of(digest.text)), &image->tags);
}

static struct err *load_docker(struct loading *l)
{
	cleanup(buf_done) struct buf text = {};
	struct docker_images all = {};
	buf_add(&text, "{\"images\":%s}", buf_text(&l->manifest));
	struct err *e = decode_text((struct str){ text.p, text.n }, "manifest.json",
		&docker_list_schema, &all, l->arena);
	for (list_each(const struct docker_image, image, all.images))
		e = e ? e : load_docker_image(l, image);
	return e;
}

static struct err *load_manifest(
	struct loading *l, const struct descriptor *d, const struct text_list *names, int depth)
{
	struct str text;
	struct manifest m;
	if (!layout_has(&l->store->layout, d->digest, d->size))
		return err_new(ERR_USAGE, "the archive has no blob %s of %lld bytes", d->digest,
			(long long)d->size);
	struct err *e = layout_read(&l->store->layout, d->digest, l->arena, &text);
	if (e)
		return e;
	if (media_of(d->media_type) != MEDIA_IS_INDEX) {
		e = manifest_read(text, l->arena, &m);
		return e ? e : found(l, &m, d->digest, names);
	}
	e = index_read(text, l->arena, &m);
	const struct descriptor *chosen = e ? NULL : index_choose(&m);
	if (!e && !chosen)
		e = err_new(ERR_USAGE, "index %s has no image for linux/%s", d->digest,
			platform_architecture());
	if (!e && depth == 0)
		e = err_new(ERR_USAGE, "index %s is in too many others", d->digest);
	return e ? e : load_manifest(l, chosen, names, depth - 1);
}

/* A tag alone is no name; containerd's annotation is a complete one. */
static void names_of(const struct loading *l, const struct descriptor *d, struct text_list *out)
{
	const char *full = annotation_of(&d->annotations, ANNOTATION_CONTAINERD_NAME);
	const char *name = annotation_of(&d->annotations, ANNOTATION_NAME);
	if (full)
		text_list_add(out, l->arena, full);
	else if (name)
		text_list_add(out, l->arena, name);
}

static struct err *load_oci(struct loading *l)
{
	struct manifest index;
	struct err *e =
		index_read((struct str){ buf_text(&l->index), l->index.n }, l->arena, &index);
	for (list_each(const struct descriptor, d, index.manifests)) {
		struct text_list names = {};
		if (e)
			break;
		names_of(l, d, &names);
		e = load_manifest(l, d, &names, 2);
	}
	return e;
}

/* --- what stays ----------------------------------------------------------------------------- */

static bool image_has(const struct loading *l, const struct loaded *image, const char *digest)
{
	struct str text;
	struct manifest m = {};
	if (strcmp(image->manifest, digest) == 0)
		return true;
	struct err *e = layout_read(&l->store->layout, image->manifest, l->arena, &text);
	if (!e)
		e = manifest_read(text, l->arena, &m);
	bool has = e || strcmp(m.config.digest, digest) == 0;
	for (list_each(const struct descriptor, d, m.layers))
		has = has || strcmp(d->digest, digest) == 0;
	err_free(&e);
	return has;
}

/* Removes the blobs that we made and that no image which was loaded has. */
static void drop_unneeded(const struct loading *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct member *m = &l->members[i];
		bool needed = !m->made;
		for (size_t k = 0; !needed && k < l->n_images; k++)
			needed = image_has(l, &l->images[k], m->digest);
		if (!needed)
			unlinkat(fd_num(l->store->layout.blobs), digest_hex(m->digest), 0);
	}
}

struct err *load(const struct image_store *s, int fd, struct arena *a, struct list *out)
{
	cleanup(loading_done) struct loading l = { .store = s, .arena = a };
	l.images = anew(a, struct loaded, IMAGES);
	struct err *e = read_archive(&l, fd);
	if (!e && !l.index.n && !l.manifest.n)
		e = err_hint(err_new(ERR_USAGE, "the archive holds no image: it has neither "
						"manifest.json nor index.json"),
			"onggi import makes an image of a root file system");
	if (!e)
		e = l.index.n ? load_oci(&l) : load_docker(&l);
	if (e)
		l.n_images = 0;
	drop_unneeded(&l);
	*out = (struct list){ l.images, l.n_images };
	return e;
}
