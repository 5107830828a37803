/*
 * load.h - images out of an archive: what `docker save` writes and OCI layouts, in one tar stream
 * of any compression. Files may come in any order and nothing is read twice, so the archive can be
 * a pipe.
 */
#pragma once
#include "base/list.h"
#include "image/store.h"

struct loaded {
	const char *manifest;   /* its digest */
	struct text_list names; /* as the archive has them */
};

/* Reads the archive in @fd: blobs and layers go to the store; a list of struct loaded. After an
 * error no blob stays; layers that were finished do, until fsck. */
[[nodiscard]] struct err *load(
	const struct image_store *s, int fd, struct arena *a, struct list *out);
