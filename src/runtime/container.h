/*
 * container.h - one container, looked at and acted upon.
 *
 * What it is doing is derived from the kernel each time: its process lives if there is one of that
 * number and start time that is no zombie; it is created, not running, as long as somebody listens
 * at its gate; it is paused if its control group is frozen. So no command can be misled by what a
 * killed one left on disk.
 */
#pragma once
#include "runtime/record.h"

enum container_status {
	STATUS_CREATING, /* the process that creates it is at work */
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED, /* also: its creation was interrupted */
	STATUSES,
};

/* "running": the words of the OCI runtime specification. */
const char *container_status_name(enum container_status s);

struct container {
	struct state state; /* not locked */
	struct record record;
	struct process_record process; /* zero: none is known */
};

/* Opens @id and reads what is written down about it. Memory belongs to @a. */
[[nodiscard]] struct err *container_open(
	const struct state_root *root, const char *id, struct arena *a, struct container *out);
/* Reads again, after the lock was taken. */
[[nodiscard]] struct err *container_reread(struct container *c, struct arena *a);
/* Closes what is open here; the container goes on. */
void container_close(struct container *c);

/* What it is doing now. */
[[nodiscard]] struct err *container_status(const struct container *c, enum container_status *out);

/* Opens a pidfd of its first process; ERR_CONFLICT "container not running" if that has ended. */
[[nodiscard]] struct err *container_process(const struct container *c, struct fd *out);

/* The processes in its control group. */
[[nodiscard]] struct err *container_pids(
	const struct container *c, struct arena *a, struct int_list *out);

/* Sends @signal to its first process; SIGKILL reaches all of them where the first one's end does
 * not end the others, and frozen ones. ERR_CONFLICT "container not running". */
[[nodiscard]] struct err *container_kill(const struct container *c, int signal);
/* Sends @signal to all of its processes, whether the first one lives or not; where there is no
 * control group to find the others by, to the first one. */
[[nodiscard]] struct err *container_kill_all(const struct container *c, int signal);

/* Freezes a created or running one, thaws a paused one. ERR_CONFLICT "container not running",
 * "container not paused". The caller holds the lock. */
[[nodiscard]] struct err *container_pause(const struct container *c);
[[nodiscard]] struct err *container_resume(const struct container *c);

/*
 * Removes a created or a stopped container with all that its creation made: processes, control
 * groups, systemd's scope, its directory; then its poststop hooks have run. With @force also one
 * that runs, one whose record can't be read, and one that is not there at all.
 */
[[nodiscard]] struct err *container_delete(
	const struct state_root *root, const char *id, bool force, struct arena *a);

/* Undoes what the record of a failed creation tells, and removes the directory. Poststop hooks do
 * not run. The caller holds the lock. */
[[nodiscard]] struct err *container_undo(const struct state *s, struct arena *a);
