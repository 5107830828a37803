/*
 * file.h - whole files: read with a limit, written in one call, replaced atomically.
 */
#pragma once
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include <sys/types.h>

/* Appends the content of the regular file or kernel file @path below @dir (or AT_FDCWD) to @out.
 * More than @limit bytes are an error. */
[[nodiscard]] struct err *file_read(int dir, const char *path, size_t limit, struct buf *out);

/* Writes @text to a file that exists, in one write, as kernel interface files want it. */
[[nodiscard]] struct err *file_write(int dir, const char *path, const char *text);

/* Makes or replaces @path: written beside it, then renamed, so that a reader sees the old or the
 * new content whole. Does not follow a link at @path. */
[[nodiscard]] struct err *file_replace(int dir, const char *path, mode_t mode, struct bytes data);
