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

/* linux.resources as operations on the group's directories: making them, every limit, and the
 * device rules (resources.c). @update leaves out what only holds for a new group: making it, and
 * devices. A limit that this host has no controller for is an error that names both; without a
 * group (@c is NULL) any limit is one. */
[[nodiscard]] struct err *resources_plan(const struct spec_resources *r, const struct cgroup *c,
	const struct host_facts *host, bool update, struct arena *a, struct plan_builder *out);

/* Executes operations of resources_plan() where there is no launch: for update. */
[[nodiscard]] struct err *resources_run(const struct plan *p);

/* True if @r asks for a limit; device rules are none. */
bool resources_limit(const struct spec_resources *r);

/* What @r asks for and Linux no longer has, or has on v1 only, one text each for a warning. */
void resources_ignored(const struct spec_resources *r, const struct cgroup *c, struct arena *a,
	struct text_list *out);

/* memory.checkBeforeUpdate: refuses a limit below what the group uses now. */
[[nodiscard]] struct err *resources_check_usage(
	const struct spec_resources *r, const struct cgroup *c);

/* OP_SCOPE for a group that systemd keeps, nothing for another (scope_plan.c). Unit properties come
 * from the limits and from annotations "org.systemd.property.*" that are on our list. */
[[nodiscard]] struct err *scope_plan(const struct spec *spec, const char *id,
	const struct cgroup *c, struct arena *a, struct plan_builder *out);

/* The unit properties of the limits alone, for scope_set() when they are changed. */
[[nodiscard]] struct err *scope_properties(const struct spec_resources *r, const struct cgroup *c,
	struct arena *a, struct text_list *out);

/* How the child gets into the group: on v1 files are opened for it and it writes 0 to each; on v2
 * the parent opens SLOT_CGROUP and @clone_flags gets CLONE_INTO_CGROUP (resources.c). */
[[nodiscard]] struct err *cgroup_join_plan(
	const struct cgroup *c, struct arena *a, struct plan_parts *p, uint64_t *clone_flags);
