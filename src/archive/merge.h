/* merge.h - layers as one tree: an overlay mount that only this process sees. */
#pragma once
#include "base/fd.h"
#include <stddef.h>

/* Mounts the @n directories @dirs (the lowest first) read-only in a mount namespace of our own, and
 * opens the tree's root. It goes with the process. */
[[nodiscard]] struct err *merge_dirs(char *const *dirs, size_t n, struct fd *out);
