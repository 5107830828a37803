/*
 * record.h - what is written down about a container: record.json and process.json.
 *
 * The record is complete before the first side effect of a launch, so that whatever a killed
 * runtime left can be undone from it. The process is a file of its own because it is known only
 * after the clone. Both are of a format of ours, with a version.
 */
#pragma once
#include "cgroup/cgroup.h"
#include "runtime/state.h"
#include <sys/types.h>

/* record.json */
struct record {
	const char *id, *oci_version, *bundle, *rootfs;
	const char *created;     /* RFC 3339 */
	const char *runtime;     /* the version that made it */
	int64_t owner;           /* user id of who made it */
	bool own_pid_namespace;  /* so that killing its first process kills all */
	bool start_reads_config; /* start has hooks to run or a seccomp listener to pass on */
	bool has_poststop;       /* delete has hooks to run */
	const char *rdt_dir;     /* the resctrl group that was made for it, or NULL */
	struct cgroup cgroup;    /* mode CGROUP_NONE: it has none */
	struct text_map annotations;
};

/* process.json */
struct process_record {
	pid_t pid;
	uint64_t
		start_time; /* clock ticks since boot: tells one process of a number from another */
};

/* ERR_NOT_FOUND if there is none; ERR_SYSTEM, with a hint, if it is damaged or of a later format.
 * Memory comes from @a. */
[[nodiscard]] struct err *record_write(const struct state *s, const struct record *r);
[[nodiscard]] struct err *record_read(const struct state *s, struct arena *a, struct record *out);

/* Notes @pid with its start time, which is read from /proc. */
[[nodiscard]] struct err *record_write_process(const struct state *s, pid_t pid);
/* *@there is false if none was noted: it is being created, or that was interrupted. */
[[nodiscard]] struct err *record_read_process(
	const struct state *s, struct process_record *out, bool *there);
