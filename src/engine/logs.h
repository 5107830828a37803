/*
 * logs.h - what a container has written, from the files of its log (monitor/reader.h).
 */
#pragma once
#include "base/time.h"
#include "engine/find.h"
#include "monitor/entry.h"

struct logs_ask {
	int64_t tail;                       /* how many entries from the end; -1: all */
	bool follow;                        /* goes on until the container ends */
	const struct moment *since, *until; /* NULL: no limit */
	/* Gets each entry, in order. What it returns ends the reading. */
	struct err *(*take)(void *to, const struct entry_read *e);
	void *to;
};

/* Reads the log. Drivers that keep none are ERR_CONFLICT; a container that never ran has written
 * nothing. */
[[nodiscard]] struct err *logs_read(
	const struct engine_container *c, const struct logs_ask *ask, struct arena *a);

/* Makes the newest file, if it is not there, so that whoever asks right after a start finds a log.
 */
[[nodiscard]] struct err *logs_make(int dir, const struct engine_container *c, struct arena *a);

/* The name of its newest file, in the container's directory; NULL if its driver keeps none. */
const char *logs_file(const struct engine_container *c, struct arena *a);
/* Its driver: "json-file". */
const char *logs_driver(const struct container_request *r);
