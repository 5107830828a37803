/*
 * listener.h - takes the seccomp listener of a container's process and gives it to whoever answers.
 *
 * The process that loads a filter with SCMP_ACT_NOTIFY gets a descriptor on which the kernel asks.
 * It can't send it away itself: sending may be what the filter asks about. It tells its number; we
 * copy the descriptor out of the process and send it, with a document that says whose it is, to
 * the socket at linux.seccomp.listenerPath. Source: OCI runtime-spec, config-linux.md, "The
 * Container Process State"; seccomp_unotify(2).
 */
#pragma once
#include "base/err.h"
#include <sys/types.h>

/* Passes on the listener that process @pid has under @number. @metadata is NULL if there is none;
 * @state is the state document of the container, as JSON. */
[[nodiscard]] struct err *listener_pass(int pidfd, pid_t pid, int number, const char *path,
	const char *metadata, const char *state);
