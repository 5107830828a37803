/*
 * old_mount.h - mount(2), for what the newer calls cannot say: fsconfig() takes values of at most
 * 255 bytes, and the layers of an overlay are longer.
 */
#pragma once
#include "child/runner.h"

/* Whether a value is too long for fsconfig(). */
bool old_mount_needed(const char *source, const char *const *params);
/* As mount_make(). The file system is mounted on a directory of the old root, where only this
 * process can see it, until a detached copy is made: mount events may not travel from there. */
int old_mount_make(struct runner *r, const char *type, const char *source,
	const char *const *params, uint64_t attrs);
