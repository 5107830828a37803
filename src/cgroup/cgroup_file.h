/*
 * cgroup_file.h - reads files of a group.
 *
 * For counters a file that is not there is no error: which ones there are depends on the kernel
 * and on the controllers in force.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* The content of @file in the group @dir without its last newline. */
[[nodiscard]] struct err *cgroup_read(
	const char *dir, const char *file, struct arena *a, const char **out);

/* The same, or "" if it can't be read. */
const char *cgroup_text(const char *dir, const char *file, struct arena *a);

/* A file that holds one number, "max" being UINT64_MAX; false if it can't be read. */
bool cgroup_number(const char *dir, const char *file, uint64_t *out);

/* What stands behind @key in text of lines "key number"; false if no line has it. */
bool cgroup_keyed(const char *text, const char *key, uint64_t *out);

/* The number of @file's line @key, or @missing. */
uint64_t cgroup_keyed_number(const char *dir, const char *file, const char *key, uint64_t missing);
