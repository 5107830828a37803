/*
 * userns.h - user namespaces and their id maps.
 *
 * Maps are texts of lines "inside outside count", as the kernel reads them. Who may not write them
 * himself is helped by newuidmap and newgidmap, setuid programs that know which ids the
 * administrator gave to whom (/etc/subuid, /etc/subgid). Source: user_namespaces(7).
 */
#pragma once
#include "base/fd.h"
#include <stdbool.h>
#include <sys/types.h>

/* Writes the maps of @pid's user namespace, which has none yet. @deny_setgroups gives up
 * setgroups(2) inside, which an unprivileged writer of a gid map has to (and the helpers need not).
 */
[[nodiscard]] struct err *userns_map(
	pid_t pid, const char *uid_map, const char *gid_map, bool deny_setgroups);

/* Makes a user namespace that nobody is in, for mounts that translate ids. */
[[nodiscard]] struct err *userns_make(const char *uid_map, const char *gid_map, struct fd *out);
