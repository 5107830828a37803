/*
 * launch_test.h - for tests: runs the child program on the real kernel, as root, in a root file
 * system that consists of busybox.
 */
#pragma once
#include "base/fd.h"
#include "base/test.h"
#include "kernel/compat.h"
#include "plan/plan.h"
#include <sys/types.h>

enum { TEST_SLOTS = SLOT_FREE + 8 };

/* A root file system, and what one launch in it gives. */
struct scene {
	char root[64];         /* absolute */
	int slots[TEST_SLOTS]; /* for the child; SLOT_SYNC is made by scene_run() */
	/* What the parent does about a message on @sync; NULL does nothing. */
	void (*heard)(struct scene *s, int sync, const struct message *m);
	pid_t pid;  /* of the process that was cloned; @heard changes it where that handed over */
	int status; /* as from waitpid() */
	struct message last; /* the last message on SLOT_SYNC; kind 0 if there was none */
	char out[8192];      /* what the command wrote */
};

/* Makes the root, or skips the test if this is not root or there is no busybox. */
void scene_make(struct scene *s);
/* Removes it. */
void scene_remove(struct scene *s);
/* Makes a file, or with a NULL text a directory, in the root. */
void scene_put(struct scene *s, const char *path, const char *text);
/* Clones with @flags, executes @p and waits for the end. */
void scene_run(struct scene *s, const struct plan *p, uint64_t flags);
