/*
 * rdt.h - shares of the processor's cache and memory bandwidth: linux.intelRdt by resctrl groups.
 *
 * A group is a directory of the resctrl file system. Without closID the container has one of its
 * own, named by its id, which delete removes; with closID it joins that one, which is made if there
 * is something to be set in it, and stays. With enableMonitoring its use is counted by a group
 * below. Source: OCI runtime-spec, config-linux.md, "IntelRdt"; Documentation/filesystems/resctrl.
 */
#pragma once
#include "plan/plan.h"
#include "spec/spec.h"
#include <sys/types.h>

/* Where resctrl is mounted, in the arena; NULL if it is not. */
[[nodiscard]] struct err *rdt_find_mount(struct arena *a, const char **out);

/* Appends OP_RDT for container @id; nothing if @rdt is not present. @mount as from
 * rdt_find_mount(); NULL is an error. */
[[nodiscard]] struct err *rdt_plan(const struct spec_intel_rdt *rdt, const char *id,
	const char *mount, struct arena *a, struct plan_builder *out);

/* The directory that is the container's alone, to be removed with it; NULL if there is none. */
const char *rdt_owned(
	const struct spec_intel_rdt *rdt, const char *id, const char *mount, struct arena *a);

/* Executes OP_RDT: makes the group @host if @create, writes its @schemata, moves @pid into it and
 * into the group @monitor below it, which is made (NULL: none). */
[[nodiscard]] struct err *rdt_apply(
	const char *host, const char *const *schemata, bool create, const char *monitor, pid_t pid);
