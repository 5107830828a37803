/* globals.h - the options that come before the command, and what follows from them. */
#pragma once
#include "base/cmd.h"
#include "runtime/container.h"
#include "runtime/prepare.h"

struct globals {
	const char *root, *log, *log_format, *log_level, *rootless, *cgroup_manager;
	bool debug, systemd_cgroup, version;
};

/* Sends the log where --log, --log-format, --log-level and --debug say. The file stays open until
 * the program ends; a second call changes nothing. */
[[nodiscard]] struct err *globals_open_log(const struct globals *g);

/* Opens the directory of all containers: --root or the default; made only with @make. */
[[nodiscard]] struct err *globals_root(
	const struct cmd_call *call, bool make, struct state_root *out);

/* Where compiled seccomp filters are kept: one place for all roots. NULL if there is none. */
const char *globals_filter_cache(struct arena *a);

/* True if control groups that can't be made are done without: --rootless, or guessed. */
[[nodiscard]] struct err *globals_rootless(const struct globals *g, bool *out);

/* Who makes control groups: --cgroup-manager and --systemd-cgroup. */
enum cgroup_manager globals_cgroup_manager(const struct globals *g);

/* @path as an absolute path, from where the program was started; NULL stays NULL. */
[[nodiscard]] struct err *globals_absolute(
	const struct cmd_call *call, const char *path, const char **out);

/* How many descriptors from 3 reach the container: @asked and those of $LISTEN_FDS. Each must be
 * there and must have been passed to us; one of ours is none.
 * *@listen_fds is how many the latter are. */
[[nodiscard]] struct err *globals_preserved(int64_t asked, int *out, int *listen_fds);

/* A command's one container: its root and what is written down of it. */
struct chosen {
	struct state_root root;
	struct container container;
};
/* Opens the container that the first operand names, locked if @lock. */
[[nodiscard]] struct err *chosen_open(const struct cmd_call *call, bool lock, struct chosen *out);
/* Closes it; the lock is given up with it. */
void chosen_close(struct chosen *c);
