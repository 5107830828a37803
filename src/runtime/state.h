/*
 * state.h - the directory of a container: <root>/<id>/.
 *
 *	config.json   the spec, as it was given
 *	record.json   everything that undoing needs; written before the first side effect (record.h)
 *	process.json  the process, with its start time; written once, after the clone
 *	gate          the socket at which a created container waits for start
 *
 * The directory is the claim on the id: mkdir() decides between two. Its lock (flock) is held by
 * who changes the container: create, start, update, delete. Readers take none: every file is
 * replaced whole. What the container is doing is not written anywhere; the kernel is asked
 * (container.h).
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/fd.h"
#include "base/list.h"

/* Where the containers are. */
struct state_root {
	const char *path; /* absolute */
	struct fd dir;
};

/* A container's directory; what state_open() and state_claim() give. */
struct state {
	const char *id, *path; /* the path is absolute; both in the arena */
	int root;              /* the root's descriptor, borrowed: it must stay open */
	struct fd dir;         /* carries the lock */
};

/* True for user 0 of the host; in a user namespace of our own user 0 is not who owns /run. */
bool state_is_host_root(void);

/* The directory used without --root: /run/onggi. Without root's rights it is
 * $XDG_RUNTIME_DIR/onggi, also for user 0 of a user namespace where that is set. */
[[nodiscard]] struct err *state_default_root(struct arena *a, const char **out);

/* Opens @path, which may be relative. "/" is refused. With @make it is made if it is not there;
 * without, a missing one is no error: @out->dir stays empty, and no container is found in it. */
[[nodiscard]] struct err *state_root_open(
	const char *path, bool make, struct arena *a, struct state_root *out);
/* Closes the directory. */
void state_root_close(struct state_root *r);

/* Refuses what can't be a container's id: "invalid container id format". */
[[nodiscard]] struct err *state_check_id(const char *id);

/* Claims @id: makes its directory and locks it. ERR_CONFLICT "container with given ID already
 * exists: <id>". */
[[nodiscard]] struct err *state_claim(
	const struct state_root *root, const char *id, struct arena *a, struct state *out);

/* Opens the directory of @id. ERR_NOT_FOUND "container does not exist: <id>". */
[[nodiscard]] struct err *state_open(
	const struct state_root *root, const char *id, struct arena *a, struct state *out);
/* Closes the directory; a lock is given up with it. */
void state_close(struct state *s);

/* Locks. While somebody else changes the container it waits up to @milliseconds (-1: for ever),
 * then it is ERR_CONFLICT. ERR_NOT_FOUND if the container is gone by then. */
[[nodiscard]] struct err *state_lock(const struct state *s, int milliseconds);
/* Gives the lock up and keeps the directory. */
void state_unlock(const struct state *s);
/* True if somebody holds the lock. */
bool state_is_locked(const struct state *s);

/* Path of a file in the directory: "gate". */
const char *state_path(const struct state *s, const char *name, struct arena *a);

/* config.json, as text. */
[[nodiscard]] struct err *state_write_config(const struct state *s, struct bytes text);
[[nodiscard]] struct err *state_read_config(const struct state *s, struct buf *out);

/* Removes the directory with all in it; what is gone already is fine. */
[[nodiscard]] struct err *state_remove(const struct state *s);

/* The ids in the root, sorted. What can't be an id is left out. */
[[nodiscard]] struct err *state_list(
	const struct state_root *root, struct arena *a, struct text_list *out);
