/*
 * adopt.h - a container whose monitor was killed gets another one.
 *
 * What it writes is read again from its pipes, which are found as the process's own descriptors;
 * what it wrote in between met a closed pipe. A terminal is gone with the monitor that held it. How
 * the container ends can still be known: a pidfd tells (kernel/proc.h).
 */
#pragma once
#include "engine/find.h"

/* True if @c runs and nobody watches it. Costs two reads below /proc where all is well. */
bool adopt_needed(const struct engine_container *c);

/* Starts a monitor for it. The caller holds its guard. */
[[nodiscard]] struct err *adopt(
	const struct engine *e, struct engine_container *c, struct arena *a);
