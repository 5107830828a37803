/*
 * order.h - what a launch is told, and what comes out of it.
 */
#pragma once
#include "base/fd.h"
#include "plan/plan.h"
#include <sys/types.h>

/* What the launch asks of its caller; all members are needed. */
struct launch_hooks {
	/* OP_RECORD: makes durable what is needed to undo everything that follows. */
	struct err *(*record)(void *ctx);
	/* OP_COMMIT: completes the record with the process. */
	struct err *(*commit)(void *ctx, pid_t pid);
	/* Appends the state document for hooks and listeners. */
	void (*state)(void *ctx, const char *status, pid_t pid, struct buf *out);
	void *ctx;
};

/* A descriptor that the caller opened for a slot; borrowed. */
struct slot_fd {
	int slot, fd;
};

struct launch_order {
	const struct launch_plan *plan;
	const struct slot_fd *given;
	size_t n_given;
	const struct launch_hooks *hooks;
	/* Where a seccomp listener goes, and what is said with it; or NULL. */
	const char *listener_path, *listener_metadata;
};

struct launched {
	pid_t pid;
	struct fd pidfd;
	struct fd terminal; /* the master, if the plan makes a terminal and connects to no socket */
};
