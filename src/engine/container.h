/*
 * container.h - containers as people know them: the operations behind the commands.
 *
 * A container is named by id, by the beginning of one that is unique, or by name. Each operation
 * takes the container's lock where it changes something, and first puts right what a killed
 * command or monitor left behind (recover.h). Errors carry Docker's words where scripts look for
 * them: "No such container: x".
 */
#pragma once
#include "engine/engine.h"
#include "engine/record.h"
#include "spec/spec.h"

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
	const char *id, *dir; /* absolute */
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

/* Claims name and id, writes the record. Starts nothing. */
[[nodiscard]] struct err *container_make(const struct engine *e, const struct container_request *r,
	struct arena *a, struct engine_container *out);

/* Starts it under a monitor and returns when its command is executed. With @attach, a connection to
 * its streams made before that is returned (engine/attach.h takes it). */
[[nodiscard]] struct err *container_start(const struct engine *e, const struct engine_container *c,
	struct fd *attach, struct arena *a);

/* Sends its stop signal, waits up to @seconds (-1: for ever; the container's own if unset), kills.
 */
[[nodiscard]] struct err *container_stop(const struct engine *e, const struct engine_container *c,
	struct opt_int seconds, const char *signal, struct arena *a);
[[nodiscard]] struct err *container_signal(
	const struct engine *e, const struct engine_container *c, int signal, struct arena *a);
[[nodiscard]] struct err *container_set_paused(
	const struct engine *e, const struct engine_container *c, bool paused, struct arena *a);
/* Waits until it has ended and its exit record is there. */
[[nodiscard]] struct err *container_wait(const struct engine *e, const struct engine_container *c,
	struct arena *a, struct exit_record *out);
[[nodiscard]] struct err *container_rename(const struct engine *e, const struct engine_container *c,
	const char *name, struct arena *a);
/* Removes it with its anonymous @volumes; with @force also one that runs. */
[[nodiscard]] struct err *container_remove(const struct engine *e, const struct engine_container *c,
	bool force, bool volumes, struct arena *a);
