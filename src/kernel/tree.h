/* tree.h - whole directory trees, reached by descriptors and never through symbolic links. */
#pragma once
#include "base/err.h"
#include <stdint.h>

/* Removes @name below @dir with all that is in it, however deep that is. Nothing there is
 * success. Whoever else may write to the tree can at worst make this fail. */
[[nodiscard]] struct err *tree_remove(int dir, const char *name);
