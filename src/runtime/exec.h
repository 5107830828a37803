/*
 * exec.h - one more process in a container.
 */
#pragma once
#include "runtime/order.h"
#include "runtime/prepare.h"
#include "runtime/state.h"

struct exec_options {
	const struct spec_process
		*process;        /* complete: nothing is added but what the launch needs */
	const struct spec *spec; /* the container's, for its filter and namespaces */
	const char *console_socket, *pid_file, *pidfd_socket; /* or NULL */
	const char *filter_cache;
	const struct cgroup *cgroup; /* where it goes, or NULL */
	int preserve_fds;
	bool detached;
};
[[nodiscard]] struct err *exec_process(
	const struct state *s, const struct exec_options *o, struct arena *a, struct launched *out);
