/*
 * planner.h - from a checked spec and facts about the host to the two plans of a launch.
 *
 * Pure: reads nothing, does nothing. Everything that must be read first (control group mounts, the
 * compiled filter, a home directory) comes in with the request; survey.h looks up what is in no
 * other module. Tests compare the plans it makes with expected text; they need no root.
 *
 * What can't be given but can be done without (a capability the caller lacks, a limit it may not
 * raise, a mount option without effect) becomes one of the plan's warnings.
 *
 * Hooks: prestart, createRuntime and createContainer are in the plan, once namespaces and mounts
 * are made and before the new root is. startContainer is in the plan of run, right before the
 * command; for create it is the start command's to run before it opens the gate. poststart and
 * poststop are always the caller's.
 *
 * A spec without a mount namespace is refused: its root could only be left again.
 */
#pragma once
#include "plan/plan.h"
#include "planner/launch_request.h"

/* The plans of create and run. Proved to meet (handshake_check). */
[[nodiscard]] struct err *planner_make(
	const struct launch_request *r, struct arena *a, struct launch_plan *out);

/* The container's pidfd is opened by the caller into SLOT_FREE; OP_SETNS names that slot. */
[[nodiscard]] struct err *planner_make_exec(
	const struct exec_request *r, struct arena *a, struct launch_plan *out);
