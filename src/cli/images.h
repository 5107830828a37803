/* images.h - what the commands for images share: their store, who uses one, how they are shown. */
#pragma once
#include "base/cmd.h"
#include "base/json_write.h"
#include "image/store.h"

/* Opens the store of the root that the command line names. */
[[nodiscard]] struct err *images_open(const struct cmd_call *call, struct image_store *out);

/* Containers that use images: for image_remove() and image_prune(). @with is a struct
 * images_in_use, filled by this. */
struct images_in_use {
	struct arena *arena;
	struct text_list ids;    /* of images: "sha256:..." */
	struct text_list users;  /* beside each: "container 0123456789ab" */
	struct text_list layers; /* directories that containers have in use */
};
[[nodiscard]] struct err *images_in_use(
	const struct image_store *s, struct arena *a, struct images_in_use *out);
const char *images_user(void *with, const struct image *image);

/* "1.23MB", in units of 1000. */
const char *show_size(int64_t bytes, struct arena *a);
/* "3 minutes ago"; "N/A" for what is no moment. */
const char *show_age(const char *moment, struct arena *a);
/* The 12 digits that people see of an id, or all of it. */
const char *show_id(const char *id, bool whole, struct arena *a);

/* Writes the members of what `inspect` shows of an image. */
void images_inspect(struct json_writer *w, const struct image *image, struct arena *a);

/* A table: each column as wide as its widest cell and three more, the last not filled up. */
struct table {
	size_t columns;
	const char **cells; /* row by row */
	size_t rows, room;
};
/* Adds a row of t->columns texts. */
void table_add(struct table *t, struct arena *a, const char *const *cells);
void table_show(const struct table *t, struct buf *out);
