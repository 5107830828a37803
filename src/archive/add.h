/* add.h - layers from blobs: unpacked, verified, and committed together. */
#pragma once
#include "archive/source.h"
#include "image/store.h"

/* overlayfs takes no more in one mount. */
enum { ADD_LAYERS = 500 };

/* The media type of a layer that is compressed so; NULL if images have none. */
const char *add_layer_media(enum source_form form);

/* Unpacks the layers of an image that aren't there yet; each has to have the digest that the
 * configuration says. */
[[nodiscard]] struct err *add_layers(const struct image_store *s, const struct manifest *m,
	const struct imgconf *conf, struct arena *a);

/* A layer that nobody has described yet. */
struct added_layer {
	struct descriptor blob;
	const char *diff_id, *chain;
	int64_t bytes; /* unpacked */
};

/* Makes the archive in @fd (any compression) the layer above @below (chain ids, the lowest first):
 * a blob, and unpacked. */
[[nodiscard]] struct err *add_new_layer(const struct image_store *s, int fd,
	const struct text_list *below, struct arena *a, struct added_layer *out);

/* The same for the tree at @dir (an open directory): what is in it becomes the layer, overlayfs'
 * marks as those of layers. */
[[nodiscard]] struct err *add_tree_layer(const struct image_store *s, int dir,
	const struct text_list *below, struct arena *a, struct added_layer *out);
