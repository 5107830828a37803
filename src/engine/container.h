/*
 * container.h - containers as people know them: the operations behind the commands.
 *
 * A container is named by id, by the beginning of one that is unique, or by name. Each operation
 * takes the container's lock where it changes something, and first puts right what a killed
 * command or monitor left behind (recover.h). Errors carry Docker's words where scripts look for
 * them: "No such container: x".
 */
#pragma once
#include "engine/find.h"
#include "runtime/usage.h"

/* Claims name and id, writes the record. Starts nothing. */
[[nodiscard]] struct err *container_make(const struct engine *e, const struct container_request *r,
	struct arena *a, struct engine_container *out);

/* What start gives to a caller who stays. */
struct started {
	struct fd attach;  /* a connection to its streams, made before its first byte */
	struct fd monitor; /* a pidfd: the process under which it runs, a child of ours */
};
void started_done(struct started *s);

/* Starts it under a monitor and returns when its command is executed. With @stay (or NULL) the
 * caller gets all of its output (monitor/protocol.h). */
[[nodiscard]] struct err *container_start(const struct engine *e, const struct engine_container *c,
	struct started *stay, struct arena *a);

/* What the monitor executes at the end of a container: undoes what is left of it, and then removes
 * it, starts it again (and does not return), or leaves it as it is. The monitor's socket is still
 * open (MONITOR_ATTACH). */
[[nodiscard]] struct err *container_ended(const struct engine *e, const char *id, struct arena *a);

/* Sends its stop signal, waits up to @seconds (-1: for ever; the container's own if unset), kills.
 */
[[nodiscard]] struct err *container_stop(const struct engine *e, const struct engine_container *c,
	struct opt_int seconds, const char *signal, struct arena *a);
[[nodiscard]] struct err *container_signal(
	const struct engine *e, const struct engine_container *c, int signal, struct arena *a);
[[nodiscard]] struct err *container_set_paused(
	const struct engine *e, const struct engine_container *c, bool paused, struct arena *a);
/* Waits up to @milliseconds (-1: for ever) until it has ended and its exit record is there; *@ended
 * says whether. One that never ran has not ended. */
[[nodiscard]] struct err *container_wait(const struct engine *e, const struct engine_container *c,
	int milliseconds, struct arena *a, struct exit_record *out, bool *ended);
[[nodiscard]] struct err *container_rename(const struct engine *e, const struct engine_container *c,
	const char *name, struct arena *a);
/* Removes it with its anonymous @volumes; with @force also one that runs. */
[[nodiscard]] struct err *container_remove(const struct engine *e, const struct engine_container *c,
	bool force, bool volumes, struct arena *a);

/* One more process in it. */
struct exec_ask {
	struct text_list args, env; /* @env is added to the container's */
	const char *user, *workdir; /* NULL: the container's */
	bool tty, interactive, privileged;
};
/* Runs it with our own standard streams (or a terminal of its own, relayed) and waits for its end.
 * *@status is what a shell makes of it. */
[[nodiscard]] struct err *container_exec(const struct engine *e, const struct engine_container *c,
	const struct exec_ask *ask, struct arena *a, int *status);

/* Runs its health check once; *@status is 0 if it is well. */
[[nodiscard]] struct err *container_check_health(
	const struct engine *e, const struct engine_container *c, struct arena *a, int *status);

/* Changes limits and the restart policy; what @changes does not set stays. Of one that runs, at
 * once. */
[[nodiscard]] struct err *container_revise(const struct engine *e, const struct engine_container *c,
	const struct container_request *changes, struct arena *a);
/* The processes in it, by their numbers here. ERR_CONFLICT if it does not run. */
[[nodiscard]] struct err *container_processes(const struct engine *e,
	const struct engine_container *c, struct arena *a, struct int_list *out);
/* What it uses now; ERR_CONFLICT if it does not run. */
[[nodiscard]] struct err *container_usage(const struct engine *e, const struct engine_container *c,
	struct arena *a, struct usage *out);
/* After a boot: starts those whose restart policy wants it, and goes on after a failure, which is
 * logged. */
[[nodiscard]] struct err *container_start_boot(const struct engine *e, struct arena *a);

/* Puts right what killed commands and monitors left behind of all containers; cheap where there is
 * nothing (recover.c). */
[[nodiscard]] struct err *container_recover(
	const struct engine *e, const char *id, struct arena *a);
[[nodiscard]] struct err *container_recover_all(const struct engine *e, struct arena *a);
