#include "image/fsck.h"
#include "base/path.h"
#include "image/helper.h"
#include "kernel/tree.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

struct checking {
	const struct image_store *store;
	struct arena *arena;
	bool repair;
	struct text_list blobs, chains; /* that images need: names as in their directories */
	bool index_changed;
	struct fsck_result *out;
};

static bool lists(const struct text_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], text) == 0)
			return true;
	return false;
}

static void problem(struct checking *c, bool repaired, const char *text)
{
	text_list_add(&c->out->problems, c->arena, text);
	c->out->repaired += repaired;
}

/* The digest of a blob's content, as large as it may be. */
static struct err *digest_blob(const struct checking *c, const char *digest)
{
	enum { BLOCK = 128 << 10 };
	cleanup(arena_done) struct arena scratch = {};
	cleanup(fd_close) struct fd file = {};
	struct sha256 sum;
	struct digest found;
	char *block = arena_alloc(&scratch, 1, BLOCK);
	struct err *e = fd_open(
		&file, fd_num(c->store->layout.blobs), digest_hex(digest), O_RDONLY | O_NOFOLLOW);
	sha256_init(&sum);
	for (ssize_t n = 1; !e && n > 0;) {
		n = read(fd_num(file), block, BLOCK);
		if (n < 0)
			e = err_sys(errno, "read blob %s", digest);
		else
			sha256_add(&sum, block, (size_t)n);
	}
	if (e)
		return e;
	digest_end(&sum, &found);
	return strcmp(found.text, digest) == 0
	               ? NULL
	               : err_new(ERR_SYSTEM, "blob %s is damaged: its content is %s", digest,
				 found.text);
}

static struct err *check_blob(struct checking *c, const char *digest)
{
	if (lists(&c->blobs, digest_hex(digest)))
		return NULL;
	struct err *e = digest_blob(c, digest);
	if (!e)
		text_list_add(&c->blobs, c->arena, digest_hex(digest));
	return e;
}

static bool layer_is_whole(const struct checking *c, const char *chain)
{
	struct stat st;
	struct layer layer;
	const char *diff = arena_fmt(c->arena, "%s/diff", digest_hex(chain));
	struct err *e = layer_read(fd_num(c->store->layers), chain, c->arena, &layer);
	bool whole = !e && fstatat(fd_num(c->store->layers), diff, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	             S_ISDIR(st.st_mode);
	err_free(&e);
	return whole;
}

static struct err *unpack_again(struct checking *c, const char *manifest)
{
	struct text_list args = {};
	struct list answers;
	text_list_add(&args, c->arena, manifest);
	return helper_run(&(struct helper_call){ .operation = "unpack",
				  .root = c->store->root,
				  .args = &args,
				  .in = -1,
				  .out = -1 },
		c->arena, &answers);
}

static struct err *check_layers(
	struct checking *c, const char *manifest, const struct imgconf *conf)
{
	struct text_list chain;
	size_t bad = 0;
	struct err *e = layers_chain(conf, c->arena, &chain);
	for (size_t i = 0; !e && i < chain.n; i++) {
		text_list_add(&c->chains, c->arena, digest_hex(chain.items[i]));
		if (layer_is_whole(c, chain.items[i]))
			continue;
		bad++;
		problem(c, false,
			arena_fmt(c->arena, "layer %s of image %s is not whole", chain.items[i],
				manifest));
		if (c->repair)
			e = layer_remove(fd_num(c->store->layers), chain.items[i]);
	}
	if (!e && bad && c->repair) {
		e = unpack_again(c, manifest);
		c->out->repaired += e ? 0 : (int64_t)bad;
	}
	return e;
}

/* An error here is the image's: it is damaged. */
static struct err *check_image(struct checking *c, const char *digest, struct imgconf *conf)
{
	struct str text;
	struct manifest m;
	struct err *e = layout_read(&c->store->layout, digest, c->arena, &text);
	if (!e)
		e = manifest_read(text, c->arena, &m);
	if (!e)
		e = layout_read(&c->store->layout, m.config.digest, c->arena, &text);
	if (!e)
		e = imgconf_read(text, c->arena, conf);
	if (!e)
		e = check_blob(c, digest);
	if (!e)
		e = check_blob(c, m.config.digest);
	for (list_each(const struct descriptor, d, m.layers))
		e = e ? e : check_blob(c, d->digest);
	return e;
}

static void take_out(struct checking *c, struct manifest *index, const char *digest)
{
	struct descriptor *items = index->manifests.items;
	size_t kept = 0;
	for (size_t i = 0; i < index->manifests.n; i++)
		if (strcmp(items[i].digest, digest) != 0)
			items[kept++] = items[i];
	index->manifests.n = kept;
	c->index_changed = true;
}

static struct err *check_images(struct checking *c, struct manifest *index)
{
	struct text_list done = {};
	for (size_t i = 0; i < index->manifests.n; i++) {
		const struct descriptor *d = &((struct descriptor *)index->manifests.items)[i];
		const char *digest = d->digest;
		struct imgconf conf;
		if (lists(&done, digest))
			continue;
		text_list_add(&done, c->arena, digest);
		struct err *e = check_image(c, digest, &conf);
		if (!e) {
			e = check_layers(c, digest, &conf);
			if (e)
				return e;
			continue;
		}
		cleanup(buf_done) struct buf text = {};
		err_show(e, &text);
		err_free(&e);
		problem(c, c->repair, arena_fmt(c->arena, "image %s: %s", digest, text.p));
		if (c->repair) {
			take_out(c, index, digest);
			i = (size_t)-1; /* the list has moved: from the beginning */
		}
	}
	return NULL;
}

/* --- what is left over ---------------------------------------------------------------------- */

/* Where leftovers may lie, and what is none there. */
struct place {
	const char *what;
	int dir;
	const struct text_list *needed;
};

static struct err *check_entry(struct checking *c, const struct place *p, const char *name)
{
	struct stat st;
	if (lists(p->needed, name) || fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	if (time(NULL) - st.st_mtime < FSCK_AGE)
		return NULL;
	struct err *e = c->repair ? tree_remove(p->dir, name) : NULL;
	problem(c, c->repair && !e,
		arena_fmt(c->arena, "%s %s belongs to no image", p->what, name));
	if (c->repair && !e && S_ISREG(st.st_mode))
		c->out->freed += st.st_size;
	return e;
}

static struct err *check_place(struct checking *c, const struct place *p)
{
	int copy = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	if (!d) {
		struct err *e = err_sys(errno, "list the store");
		if (copy >= 0)
			close(copy);
		return e;
	}
	struct err *e = NULL;
	for (const struct dirent *entry; !e && (entry = readdir(d));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			e = check_entry(c, p, entry->d_name);
	closedir(d);
	return e;
}

/* Of "<root>/layers/<hex>/diff" the digits. */
static void hold(struct checking *c, const char *dir)
{
	struct str parent = path_dir(str_of(dir));
	text_list_add(&c->chains, c->arena, arena_str(c->arena, path_base(parent)));
}

struct err *image_fsck(const struct image_store *s, bool repair, const struct text_list *held,
	struct arena *a, struct fsck_result *out)
{
	struct checking c = { .store = s, .arena = a, .repair = repair, .out = out };
	cleanup(fd_close) struct fd lock = {};
	struct manifest index;
	struct err *e = layout_lock(&s->layout, &lock);
	if (!e)
		e = layout_index(&s->layout, a, &index);
	if (!e)
		e = check_images(&c, &index);
	if (!e && c.index_changed)
		e = layout_set_index(&s->layout, &index);
	for (size_t i = 0; held && i < held->n; i++)
		hold(&c, held->items[i]);
	const struct place places[] = {
		{ "blob", fd_num(s->layout.blobs), &c.blobs },
		{ "layer", fd_num(s->layers), &c.chains },
	};
	for (size_t i = 0; !e && i < ARRAY_LEN(places); i++)
		e = check_place(&c, &places[i]);
	return e ? err_wrap(e, "fsck") : NULL;
}
