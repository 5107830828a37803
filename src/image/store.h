/*
 * store.h - images by name: which there are, what they hold, what can go.
 *
 *	cleanup(image_store_close) struct image_store store = {};
 *	struct image web;
 *	struct err *e = image_store_open("/var/lib/onggi", &store);
 *	if (!e)
 *		e = image_find(&store, "web", &arena, &web);
 *
 * Below the root, images/ is an OCI image layout (layout.h), whose index.json says every name, and
 * layers/ has the layers unpacked (layers.h). Reading takes no lock; what changes the index holds
 * the lock of it while it does. All texts of an image are the arena's.
 */
#pragma once
#include "image/imgconf.h"
#include "image/layers.h"
#include "image/layout.h"
#include "image/ref.h"

struct image_store {
	const char *root; /* borrowed, absolute */
	struct layout layout;
	struct fd layers;
};

/* Opens the store below @root, which exists; @root lives as long as the store. */
[[nodiscard]] struct err *image_store_open(const char *root, struct image_store *out);
void image_store_close(struct image_store *s);

struct image {
	const char *id;         /* digest of its configuration: "sha256:..." */
	const char *digest;     /* digest of its manifest */
	struct text_list names; /* complete: "docker.io/library/web:latest"; none: dangling */
	const char *created;    /* as the configuration has it; may be NULL */
	int64_t size;           /* bytes of all its layers, unpacked */
	struct imgconf conf;
	struct str conf_text;     /* the same as text, with what we don't know */
	struct manifest manifest; /* config and layers */
	struct text_list chain;   /* chain ids of the layers, the lowest first */
	struct text_list layers;  /* their directories, absolute, the lowest first */
	struct list layer_sizes;  /* of int64_t, the lowest first */
};

/* Finds one by name (completed: "web" is docker.io/library/web:latest), by name@digest, by id with
 * or without "sha256:", or by the beginning of an id. ERR_NOT_FOUND "No such image: x";
 * ERR_CONFLICT for a beginning that several have. */
[[nodiscard]] struct err *image_find(
	const struct image_store *s, const char *text, struct arena *a, struct image *out);

/* All, the newest first: a list of struct image. One that can't be read is told and left out. */
[[nodiscard]] struct err *image_list(
	const struct image_store *s, struct arena *a, struct list *out);

/* Adds an image whose blobs and layers are there, by the digest of its manifest, under @names
 * (complete; none makes it dangling). Names that others had move; what loses its last name is
 * dangling. */
[[nodiscard]] struct err *image_add(const struct image_store *s, const char *digest,
	const struct text_list *names, struct arena *a, struct image *out);

/* Gives it one more name, as people write it. */
[[nodiscard]] struct err *image_tag(
	const struct image_store *s, const struct image *image, const char *name, struct arena *a);

/* Says who uses an image ("container 0123..."), or NULL. */
struct image_users {
	const char *(*user)(void *with, const struct image *image);
	void *with;
};

/* What a removal did: lines as people see them, "Untagged: web:latest", "Deleted: sha256:...". */
struct image_removal {
	struct text_list untagged, deleted; /* names in short form; ids of images and layers */
	int64_t freed;                      /* bytes */
};

/* Takes the name away that @text is, and with its last name the image itself. By id, an image with
 * several names needs @force. One in use is ERR_CONFLICT, with @force it only loses its names.
 * @users may be NULL. */
[[nodiscard]] struct err *image_remove(const struct image_store *s, const char *text, bool force,
	const struct image_users *users, struct arena *a, struct image_removal *out);

/* Removes dangling images that nobody uses; with @all, those with names as well. */
[[nodiscard]] struct err *image_prune(const struct image_store *s, bool all,
	const struct image_users *users, struct arena *a, struct image_removal *out);

/* One step of how an image came about, the newest first. */
struct image_step {
	const char *id; /* of the image, at the newest; else NULL */
	const char *created, *created_by, *comment;
	int64_t size;
};
void image_history(const struct image *image, struct arena *a, struct list *out);

/* "web:latest" of "docker.io/library/web:latest". */
const char *image_short_name(const char *name, struct arena *a);
