/*
 * supervise.h - how the engine's process becomes a container's monitor (monitor/protocol.h).
 */
#pragma once
#include "cgroup/cgroup.h"
#include "engine/find.h"

/* What is passed on to the monitor, from the start or from one life of the container to the next.
 */
struct supervise {
	struct fd listener;         /* the attach socket */
	struct fd input, out, errs; /* our ends of the container's streams */
	struct fd pidfd, terminal;
	bool hold; /* the first client is to get everything */
	/* What the forked process does: launches and becomes the monitor, or returns why not. */
	struct err *(*become)(const struct engine *e, struct engine_container *c,
		struct supervise *s, struct arena *a);
};
void supervise_done(struct supervise *s);

/* Makes the monitor's directory and listens in it; with @attach connects to it, too, so that this
 * client is there before the first byte of output. */
[[nodiscard]] struct err *supervise_listen(
	const struct engine_container *c, struct supervise *s, struct fd *attach);

/* Forks the process that becomes the monitor, and waits until the container runs. Its failure is
 * returned as ours. With @monitor a pidfd of it. */
[[nodiscard]] struct err *supervise_fork(const struct engine *e, struct engine_container *c,
	struct supervise *s, struct fd *monitor, struct arena *a);

/* Makes pipes and makes their other ends our 0, 1 and 2, which the container inherits. */
[[nodiscard]] struct err *supervise_stdio(struct supervise *s, const struct container_request *r);

/* An error if there is no monitor to execute: to be known before a container runs. */
[[nodiscard]] struct err *supervise_check(const struct engine *e, struct arena *a);

/* Executes the monitor; returns only if that fails. */
[[nodiscard]] struct err *supervise_exec(const struct engine *e, const struct engine_container *c,
	struct supervise *s, const struct cgroup *group, struct arena *a);
