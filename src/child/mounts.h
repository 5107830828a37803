/* mounts.h - making and attaching detached mounts. */
#pragma once
#include "child/runner.h"

/* Attaches the detached mount at @tree on what @place is open on. */
int mount_attach(struct runner *r, int tree, int place);
/* A detached copy of what is mounted, or simply is, at @from; @flags may be AT_RECURSIVE. */
int mount_clone(struct runner *r, int from, unsigned int flags);
/* A new file system, detached. @params as fsconfig() takes them: "key=value" or "flag". What the
 * kernel says of a failure is in runner.note. */
int mount_make(struct runner *r, const char *type, const char *source, const char *const *params,
	uint64_t attrs);
