/* tree_copy.h - a copy of a directory tree, made by descriptors and never through symbolic links. */
#pragma once
#include "base/err.h"

/* Copies what is in the directory @from into the directory @to: files (sharing blocks where the file
 * system can), directories, links, nodes; owners, permissions, times, extended attributes. The
 * permissions and the owner of @to itself become those of @from. Hard links become files of their
 * own. */
[[nodiscard]] struct err *tree_copy(int from, int to);
