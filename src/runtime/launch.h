/*
 * launch.h - executes a launch: runs the parent's plan, makes the child, collects its fault.
 *
 * The child is a program of its own (src/child), kept inside this one and executed from a sealed
 * file in memory, so that nothing inside a container ever has the runtime's own file open. Its
 * plan travels in the same way. On any failure the child is killed and reaped; undoing the rest is
 * the caller's, by the record.
 */
#pragma once
#include "base/fd.h"
#include "plan/plan.h"
#include <sys/types.h>

struct launch_hooks {
	/* OP_RECORD and OP_COMMIT: what the caller keeps on disk. */
	struct err *(*record)(void *ctx);
	struct err *(*commit)(void *ctx, pid_t pid);
	/* The state document for hooks and listeners, as text in @out. */
	void (*state)(void *ctx, const char *status, pid_t pid, struct buf *out);
	void *ctx;
};

struct launched {
	pid_t pid;
	struct fd pidfd;
	struct fd terminal; /* the master, if the plan sends it to the parent */
};

/* Runs both plans. @given are descriptors the caller opened, as pairs of slot and number (they are
 * borrowed). Returns when the child waits at its gate, or has executed its command. */
struct slot_fd {
	int slot, fd;
};
[[nodiscard]] struct err *launch_run(const struct launch_plan *plan, const struct slot_fd *given,
	size_t n_given, const struct launch_hooks *hooks, struct launched *out);
