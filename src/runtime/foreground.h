/*
 * foreground.h - stays with a container until it ends: signals go in, the terminal goes both ways.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>

struct foreground {
	int pidfd;      /* of a child of ours */
	int terminal;   /* the master of its terminal, or -1; our 0 and 1 are relayed to it */
	bool subreaper; /* orphans of the container become our children and are reaped */
};

/* Holds signals back from here on, so that none ends us while the container is made: what arrives
 * before foreground_run() is passed on by it. Children we start get the usual mask. */
void foreground_begin(void);

/* Relays until the process ends and reaps it; *@status is as wait(2) has it. Every signal that
 * reaches us goes to the process; SIGWINCH resizes its terminal. Our own terminal, if standard
 * input is one, is raw meanwhile. */
[[nodiscard]] struct err *foreground_run(const struct foreground *f, int *status);
