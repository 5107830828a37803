/*
 * engine.h - the handle: where everything is.
 *
 *	/var/lib/onggi/   images/ layers/ containers/<id>/ names/<name> volumes/<name>/ networks/
 *	/run/onggi/@engine/<id>/           the runtime's state (runtime/state.h)
 *	/run/onggi/@engine/@monitor/<id>/  sockets of the container's monitor
 *
 * No daemon and no global lock: what two commands could do at once is decided by one atomic call on
 * the file system (mkdir of an id, symlink of a name, rename of a file).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/fd.h"
#include "runtime/state.h"

struct engine_options {
	const char *root, *run_root; /* NULL: the defaults, or $ONGGI_ROOT and $ONGGI_RUN_ROOT */
	const char *libexec;         /* where helper programs are; NULL: beside this program, or
	                              * where they were installed */
	const char *program; /* the engine's own, for what monitors execute at the end; NULL:
	                      * this one */
	bool systemd_cgroup;
};

struct engine {
	struct arena *arena; /* of whoever opened it: lives as long as the handle */
	const char *root, *run_root, *libexec, *program;
	struct fd dir;            /* the root */
	struct state_root states; /* the runtime's root */
	bool systemd_cgroup;
};

/* Opens the directories, making what is missing (0711). Without root's rights the defaults are
 * below $XDG_DATA_HOME and $XDG_RUNTIME_DIR. */
[[nodiscard]] struct err *engine_open(
	const struct engine_options *o, struct arena *a, struct engine *out);
void engine_close(struct engine *e);

/* A path below the root: engine_path(e, a, "containers/%s/record.json", id). */
const char *engine_path(const struct engine *e, struct arena *a, const char *fmt, ...)
	printf_like(3, 4);
