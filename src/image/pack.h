/*
 * pack.h - makes a root file system from programs of this system: they themselves, what they need
 * (closure.h), the links that lead there (mirror.h), descriptions of terminals, and as much of
 * /etc as programs expect.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include <stdint.h>

struct pack_request {
	struct text_list programs; /* paths, or names along path */
	const char *path;          /* PATH */
	const char *term;          /* TERM: described too; or NULL */
	const char *dir;           /* the new root; made if it is not there */
};

struct packed {
	uint64_t files, bytes;
	struct text_list paths; /* of programs and libraries, in the arena */
};

/* Does it. What is in the directory already and is no obstacle stays. */
[[nodiscard]] struct err *pack(const struct pack_request *r, struct arena *a, struct packed *out);
