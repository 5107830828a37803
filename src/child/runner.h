/*
 * runner.h - a plan under execution: what all executors share.
 *
 * They make every system call through runner.sys, which repeats calls that a signal interrupted and
 * notes the last one that failed. Functions return 0, a descriptor, or -errno. Here is no C
 * library: no memory but the stack, no errno, nothing of libc's.
 */
#pragma once
#include "kernel/sys_calls.h"
#include "plan/op.h"
#include <errno.h>

enum { LATER_MAX = 256 };

struct runner {
	struct sys sys; /* what executors call; passes on to @kernel */
	const struct sys *kernel;
	const struct plan *plan;
	int *slots;
	int n_slots;
	enum sys_call failed; /* the last call that failed; SYS_NONE after runner_refuse() */
	char note[128];       /* more about the failure, in words, or "" */
	uint64_t later[LATER_MAX / 64]; /* descriptors that are closed but for the call */
	const char *near; /* a path beneath the root whose directory is kept open ... */
	int near_dir;     /* ... here; -1 for none */
	size_t command;   /* which candidate OP_FIND_COMMAND chose */
	bool null_shown;  /* SLOT_NULL is attached somewhere: it can be cloned */
	bool empty_shown; /* the same for SLOT_EMPTY */
	bool arrived;     /* the working directory is reached */
	bool starting;    /* MESSAGE_STARTING has been sent */
	bool filtered;    /* a seccomp filter is loaded: only few calls may be made */
};

/* Prepares for plans on @kernel. */
void runner_init(struct runner *r, const struct sys *kernel, int *slots, int n_slots);
/* A failure that no system call reported: returns -num. */
int runner_refuse(struct runner *r, int num);
/* The same, with the reason in words. */
int runner_refuse_because(struct runner *r, int num, const char *why);
/* The descriptor in a slot, borrowed; -1 if it is empty or there is no such slot. */
int runner_slot(const struct runner *r, int slot);
/* Puts a descriptor into a slot and closes what was there. If @fd is a failure instead, returns
 * that, and the slot stays. */
int runner_keep(struct runner *r, int slot, long fd);
/* Takes the descriptor out of its slot; -1 if there is none. */
int runner_take(struct runner *r, int slot);
/* Is done with @fd, unless it is negative. A launch opens a hundred descriptors, one after the
 * other; they are closed together, by runner_sweep() or when there are no more. */
void runner_close(struct runner *r, long fd);
/* Closes @fd at once, unless it is negative: somebody waits for that. */
void runner_close_now(struct runner *r, long fd);
/* Closes what runner_close() left, a range at a time. runner.failed stays. */
void runner_sweep(struct runner *r);
/* Empties all slots but those of the talk with who made this process and who starts it. */
void runner_close_slots(struct runner *r);
