/*
 * launch_talk.h - a launch under way, and what the child has to say in it.
 */
#pragma once
#include "runtime/order.h"
#include "runtime/scope.h"

/* A launch under way. */
struct launch {
	const struct launch_order *order;
	int *slots; /* descriptors by slot, -1 for none; owned, except those given */
	int n_slots;
	struct fd sync;     /* our end of the socket to the child */
	struct fd terminal; /* our end of SLOT_CONSOLE, where the plan connects it to nothing */
	pid_t pid;
	struct fd pidfd;
	struct scope scope; /* systemd's, kept alive until the container is inside */
	bool silent;        /* the child ended where something was expected of it */
};

/* Receives one message; *@ended is set at end of file. Faults become errors; a seccomp listener is
 * passed on. */
[[nodiscard]] struct err *launch_receive(struct launch *l, struct message *m, bool *ended);
