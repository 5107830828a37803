/*
 * volume.h - named volumes: directories below volumes/ that outlive containers.
 *
 * volumes/<name>/data is what is mounted, volumes/<name>/volume.json says who made it and when.
 * mkdir() of the name decides between two who make it at once.
 */
#pragma once
#include "engine/engine.h"

struct volume {
	const char *name, *path; /* absolute, of the data */
	const char *created;     /* RFC 3339 */
	bool anonymous;
	struct text_map labels;
};

/* Where the data of @name is. */
const char *volume_path(const struct engine *e, const char *name, struct arena *a);

/* Makes a volume; one that is there is fine, and then *@made is false. @v->name is NULL for an
 * anonymous one and is set. */
[[nodiscard]] struct err *volume_make(
	const struct engine *e, struct volume *v, struct arena *a, bool *made);
/* ERR_NOT_FOUND "get x: no such volume". */
[[nodiscard]] struct err *volume_find(
	const struct engine *e, const char *name, struct arena *a, struct volume *out);
/* All, by name; a list of struct volume. */
[[nodiscard]] struct err *volume_all(const struct engine *e, struct arena *a, struct list *out);
/* Removes it with its content; ERR_CONFLICT if a container has it. */
[[nodiscard]] struct err *volume_remove(const struct engine *e, const char *name, struct arena *a);
