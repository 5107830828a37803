/* tar.h - the entries of a tar stream, read by libarchive from a source. */
#pragma once
#include "archive/source.h"
#include <archive.h>
#include <archive_entry.h>

struct tar {
	struct archive *reader;
	struct source *source; /* borrowed */
	struct err *failed;    /* of the source, while libarchive reads */
};

/* Opens a tar archive; anything else is refused. An empty stream is an empty archive. */
[[nodiscard]] struct err *tar_open(struct source *s, struct tar *out);
void tar_close(struct tar *t);

/* The next entry, libarchive's until the next call; NULL at the end. */
[[nodiscard]] struct err *tar_next(struct tar *t, struct archive_entry **out);

/* The next block of the entry's content and where it belongs; *@n is 0 at the end. */
[[nodiscard]] struct err *tar_data(struct tar *t, const void **p, size_t *n, int64_t *at);

/*
 * @name without what says nothing ("./", slashes at the end, a slash in front) to @out, which is
 * then empty for the root itself. Refused are "..", what is longer than a path can be, and no name
 * at all.
 */
[[nodiscard]] struct err *tar_name(const char *name, struct buf *out);

/* Appends @name for a message: shortened, with unprintable bytes as question marks. */
void tar_show_name(const char *name, struct buf *out);
