/*
 * inside.h - the files of the container, reached beneath its root and in no other way.
 *
 * A path of an operation is resolved by the kernel with SLOT_ROOT as its root, links included, and
 * never through a magic link such as /proc/self/exe. What is made is made in a directory that is
 * held by its descriptor. So nothing in the image, and nobody who changes it in the meantime, can
 * lead outside. Before a root is mounted (a process that joins a container), SLOT_ROOT is "/".
 */
#pragma once
#include "child/runner.h"

/* openat2() with O_CLOEXEC; tries again where the kernel could not decide because of a race. */
int open_at(struct runner *r, int dir, const char *path, uint64_t flags, uint64_t resolve);

/* Opens @path beneath the root with O_PATH and @flags. */
int inside_open(struct runner *r, const char *path, uint64_t flags);

/* Opens @name, one component, in a directory; a link is not followed. */
int inside_child(struct runner *r, int dir, const char *name, uint64_t flags);

/* The place where something is to be attached. */
struct target {
	const char *path;
	uint32_t flags; /* MOUNT_* */
	int like;       /* a missing one is made like this: a directory or a file; -1: directory */
	bool made;      /* out: it was not there */
};
/* Opens @t->path with O_PATH, making it and its parents if they are not there. */
int inside_target(struct runner *r, struct target *t);

/* The directory in which @path is an entry, made if it is not there: borrowed, until the next
 * operation on another directory. -EINVAL if @path does not end in a name. */
int inside_parent(struct runner *r, const char *path);

/* The type and the device numbers of what is open. */
int inside_look(struct runner *r, int fd, struct statx *out);
