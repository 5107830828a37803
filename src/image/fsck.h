/*
 * fsck.h - finds out whether the store is whole, and makes it so: after a power cut, or when
 * somebody else's hands were in it.
 *
 * Every blob of every image is read and its digest compared; every layer has to be unpacked. What
 * no image has is left over from a command that was killed, unless it is younger than FSCK_AGE:
 * then a command may be at work on it.
 */
#pragma once
#include "image/store.h"

enum { FSCK_AGE = 600 }; /* seconds */

struct fsck_result {
	struct text_list problems; /* a sentence each, what is damaged or left over */
	int64_t repaired;          /* how many of them are no more */
	int64_t freed;             /* bytes of blobs that were left over */
};

/* Looks at everything. Layers whose directories are among @held (of containers; may be NULL) are
 * nobody's leftovers. With @repair, leftovers are removed, layers that are missing or damaged are
 * unpacked again, and images with a blob that is damaged lose their names and go. */
[[nodiscard]] struct err *image_fsck(const struct image_store *s, bool repair,
	const struct text_list *held, struct arena *a, struct fsck_result *out);
