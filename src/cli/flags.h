/*
 * flags.h - the grammars of run's and create's values, as Docker has them: "-v name:/data:ro".
 *
 * Each function reads one value whole, or refuses it with a message that quotes it. Results belong
 * to the arena.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "engine/request.h"

/* -v: "/inside", "name:/inside[:options]", "/host:/inside[:options]"; options are ro, rw, z, Z,
 * nocopy, U, rprivate, ... */
[[nodiscard]] struct err *flag_volume(const char *text, struct arena *a, struct mount_request *out);
/* --mount: "type=bind,source=/x,target=/y,readonly". */
[[nodiscard]] struct err *flag_mount(const char *text, struct arena *a, struct mount_request *out);
/* --tmpfs: "/path[:options]". */
[[nodiscard]] struct err *flag_tmpfs(const char *text, struct arena *a, struct mount_request *out);
/* --device: "host[:inside][:rwm]". */
[[nodiscard]] struct err *flag_device(
	const char *text, struct arena *a, struct device_request *out);
/* --ulimit: "nofile=1024[:2048]"; -1 is no limit. */
[[nodiscard]] struct err *flag_ulimit(
	const char *text, struct arena *a, struct ulimit_request *out);
/* --restart: "no", "always", "unless-stopped", "on-failure[:times]". */
[[nodiscard]] struct err *flag_restart(const char *text, struct restart_request *out);
/* --cpus: "1.5", in nanoseconds a second. */
[[nodiscard]] struct err *flag_cpus(const char *text, struct opt_int *out);
/* "key=value" or "key"; appended, and a later one with the same key counts. */
void flag_pair(const char *text, struct arena *a, struct text_map *out);
/* --env-file: appends the variables of a file: a line each, # begins a comment. */
[[nodiscard]] struct err *flag_env_file(const char *path, struct arena *a, struct text_list *out);
