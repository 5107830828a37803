/*
 * save.h - images as one tar archive that is an OCI layout and what `docker load` reads, at once.
 * The same images give the same bytes.
 */
#pragma once
#include "archive/load.h"

/* Writes the images (struct loaded, names complete) to @fd. Every blob is verified on the way;
 * after an error the archive is cut short. */
[[nodiscard]] struct err *save(
	const struct image_store *s, const struct list *images, int fd, struct arena *a);
