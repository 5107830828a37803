/*
 * self.h - the monitor as a process: protected while it watches, ordinary again in what it
 * executes.
 */
#pragma once
#include "base/fd.h"
#include <sys/types.h>

struct self {
	struct fd signals;  /* tells of SIGCHLD, SIGTERM and SIGINT: signalfd */
	char oom_score[16]; /* as it was, to be put back; empty: unknown */
};

/* Out of the reach of the OOM killer as far as we may, signals by descriptor, no SIGPIPE, processes
 * without a parent become ours. */
[[nodiscard]] struct err *self_begin(struct self *s);

/* Starts @command with no input and both outputs at the pipe *@out; all descriptors that close on
 * exec are closed there. -1 and errno if it cannot be. */
pid_t self_spawn(const struct self *s, char **command, struct fd *out);

/* Becomes @command; returns errno if that cannot be. */
int self_become(const struct self *s, char **command);
