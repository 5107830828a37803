/*
 * file.h - whole files: read with a limit, written in one call, replaced atomically; and files
 * below a root that somebody else writes to.
 */
#pragma once
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/fd.h"
#include <sys/types.h>

/* Appends the content of the regular file or kernel file @path below @dir (or AT_FDCWD) to @out.
 * More than @limit bytes are an error. */
[[nodiscard]] struct err *file_read(int dir, const char *path, size_t limit, struct buf *out);

/* Writes @text to a file that exists, in one write, as kernel interface files want it. */
[[nodiscard]] struct err *file_write(int dir, const char *path, const char *text);

/* Makes or replaces @path: written beside it, then renamed, so that a reader sees the old or the
 * new content whole. Does not follow a link at @path. */
[[nodiscard]] struct err *file_replace(int dir, const char *path, mode_t mode, struct bytes data);

/* The same, and what was written survives a power cut once this has returned. */
[[nodiscard]] struct err *file_replace_durably(
	int dir, const char *path, mode_t mode, struct bytes data);

/* Opens @path with @root as its root, whatever links there are, but none that leads out of a file
 * system by magic (/proc/self/exe). @root is a directory's descriptor. */
[[nodiscard]] struct err *file_open_in(struct fd *out, int root, const char *path, int flags);

/* Appends the content of a regular file that somebody else made: below @root as above; what is no
 * regular file is ERR_NOT_FOUND like one that is not there, and more than @limit bytes are an
 * error. */
[[nodiscard]] struct err *file_read_in(int root, const char *path, size_t limit, struct buf *out);
