/*
 * names.h - what containers are called.
 *
 * A name is a symbolic link names/<name> to the id: symlink() decides between two who want the
 * same. One whose container is gone is nobody's.
 */
#pragma once
#include "engine/engine.h"

enum { ID_LENGTH = 64, ID_SHORT = 12 };

/* 64 random hex digits. */
[[nodiscard]] struct err *name_new_id(struct arena *a, const char **out);
/* "brave_kiln": two words, of which there are enough that a second try helps. */
[[nodiscard]] struct err *name_random(struct arena *a, const char **out);
/* ERR_USAGE unless it is [a-zA-Z0-9][a-zA-Z0-9_.-]+. */
[[nodiscard]] struct err *name_check(const char *name);

/* ERR_CONFLICT, in Docker's words, if another container has it. */
[[nodiscard]] struct err *name_claim(
	const struct engine *e, const char *name, const char *id, struct arena *a);
/* Gives it up if it is @id's. */
[[nodiscard]] struct err *name_release(
	const struct engine *e, const char *name, const char *id, struct arena *a);

/* The id of what somebody calls @text: an id, a name, the beginning of an id. ERR_NOT_FOUND "No
 * such container: x"; ERR_USAGE if several ids begin so. */
[[nodiscard]] struct err *name_resolve(
	const struct engine *e, const char *text, struct arena *a, const char **out);

/* The ids there are: directories below containers/. */
[[nodiscard]] struct err *name_ids(const struct engine *e, struct arena *a, struct text_list *out);
