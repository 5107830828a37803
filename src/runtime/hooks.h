/*
 * hooks.h - runs OCI hooks.
 *
 * A hook is a program that gets the container's state document on standard input. It runs where
 * the runtime does, or inside: in the namespaces of a process, where its path is looked up too.
 * What it prints is kept for the error message. Source: OCI runtime-spec, config.md "POSIX-platform
 * Hooks" and runtime.md "Lifecycle".
 */
#pragma once
#include "base/err.h"
#include "base/list.h"
#include <sys/types.h>

struct hook {
	const char *point; /* "createRuntime", for messages */
	const char *path;
	const char *const *argv; /* NULL: the path alone */
	const char *const *env;  /* NULL: ours */
	int64_t timeout;         /* seconds; 0 for none */
};

/* Whose namespaces a hook runs in: a process we hold. */
struct hook_inside {
	int pidfd;
	pid_t pid;
};

/* Runs @h with @state on its standard input and waits for it, inside or (NULL) where we are. A
 * status other than 0, a signal and a timeout (it is killed then, with all it started in its
 * session) are errors that quote what it printed last. */
[[nodiscard]] struct err *hook_run(
	const struct hook *h, const char *state, const struct hook_inside *inside);

/* Runs all of a list of struct spec_hook, also those behind one that fails; the first failure is
 * returned. For poststop: OCI runtime-spec, runtime.md "Lifecycle". */
[[nodiscard]] struct err *hooks_run_all(
	const struct list *hooks, const char *point, const char *state);

/* Runs a list of struct spec_hook in order and stops at the first that fails. */
[[nodiscard]] struct err *hooks_run(const struct list *hooks, const char *point, const char *state,
	const struct hook_inside *inside);
