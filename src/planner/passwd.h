/*
 * passwd.h - /etc/passwd of a container: a file that somebody else wrote, read as data.
 *
 * It is looked up below the container's root, has to be a regular file and may not be larger than
 * PASSWD_MAX bytes. Lines that are not of the form passwd(5) describes are passed over. Ids are
 * decimal numbers that fit; nothing else is ever taken for one.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

enum { PASSWD_MAX = 10 << 20 };

struct passwd_entry {
	const char *name;
	uint32_t uid, gid;
	const char *home, *shell; /* may be empty */
};

/* The first entry with @uid in the file @path below the directory @root; *@found is false if there
 * is none, or no file that we may read. */
[[nodiscard]] struct err *passwd_by_uid(int root, const char *path, uint32_t uid, struct arena *a,
	struct passwd_entry *out, bool *found);
