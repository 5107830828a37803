/*
 * create.h - makes a container.
 *
 * What it writes down first is enough to undo all that follows: a create that fails does so, and
 * delete does it for one that was killed on the way.
 */
#pragma once
#include "runtime/launch.h"
#include "runtime/prepare.h"
#include "runtime/state.h"

/* A container that has just been made. */
struct created {
	struct state state; /* locked */
	struct prepared prepared;
	struct launched launched;
};
void created_done(struct created *c);

/* Claims the id and launches: with @o->wait_at_gate up to the gate, else up to the execution of
 * the command, poststart hooks included. On failure everything is undone. @o->state_dir is set
 * here. @pidfd_socket, or NULL, gets the process's pidfd. Memory belongs to @a. */
[[nodiscard]] struct err *create_container(const struct state_root *root, struct launch_options *o,
	const char *pidfd_socket, struct arena *a, struct created *out);
