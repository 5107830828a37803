/* plan_mounts.h - one mount of the spec while it is planned, for the files that plan its kinds. */
#pragma once
#include "planner/draft.h"
#include "spec/mount_opts.h"

struct mount_draft {
	struct draft *d;
	const struct spec_mount *spec;
	size_t number;      /* mounts[number] */
	const char *target; /* relative to the root: "dev/pts"; "" is the root itself */
	struct mount_opts opts;
	uint32_t flags; /* MOUNT_*, of the target */
	int slot;       /* of a bind mount's source, once that is planned; NO_SLOT before */
};

/* A new file system of @type, with @params instead of the spec's. */
void plan_new_fs(struct mount_draft *m, const char *why, const struct text_list *params);
/* A tree of the host instead of a new file system; the spec's options hold for all of it. */
void plan_host_tree(struct mount_draft *m, const char *host, const char *why);
/* Makes what is mounted at the target read-only once everything is in place. */
void plan_readonly_later(struct mount_draft *m);
/* The kinds of mounts that are more than one operation. */
[[nodiscard]] struct err *plan_bind(struct mount_draft *m);
[[nodiscard]] struct err *plan_bind_source(struct mount_draft *m);
[[nodiscard]] struct err *plan_cgroup_mount(struct mount_draft *m);
