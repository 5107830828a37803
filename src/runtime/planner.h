/*
 * planner.h - from a checked spec and facts about the host to the two plans of a launch.
 *
 * Pure: reads nothing, does nothing. Everything that must be read first (control group mounts, the
 * compiled filter, whether a mount source is a directory) comes in with the request. Tests compare
 * the plans it makes with expected text; they need no root.
 */
#pragma once
#include "plan/plan.h"
#include "runtime/launch_request.h"

/* The plans of create and run. Proved to meet (handshake_check). */
[[nodiscard]] struct err *planner_make(
	const struct launch_request *r, struct arena *a, struct launch_plan *out);

/* The container's pidfd is opened by the caller into SLOT_FREE; OP_SETNS names that slot. */
[[nodiscard]] struct err *planner_make_exec(
	const struct exec_request *r, struct arena *a, struct launch_plan *out);
