/*
 * mirror.h - puts files of this system below another root, at the same paths, with the symbolic
 * links that lead to them.
 *
 * "/lib/libc.so.6" on a system where /lib is a link to usr/lib becomes the link and the file
 * /usr/lib/libc.so.6. Nothing below the new root is reached through a link: what is in the way
 * there is an error.
 */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include <stdint.h>
#include <sys/types.h>

struct mirror {
	int root; /* the new root, borrowed */
	struct arena *arena;
	uint64_t files, bytes; /* what has been copied so far */
};

/* Copies the file at the absolute @path, or the link and what it leads to. A directory is made
 * without its content. Owners are those of this process; setuid and setgid bits stay behind. */
[[nodiscard]] struct err *mirror_path(struct mirror *m, const char *path);

/* Makes a directory with its parents; one that is there keeps its mode. */
[[nodiscard]] struct err *mirror_dir(struct mirror *m, const char *path, mode_t mode);

/* Writes a file of our own, if there is none at @path. */
[[nodiscard]] struct err *mirror_text(
	struct mirror *m, const char *path, mode_t mode, struct bytes text);
