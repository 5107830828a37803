/*
 * proc.h - processes: pidfds, exit statuses, and what /proc says of one.
 *
 * A process is its pidfd; a number is for printing and for records, where the start time beside it
 * tells whether the number still means the same process. Sources: pidfd_open(2), proc(5).
 */
#pragma once
#include "base/fd.h"
#include <stdint.h>
#include <sys/types.h>

/* Opens a pidfd; ERR_NOT_FOUND if there is no such process. */
[[nodiscard]] struct err *proc_open(pid_t pid, struct fd *out);

/* Sends @signal; ERR_NOT_FOUND if the process has ended and been reaped. */
[[nodiscard]] struct err *proc_signal(int pidfd, int signal);

/* Waits up to @milliseconds (-1: for ever) for the end of a process, of any parent; *@ended says
 * whether it has ended. Reaps nothing. */
[[nodiscard]] struct err *proc_await(int pidfd, int milliseconds, bool *ended);

/* The number of the process of @pidfd, as long as it is not reaped. */
[[nodiscard]] struct err *proc_number(int pidfd, pid_t *out);

/* Reaps a child of ours: waits for its end. *@status is as wait(2) has it. */
[[nodiscard]] struct err *proc_reap(int pidfd, int *status);

/* How a process of somebody else ended, as wait(2) has it; false if nobody can tell: it was reaped
 * already, before Linux 6.15. */
bool proc_ended(int pidfd, int *status);

/* What a shell makes of a wait status: the exit status, or 128 plus the signal's number. */
int proc_exit_code(int status);

/* What /proc/<pid>/stat tells. */
struct proc_stat {
	char state; /* 'R', 'S', 'Z', ... */
	pid_t parent;
	uint64_t start_time; /* clock ticks since boot */
};
/* ERR_NOT_FOUND if there is no such process. */
[[nodiscard]] struct err *proc_stat_read(pid_t pid, struct proc_stat *out);
