/*
 * request.h - what the runtime asks, in the lines of runtime/scope.h.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

/* "MemoryMax=t 1048576" in its parts. */
struct property {
	const char *name, *type, *value;
};

struct request {
	const char *verb, *unit; /* "start", "onggi-web.scope" */
	const char *slice, *description;
	bool user;              /* the user's systemd */
	int seconds;            /* for all that it takes */
	struct list properties; /* of property */
};

/* Reads a request up to its empty line from @fd. */
[[nodiscard]] struct err *request_read(int fd, struct arena *a, struct request *out);

/* Parses the text of a request; lines that are not known are errors. */
[[nodiscard]] struct err *request_parse(struct str text, struct arena *a, struct request *out);
