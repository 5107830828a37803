/* transfer.h - images as files: load, save, import, through onggi-archive. */
#pragma once
#include "image/store.h"

/* Adds the images of the archive in @fd under the names it has: a list of struct image, whose names
 * are those of the archive alone. */
[[nodiscard]] struct err *image_load(
	const struct image_store *s, int fd, struct arena *a, struct list *out);

/* One image and the names that go with it (complete; may be none). */
struct image_export {
	const struct image *image;
	struct text_list names;
};

/* Writes images (struct image_export) as one archive to @fd. */
[[nodiscard]] struct err *image_save(
	const struct image_store *s, const struct list *exports, int fd, struct arena *a);

/* What a new image is to be. */
struct import_request {
	int fd;                   /* the root file system, a tar archive of any compression; or an
	                           * open directory, which is packed then */
	bool tree;                /* it is a directory */
	const char *name;         /* as people write it, or NULL */
	const char *message;      /* for its history */
	struct text_list changes; /* Dockerfile instructions: "CMD sh" */
	const char *source;       /* for its history: the file's name */
};
[[nodiscard]] struct err *image_import(const struct image_store *s, const struct import_request *r,
	struct arena *a, struct image *out);

/* A layer on top of an image. */
struct commit_request {
	const struct image *base; /* NULL: none */
	int dir;                  /* the layer: an upper directory of overlayfs, open */
	struct imgconf_run conf;  /* what containers of the new image have as defaults */
	const char *name, *author, *message, *created_by;
	struct text_list changes;
};
[[nodiscard]] struct err *image_commit(const struct image_store *s, const struct commit_request *r,
	struct arena *a, struct image *out);
