/*
 * resources.h - linux.resources and the way into a group, as operations.
 *
 * Pure, like the planner, but for resources_run() and resources_check_usage(). Controller by
 * controller in resources_parts.h.
 */
#pragma once
#include "cgroup/cgroup.h"
#include "kernel/probe.h"
#include "plan/plan.h"
#include "spec/spec.h"

/* linux.resources as operations on the group's directories: making them, every limit, and the
 * device rules. @update leaves out what only holds for a new group: making it, and
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

/* How the child gets into the group: on v1 files are opened for it and it writes 0 to each; on v2
 * the parent opens SLOT_CGROUP and @clone_flags gets CLONE_INTO_CGROUP. */
[[nodiscard]] struct err *cgroup_join_plan(
	const struct cgroup *c, struct arena *a, struct plan_parts *p, uint64_t *clone_flags);
