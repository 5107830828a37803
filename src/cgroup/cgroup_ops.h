/*
 * cgroup_ops.h - what differs between the two generations of control groups.
 *
 * A container on a hybrid host has a group in both; there v2 serves, because it reports events and
 * kills frozen processes.
 */
#pragma once
#include "cgroup/cgroup.h"
#include <stdint.h>

struct cgroup_ops {
	/* Kills all in the group and below it, frozen ones too. */
	struct err *(*kill)(const struct cgroup *c);
	/* Freezes or thaws; returns when that is done. If it can't be, the group is thawed again.
	 */
	struct err *(*freeze)(const struct cgroup *c, bool frozen);
	/* True if the group is frozen or freezing; false if it is not there. */
	struct err *(*is_frozen)(const struct cgroup *c, bool *out);
	/* Waits until no process is in @dir or below it, at most until @deadline. */
	void (*await_empty)(const char *dir, int64_t deadline);
	/* A descriptor that becomes readable when the OOM killer has been active (see cgroup.h). */
	struct err *(*oom_watch)(const struct cgroup_dir *memory, struct fd *out);
	/* The file with the line "oom_kill N". */
	const char *oom_file;
};
extern const struct cgroup_ops cgroup_v1, cgroup_v2;

/* Milliseconds of the monotonic clock, and what is left until @deadline: never negative. */
int64_t cgroup_clock(void);
int cgroup_time_left(int64_t deadline);

/* Ends the freezing of a v1 group, if there is one: SIGKILL waits for it. */
void cgroup_v1_thaw(const struct cgroup *c);

/* Kills process by process until none is left: where cgroup.kill is not there. @after runs behind
 * every pass; NULL for nothing. */
[[nodiscard]] struct err *cgroup_kill_each(
	const struct cgroup *c, void (*after)(const struct cgroup *c));

/* ERR_CONFLICT if @pids, who are to be killed or frozen, have this process among them: then the
 * group holds more than a container, and whoever ends it by a mistaken record would end the caller
 * and all that runs beside it. */
[[nodiscard]] struct err *cgroup_spare_self(const struct int_list *pids);

/* Adds the processes of the directory @dir and of those below it to @out, in no order. */
[[nodiscard]] struct err *cgroup_pids_of(const char *dir, struct arena *a, struct int_list *out);

/* Removes the groups below @dir that have no processes, however deep they lie. */
void cgroup_remove_below(const char *dir);
