/*
 * find.h - containers looked at: what is kept of them, and what the kernel says they do. Takes no
 * lock, changes nothing, starts no process.
 */
#pragma once
#include "engine/engine.h"
#include "engine/record.h"
#include <sys/types.h>

enum engine_status {
	ENGINE_CREATED,
	ENGINE_RUNNING,
	ENGINE_PAUSED,
	ENGINE_RESTARTING, /* a policy waits before the next start */
	ENGINE_EXITED,
	ENGINE_DEAD, /* its removal was interrupted */
	ENGINE_STATUSES,
};
const char *engine_status_name(enum engine_status s);

struct engine_container {
	const char *id;
	const char *dir;     /* containers/<id>, absolute */
	const char *run_dir; /* of its monitor, absolute */
	struct container_record record;
	enum engine_status status;
	pid_t pid;  /* 0: none */
	bool ended; /* exit is filled */
	struct exit_record exit;
};

/* Finds one and reads all about it; takes no lock and starts no process. */
[[nodiscard]] struct err *container_find(
	const struct engine *e, const char *name, struct arena *a, struct engine_container *out);
/* All, newest first. A damaged one is listed with status ENGINE_DEAD. */
[[nodiscard]] struct err *container_all(const struct engine *e, struct arena *a, struct list *out);

/* True if its restart policy would start it again after this end. */
bool container_restarts(const struct engine_container *c);
/* True if somebody listens at its monitor's socket. */
bool container_has_monitor(const struct engine_container *c);
