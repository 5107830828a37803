/*
 * network.h - what a container's network needs besides its namespace: the place where interfaces,
 * addresses, ports and names are added to a container that has been made, and taken away at its
 * end. none, host and container:x need nothing.
 */
#pragma once
#include "engine/find.h"

/* Gives the network namespace of @pid what was asked for. */
[[nodiscard]] struct err *network_attach(
	const struct engine *e, const struct engine_container *c, pid_t pid, struct arena *a);
/* Undoes it; what is gone already is fine. */
[[nodiscard]] struct err *network_detach(
	const struct engine *e, const struct engine_container *c, struct arena *a);
