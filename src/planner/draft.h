/*
 * draft.h - a launch while it is planned: what was asked, what follows from it, and what has been
 * planned so far.
 *
 * The parts of a plan, one file each, take a draft and append operations to its two halves. They
 * are called in the order in which they stand here; planner.c does.
 */
#pragma once
#include "plan/plan.h"
#include "planner/launch_request.h"

struct mount_draft;

struct draft {
	struct arena *arena;

	/* What was asked. */
	const struct launch_request *launch; /* NULL: one more process */
	const struct exec_request *exec;     /* NULL: a container */
	const struct spec *spec;             /* the container's */
	const struct spec_process *process;
	const struct host_facts *host;
	const struct cgroup *cgroup;           /* or NULL */
	const struct seccomp_program *seccomp; /* or NULL */

	/* What follows. */
	uint64_t made, joined; /* CLONE_NEW*: namespaces that are new, and that exist already */
	bool userns;           /* the process is in a user namespace that is not the caller's */
	bool privileged;       /* the caller can make mounts and namespaces by itself */
	bool early_sources;   /* host mounts are cloned by the parent: the child can't reach them */
	uint64_t clone_flags; /* of OP_CLONE */
	int reforks;          /* how often the child goes on in a new process */

	/* What has been planned. */
	struct plan_parts parts;
	struct text_list warnings;
	bool proc_open;                  /* the child has SLOT_PROC */
	struct mount_draft *mounts;      /* one for each of the spec's (plan_mounts.h) */
	struct text_list readonly_later; /* targets of mounts that become read-only at the end */
};

/* Appends an operation to a half of the plan. */
void draft_parent(struct draft *d, struct op op);
void draft_child(struct draft *d, struct op op);
/* Appends an OP_SOURCE to the half that can execute it. */
void draft_source(struct draft *d, struct op op);
/* A slot that nobody uses yet. */
int draft_slot(struct draft *d);
/* Tells the caller what it can't have, in a sentence. */
void draft_warn(struct draft *d, const char *fmt, ...) printf_like(2, 3);
/* Makes sure that the child has SLOT_PROC from here on. */
void draft_proc(struct draft *d);
/* The child writes a file of its own procfs. */
void draft_proc_write(struct draft *d, const char *path, const char *text, const char *why);
/* One of the two in whose namespaces the process ends up, or both. */
static inline bool draft_has(const struct draft *d, uint64_t flag)
{
	return (d->made | d->joined) & flag;
}

/* What comes before anything else (plan_ns.c). */
void plan_begin(struct draft *d);
/* Nobody may look into the child from here on (plan_ns.c). */
void plan_undumpable(struct draft *d);
/* Namespaces, and what has to be done before they are entered; the control group has been joined
 * (plan_ns.c). */
[[nodiscard]] struct err *plan_namespaces(struct draft *d);
/* The same for one more process. */
[[nodiscard]] struct err *plan_enter(struct draft *d);

/* Reads the options of all mounts, and clones what has to be cloned before anything else
 * (plan_mounts.c). */
[[nodiscard]] struct err *plan_prepare_mounts(struct draft *d);
/* The root (plan_root.c), what is mounted below it (plan_mounts.c), device nodes (plan_devices.c).
 */
[[nodiscard]] struct err *plan_root(struct draft *d);
[[nodiscard]] struct err *plan_mounts(struct draft *d);
void plan_devices(struct draft *d);
/* True if /dev is the container's own, and so the device nodes are ours to make (plan_mounts.c). */
bool plan_makes_dev(const struct draft *d);
/* The child's side of the meeting at which hooks run (plan_parent.c). */
void plan_meet(struct draft *d);
/* The new root, and what is hidden in it (plan_root.c). */
[[nodiscard]] struct err *plan_pivot(struct draft *d);

/* The working directory: once with the rights of the launch, once with those of the user
 * (plan_process.c). */
void plan_chdir(struct draft *d, bool as_launch);
/* What the process is, up to its command (plan_process.c). */
[[nodiscard]] struct err *plan_process(struct draft *d);
/* The same for one more process. */
[[nodiscard]] struct err *plan_exec_process(struct draft *d);
/* Limits that only a privileged process can raise, before a user namespace is entered; and all
 * others, those that would get in the way of the launch when it is @late (plan_limits.c). */
void plan_raise_limits(struct draft *d);
void plan_limits(struct draft *d, bool late);
/* The child's side of the wait for start (plan_parent.c). */
void plan_wait_for_start(struct draft *d);
/* True if the process can't drop its supplementary groups (plan_parent.c). */
bool plan_keeps_groups(const struct draft *d);

/* The parent's half from OP_CLONE on (plan_parent.c). */
[[nodiscard]] struct err *plan_parent(struct draft *d);
