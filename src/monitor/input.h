/*
 * input.h - the container's standard input: one packet at a time.
 *
 * No packet of input is read from a client before the last one is with the container, so that
 * clients wait in their sockets.
 */
#pragma once
#include "base/fd.h"
#include "base/str.h"
#include <stdbool.h>

struct input {
	struct fd own;   /* the pipe; empty with a terminal, or when it was closed */
	int fd;          /* where input goes: the pipe or the terminal; -1: nowhere */
	bool closing;    /* closed once what is left is written */
	struct str rest; /* what is left, in the room that the packet was read to */
};

/* Takes the bytes of a packet, in memory that stays; none: the end of input. */
void input_take(struct input *in, struct str bytes);

/* Writes what the container takes. */
void input_write(struct input *in);

/* No more input; what is left is still written. Terminals stay open. */
void input_end(struct input *in);
