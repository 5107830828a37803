/*
 * spawn.h - makes the child: clones, and executes the child program from a sealed file in memory.
 *
 * The plan is part of that file. Of our descriptors the new program gets those behind the slots and
 * what the caller of this program passed on; nothing else. It starts with no signal blocked and
 * none ignored, as child/image.h wants it.
 */
#pragma once
#include "base/fd.h"
#include "plan/plan.h"
#include <sys/types.h>

struct spawn_request {
	const struct plan *plan; /* the child's */
	const int *slots;        /* descriptors by slot; -1 for none */
	int n_slots;
	uint64_t flags; /* for clone3: CLONE_NEW*, CLONE_INTO_CGROUP */
	int cgroup;     /* for CLONE_INTO_CGROUP */
};

/* On success @pidfd owns the child's pidfd. A failure of the child before its program runs arrives
 * as a fault on its SLOT_SYNC. */
[[nodiscard]] struct err *spawn_child(const struct spawn_request *r, pid_t *pid, struct fd *pidfd);
