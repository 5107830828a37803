/*
 * reader.h - reading a container's log: the last lines, what was logged since or until a moment,
 * what comes; over all of its rotated files, while its monitor writes and rotates them.
 *
 * Nothing is read that is not asked for: the last lines are counted from the end, and a moment is
 * found by bisection, because the entries of a file are in the order of their times. (After the
 * clock was set back, what lies in the gap may be left out or be shown in addition.)
 */
#pragma once
#include "base/err.h"
#include "base/time.h"
#include "monitor/entry.h"

struct log_ask {
	int dir;                    /* where the files are */
	const char *name;           /* of the newest; older ones are NAME.1, NAME.2, ... */
	bool k8s;                   /* their form; else json-file */
	int64_t tail;               /* how many entries from the end; -1: all */
	const struct moment *since; /* NULL: from the first */
	const struct moment *until; /* NULL: to the last */
	/* Gets each entry, in order. What it returns ends the reading. */
	struct err *(*take)(void *to, const struct entry_read *e);
	void *to;
	int stop; /* follows until this descriptor can be read; -1: does not follow */
};

/* Reads. A log that is not there is ERR_NOT_FOUND. */
[[nodiscard]] struct err *log_read(const struct log_ask *ask);
