/*
 * prepare.h - everything that a launch depends on, read; and the launch, planned.
 *
 * Changes nothing on the system but the cache of compiled filters, so `explain` stops here and
 * `create` goes on from here: both have the same plan.
 */
#pragma once
#include "planner/planner.h"

enum cgroup_manager { CGROUP_MANAGER_FS, CGROUP_MANAGER_SYSTEMD, CGROUP_MANAGER_NONE };

/* What the caller of create, run and explain decides. */
struct launch_options {
	const char *id, *state_dir;            /* absolute */
	const char *bundle;                    /* directory */
	const char *config;                    /* file; NULL: config.json in the bundle */
	const char *console_socket, *pid_file; /* or NULL */
	const char *filter_cache;              /* directory of compiled filters, or NULL */
	const struct launch_overlay *overlay;  /* mounted at root.path, or NULL */
	int preserve_fds;
	int listen_fds; /* how many of them come from socket activation */
	enum cgroup_manager cgroup_manager;
	bool wait_at_gate; /* create, not run */
	bool detached;     /* nobody relays the terminal: a console socket is needed */
	bool no_pivot, no_new_keyring;
	bool rootless; /* a group that can't be made is done without, if nothing is limited */
};

struct prepared {
	struct buf text; /* of config.json */
	struct spec spec;
	const char *bundle, *rootfs; /* absolute, links resolved */
	struct host_facts host;
	struct cgroup_host cgroups;
	struct cgroup cgroup;
	bool has_cgroup;
	struct seccomp_program seccomp;
	const char *rdt_dir; /* the resctrl group that is made for it, or NULL */
	struct launch_plan plan;
};

/* Memory belongs to @a, except the text: prepared_done(). */
[[nodiscard]] struct err *prepare_launch(
	const struct launch_options *o, struct arena *a, struct prepared *out);
void prepared_done(struct prepared *p);

/* Reads and checks the configuration alone: text and spec. @config as in launch_options. */
[[nodiscard]] struct err *prepare_spec(
	const char *bundle, const char *config, struct arena *a, struct prepared *out);

/* Tells a process in its environment that @n descriptors from 3 on are sockets for it, as
 * sd_listen_fds(3) wants it; nothing if @n is 0. */
void prepare_listen(struct spec_process *p, int n, struct arena *a);

/* The compiled filter of @s; an empty program if there is none. */
[[nodiscard]] struct err *prepare_filter(
	const struct spec *s, const char *cache, struct arena *a, struct seccomp_program *out);
