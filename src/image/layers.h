/*
 * layers.h - unpacked layers, by chain id: what a layer is on top of those below it.
 *
 *	layers/<hex of the chain id>/diff, layer.json
 *
 * A layer is unpacked in a directory of its own and gets its name by a rename, after everything in
 * it is on the disk. So what has a name is whole, and two images share what they have in common.
 */
#pragma once
#include "base/fd.h"
#include "image/digest.h"
#include "image/imgconf.h"

/* What is written down of a layer. */
struct layer {
	const char *diff_id, *parent; /* parent: a chain id, NULL for the lowest */
	int64_t size;                 /* bytes of its files */
	int64_t entries;
};

/* The chain ids of an image's layers, the lowest first. */
[[nodiscard]] struct err *layers_chain(
	const struct imgconf *conf, struct arena *a, struct text_list *out);

/* True if the layer is unpacked. @dir is the directory of all layers. */
bool layer_exists(int dir, const char *chain);

/* Reads what is written down of one. */
[[nodiscard]] struct err *layer_read(
	int dir, const char *chain, struct arena *a, struct layer *out);

/* A layer that is being unpacked. */
struct layer_writer {
	int dir;       /* borrowed: of all layers */
	char name[48]; /* the temporary one */
	struct fd at, diff;
};
[[nodiscard]] struct err *layer_begin(int dir, struct layer_writer *w);
/* Writes layer.json and closes the directories; what remains is to sync the file system and
 * layer_commit(). */
[[nodiscard]] struct err *layer_end(struct layer_writer *w, const struct layer *l);
/* Gives it its name. If another process was faster, that one's stays and ours goes. */
[[nodiscard]] struct err *layer_commit(struct layer_writer *w, const char *chain);
/* Removes what was not committed. Fits cleanup(). */
void layer_drop(struct layer_writer *w);

/* Removes one; it loses its name first, so that a half removed one is never used. */
[[nodiscard]] struct err *layer_remove(int dir, const char *chain);
