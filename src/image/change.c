/* What changes the index: each holds its lock from reading it to writing it. */
#include "base/log.h"
#include "image/store.h"
#include <sys/stat.h>

struct change {
	const struct image_store *store;
	struct arena *arena;
	struct fd lock;
	struct manifest index;
};

static void change_done(struct change *c)
{
	fd_close(&c->lock);
}

static struct err *change_begin(const struct image_store *s, struct arena *a, struct change *c)
{
	*c = (struct change){ .store = s, .arena = a };
	struct err *e = layout_lock(&s->layout, &c->lock);
	return e ? e : layout_index(&s->layout, a, &c->index);
}

static const char *name_of(const struct descriptor *d)
{
	return annotation_of(&d->annotations, ANNOTATION_NAME);
}

static void append(struct change *c, const struct descriptor *like, const char *name)
{
	struct list *l = &c->index.manifests;
	struct descriptor *bigger = anew(c->arena, struct descriptor, l->n + 1);
	if (l->n)
		memcpy(bigger, l->items, l->n * sizeof(*bigger));
	bigger[l->n] = *like;
	bigger[l->n].annotations = (struct text_map){};
	if (name) {
		struct text_pair *pair = anew(c->arena, struct text_pair, 1);
		*pair = (struct text_pair){ ANNOTATION_NAME, name };
		bigger[l->n].annotations = (struct text_map){ pair, 1 };
	}
	*l = (struct list){ bigger, l->n + 1 };
}

static void delete_at(struct list *l, size_t at)
{
	struct descriptor *items = l->items;
	memmove(&items[at], &items[at + 1], (l->n - at - 1) * sizeof(*items));
	l->n--;
}

/* How many entries an image has, with and without names. */
static size_t entries(const struct change *c, const char *digest)
{
	size_t n = 0;
	for (list_each(const struct descriptor, d, c->index.manifests))
		n += strcmp(d->digest, digest) == 0;
	return n;
}

/* Takes @name away from whatever has it; what has no other name stays without one. */
static void free_name(struct change *c, const char *name)
{
	struct descriptor *items = c->index.manifests.items;
	for (size_t i = 0; i < c->index.manifests.n; i++) {
		const char *has = name_of(&items[i]);
		if (!has || strcmp(has, name) != 0)
			continue;
		if (entries(c, items[i].digest) > 1)
			delete_at(&c->index.manifests, i--);
		else
			items[i].annotations = (struct text_map){};
	}
}

/* An entry without a name says nothing beside one with a name. */
static void free_nameless(struct change *c, const char *digest)
{
	struct descriptor *items = c->index.manifests.items;
	for (size_t i = 0; i < c->index.manifests.n && entries(c, digest) > 1; i++)
		if (strcmp(items[i].digest, digest) == 0 && !name_of(&items[i]))
			delete_at(&c->index.manifests, i--);
}

static bool has_name(const struct change *c, const char *digest, const char *name)
{
	for (list_each(const struct descriptor, d, c->index.manifests))
		if (strcmp(d->digest, digest) == 0 && name_of(d) && strcmp(name_of(d), name) == 0)
			return true;
	return false;
}

static void add_name(struct change *c, const struct descriptor *image, const char *name)
{
	if (has_name(c, image->digest, name))
		return;
	struct descriptor kept = *image; /* it may point into the list that moves */
	free_name(c, name);
	append(c, &kept, name);
	free_nameless(c, kept.digest);
}

/* --- what nobody needs any more ------------------------------------------------------------- */

struct needed {
	struct text_list blobs, chains;
};

static void need(struct text_list *l, struct arena *a, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], text) == 0)
			return;
	text_list_add(l, a, text);
}

/* The blobs and layers of one image. */
static struct err *needs_of(const struct change *c, const char *digest, struct needed *out)
{
	struct arena *a = c->arena;
	struct str text;
	struct manifest m;
	struct imgconf conf;
	struct text_list chain;
	struct err *e = layout_read(&c->store->layout, digest, a, &text);
	if (!e)
		e = manifest_read(text, a, &m);
	if (!e)
		e = layout_read(&c->store->layout, m.config.digest, a, &text);
	if (!e)
		e = imgconf_read(text, a, &conf);
	if (!e)
		e = layers_chain(&conf, a, &chain);
	if (e)
		return e;
	need(&out->blobs, a, digest);
	need(&out->blobs, a, m.config.digest);
	for (list_each(const struct descriptor, d, m.layers))
		need(&out->blobs, a, d->digest);
	for (size_t i = 0; i < chain.n; i++)
		need(&out->chains, a, chain.items[i]);
	return NULL;
}

static bool lists(const struct text_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], text) == 0)
			return true;
	return false;
}

static struct err *remove_layers(const struct change *c, const struct needed *had,
	const struct needed *still, struct image_removal *out)
{
	struct err *e = NULL;
	int dir = fd_num(c->store->layers);
	for (size_t i = had->chains.n; !e && i-- > 0;) {
		const char *chain = had->chains.items[i];
		struct layer l = {};
		if (lists(&still->chains, chain) || !layer_exists(dir, chain))
			continue;
		e = layer_read(dir, chain, c->arena, &l);
		if (!e)
			e = layer_remove(dir, chain);
		out->freed += l.size;
		text_list_add(&out->deleted, c->arena, chain);
	}
	return e;
}

/* Removes what the images @gone (manifests) had and no image of the index has. */
static struct err *sweep(
	const struct change *c, const struct text_list *gone, struct image_removal *out)
{
	struct needed had = {}, still = {};
	struct err *e = NULL;
	for (size_t i = 0; !e && i < gone->n; i++)
		e = needs_of(c, gone->items[i], &had);
	for (list_each(const struct descriptor, d, c->index.manifests))
		e = e ? e : needs_of(c, d->digest, &still);
	if (e)
		return err_wrap(e, "finding out what is still in use");
	e = remove_layers(c, &had, &still, out);
	for (size_t i = 0; !e && i < had.blobs.n; i++) {
		struct stat st = {};
		int blobs = fd_num(c->store->layout.blobs);
		const char *hex = digest_hex(had.blobs.items[i]);
		if (lists(&still.blobs, had.blobs.items[i]) || fstatat(blobs, hex, &st, 0) < 0)
			continue;
		if (unlinkat(blobs, hex, 0) < 0)
			e = err_sys(errno, "remove blob %s", hex);
		else
			out->freed += st.st_size;
	}
	return e;
}

/* --- adding --------------------------------------------------------------------------------- */

/* The entry of an image that has the same configuration: it is the same image, and one manifest of
 * it is enough. */
static const struct descriptor *same_image(const struct change *c, const char *id)
{
	for (list_each(const struct descriptor, d, c->index.manifests)) {
		struct str text;
		struct manifest m;
		struct err *e = layout_read(&c->store->layout, d->digest, c->arena, &text);
		if (!e)
			e = manifest_read(text, c->arena, &m);
		bool same = !e && strcmp(m.config.digest, id) == 0;
		err_free(&e);
		if (same)
			return d;
	}
	return NULL;
}

/* Nothing of an image may have gone while it was being put together. */
static struct err *check_whole(const struct change *c, const char *digest, struct manifest *out)
{
	struct arena *a = c->arena;
	struct str text;
	struct manifest m;
	struct needed needs = {};
	struct err *e = layout_read(&c->store->layout, digest, a, &text);
	if (!e)
		e = manifest_read(text, a, &m);
	if (!e)
		e = needs_of(c, digest, &needs);
	if (e)
		return e;
	for (list_each(const struct descriptor, d, m.layers))
		if (!layout_has(&c->store->layout, d->digest, d->size))
			e = e ? e : err_new(ERR_CONFLICT, "its blob %s is not there", d->digest);
	for (size_t i = 0; !e && i < needs.chains.n; i++)
		if (!layer_exists(fd_num(c->store->layers), needs.chains.items[i]))
			e = err_new(
				ERR_CONFLICT, "its layer %s is not there", needs.chains.items[i]);
	if (e)
		return err_hint(e, "another command may have removed it meanwhile; try again");
	*out = m;
	return NULL;
}

static struct err *drop_second(struct change *c, const char *digest)
{
	struct image_removal unseen = {};
	struct text_list gone = {};
	text_list_add(&gone, c->arena, digest);
	return sweep(c, &gone, &unseen);
}

struct err *image_add(const struct image_store *s, const char *digest,
	const struct text_list *names, struct arena *a, struct image *out)
{
	cleanup(change_done) struct change c = {};
	struct manifest m = {};
	struct stat st = {};
	struct err *e = change_begin(s, a, &c);
	if (!e)
		e = check_whole(&c, digest, &m);
	if (!e && fstatat(fd_num(s->layout.blobs), digest_hex(digest), &st, 0) < 0)
		e = err_sys(errno, "stat blob %s", digest);
	if (e)
		return err_wrap(e, "adding image %s", digest);
	const struct descriptor *same = same_image(&c, m.config.digest);
	struct descriptor entry = { .media_type = m.media_type ? m.media_type : MEDIA_MANIFEST,
		.digest = digest,
		.size = st.st_size };
	if (same)
		entry = *same;
	else
		append(&c, &entry, NULL);
	for (size_t i = 0; i < names->n; i++)
		add_name(&c, &entry, names->items[i]);
	e = layout_set_index(&s->layout, &c.index);
	if (!e && strcmp(entry.digest, digest) != 0)
		e = drop_second(&c, digest);
	return e ? e : image_find(s, m.config.digest, a, out);
}

struct err *image_tag(
	const struct image_store *s, const struct image *image, const char *name, struct arena *a)
{
	cleanup(change_done) struct change c = {};
	struct ref r = {};
	struct err *e = ref_parse(str_of(name), a, &r);
	if (!e && r.digest)
		e = err_new(ERR_USAGE, "refusing to create a tag with a digest reference");
	if (!e)
		e = change_begin(s, a, &c);
	if (e)
		return e;
	const struct descriptor *entry = NULL;
	for (list_each(const struct descriptor, d, c.index.manifests))
		if (strcmp(d->digest, image->digest) == 0)
			entry = d;
	if (!entry)
		return err_new(ERR_NOT_FOUND, "No such image: %s", image->id);
	add_name(&c, entry, ref_name(&r, a));
	return layout_set_index(&s->layout, &c.index);
}

/* --- removing ------------------------------------------------------------------------------- */

static const char *user_of(const struct image_users *users, const struct image *image)
{
	return users && users->user ? users->user(users->with, image) : NULL;
}

static void forget(struct change *c, const struct image *image)
{
	struct descriptor *items = c->index.manifests.items;
	for (size_t i = 0; i < c->index.manifests.n; i++)
		if (strcmp(items[i].digest, image->digest) == 0)
			delete_at(&c->index.manifests, i--);
}

static void untag_all(struct change *c, const struct image *image, struct image_removal *out)
{
	for (size_t i = 0; i < image->names.n; i++)
		text_list_add(&out->untagged, c->arena,
			image_short_name(image->names.items[i], c->arena));
}

/* The name of @image that @text is; NULL if it is an id. */
static const char *named_by(const struct image *image, const char *text, struct arena *a)
{
	struct ref r = {};
	struct err *e = ref_parse(str_of(text), a, &r);
	const char *name = e || r.digest ? NULL : ref_name(&r, a);
	err_free(&e);
	return name && lists(&image->names, name) ? name : NULL;
}

static struct err *check_removal(const struct image *image, const char *name, bool force,
	const struct image_users *users, struct arena *a, bool *keep)
{
	const char *shown = arena_fmt(a, "%.12s", digest_hex(image->id));
	const char *user = user_of(users, image);
	*keep = user != NULL;
	if (!force && !name && image->names.n > 1)
		return err_hint(err_new(ERR_CONFLICT,
					"conflict: unable to delete %s (must be forced) - image is "
					"referenced in multiple repositories",
					shown),
			"name the one to remove, or use --force for all of them");
	if (!force && user)
		return err_hint(
			err_new(ERR_CONFLICT,
				"conflict: unable to remove repository reference \"%s\" (must "
				"force) - %s is using its referenced image %s",
				name ? image_short_name(name, a) : shown, user, shown),
			"remove the container first, or use --force to take the name away alone");
	return NULL;
}

/* Takes one image's names, or the image, out of the index; says which manifest has gone. */
static void take_out(struct change *c, const struct image *image, const char *name, bool keep,
	struct image_removal *out, struct text_list *gone)
{
	if (name && image->names.n > 1) {
		free_name(c, name);
		text_list_add(&out->untagged, c->arena, image_short_name(name, c->arena));
		return;
	}
	untag_all(c, image, out);
	if (keep) {
		for (size_t i = 0; i < image->names.n; i++)
			free_name(c, image->names.items[i]);
		return;
	}
	forget(c, image);
	text_list_add(&out->deleted, c->arena, image->id);
	text_list_add(gone, c->arena, image->digest);
}

struct err *image_remove(const struct image_store *s, const char *text, bool force,
	const struct image_users *users, struct arena *a, struct image_removal *out)
{
	cleanup(change_done) struct change c = {};
	struct image image;
	struct text_list gone = {};
	bool keep = false;
	struct err *e = change_begin(s, a, &c);
	if (!e)
		e = image_find(s, text, a, &image);
	if (e)
		return e;
	const char *name = named_by(&image, text, a);
	bool last = !name || image.names.n <= 1;
	if (last)
		e = check_removal(&image, name, force, users, a, &keep);
	if (e)
		return e;
	take_out(&c, &image, name, keep, out, &gone);
	e = layout_set_index(&s->layout, &c.index);
	return !e && gone.n ? sweep(&c, &gone, out) : e;
}

struct err *image_prune(const struct image_store *s, bool all, const struct image_users *users,
	struct arena *a, struct image_removal *out)
{
	cleanup(change_done) struct change c = {};
	struct list images;
	struct text_list gone = {};
	struct err *e = change_begin(s, a, &c);
	if (!e)
		e = image_list(s, a, &images);
	if (e)
		return e;
	for (list_each(const struct image, image, images))
		if ((all || !image->names.n) && !user_of(users, image))
			take_out(&c, image, NULL, false, out, &gone);
	e = gone.n ? layout_set_index(&s->layout, &c.index) : NULL;
	return !e && gone.n ? sweep(&c, &gone, out) : e;
}
