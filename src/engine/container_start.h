/* container_start.h - a start, for a process that is to become the monitor itself. */
#pragma once
#include "engine/supervise.h"

/* Launches the container and becomes its monitor; returns only if that fails. */
[[nodiscard]] struct err *start_become(
	const struct engine *e, struct engine_container *c, struct supervise *s, struct arena *a);
