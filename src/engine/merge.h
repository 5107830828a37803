/*
 * merge.h - from what was asked for a container to what the runtime is told: struct spec.
 *
 * Defaults are Docker's: 14 capabilities, its seccomp profile, devices, masked and read-only paths.
 * What can't be honoured is refused, never passed over. The parts, one file each, are called in the
 * order in which they stand here; merge.c does.
 */
#pragma once
#include "cgroup/cgroup.h"
#include "engine/find.h"
#include "spec/spec.h"

struct merge {
	struct arena *arena;
	const struct engine *engine;
	const struct engine_container *container;
	const struct container_request *request; /* the container's */
	int root; /* its root directory, for /etc/passwd; -1: users are not looked up */
	const struct cgroup_host *cgroups;
	struct spec *spec;
};

/* Makes the whole spec. Reads devices and the files of users; changes nothing. */
[[nodiscard]] struct err *merge_spec(struct merge *m);

/* Who runs: user, group, further groups (merge_user.c). */
[[nodiscard]] struct err *merge_user(
	const struct merge *m, const char *user, struct spec_process *out);
/* Capabilities, the filter, labels, no_new_privs (merge_security.c). */
[[nodiscard]] struct err *merge_security(struct merge *m);
/* Namespaces, hidden paths, kernel settings (merge_linux.c). */
[[nodiscard]] struct err *merge_linux(struct merge *m);
/* Device nodes and the rules about them (merge_devices.c). */
[[nodiscard]] struct err *merge_devices(struct merge *m);
/* Limits (merge_resources.c). */
[[nodiscard]] struct err *merge_resources(struct merge *m);
/* The same as an update of a running container has it. */
[[nodiscard]] struct err *merge_limits(
	const struct container_request *r, bool v2, struct arena *a, struct spec_resources *out);
/* What is mounted (merge_mounts.c). */
[[nodiscard]] struct err *merge_mounts(struct merge *m);

/* Appends to a list of @size bytes an item; the list grows in the arena alone. Returns the place.
 */
void *merge_add(struct list *l, size_t size, struct arena *a);
#define merge_new(list, type, arena) ((type *)merge_add((list), sizeof(type), (arena)))

/* A copy of @l that can be appended to. */
struct text_list merge_copy(const struct text_list *l, struct arena *a);

/* "not supported yet": for what is asked and can't be given. */
[[nodiscard]] struct err *merge_refuse(const char *what);
