/*
 * tree_tar.h - a directory tree as a tar stream, in the order of names, so that the same tree is
 * the same stream. Nothing is opened by more than its name in a directory that is open already.
 */
#pragma once
#include "base/err.h"
#include <archive.h>

enum tree_form {
	TREE_PLAIN, /* as it is */
	TREE_LAYER, /* overlayfs' marks become those of image layers: ".wh.name", ".wh..wh..opq" */
};

/* Writes what is below @dir (borrowed), and the directory itself as ".". @out is open. */
[[nodiscard]] struct err *tree_tar(int dir, enum tree_form form, struct archive *out);

/* A tar writer with the settings of ours, not open yet. */
[[nodiscard]] struct err *tree_tar_new(struct archive **out);
