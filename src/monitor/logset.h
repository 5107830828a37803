/*
 * logset.h - the files of a log, opened once and for all: what is rotated meanwhile stays readable.
 */
#pragma once
#include "base/fd.h"
#include "base/str.h"
#include "base/time.h"

enum { LOGSET_MAX = 1001 };

struct logset {
	struct fd files[LOGSET_MAX]; /* newest first */
	size_t n;
};

/* A place in a log: a file of the set and an offset where an entry begins. */
struct log_place {
	size_t file;
	int64_t offset;
};

/* The time of an entry: entry_time_json() or entry_time_k8s(). */
typedef struct str log_time(struct str line);

/* Opens all that there are. ERR_NOT_FOUND if there is none. */
[[nodiscard]] struct err *logset_open(struct logset *s, int dir, const char *name);
void logset_close(struct logset *s);

/* The oldest entry. */
struct log_place logset_start(const struct logset *s);

/* An entry before which none is of @since or later, found by bisection; not far before the first
 * that is. */
[[nodiscard]] struct err *logset_since(
	const struct logset *s, struct moment since, log_time *time, struct log_place *out);

/* Where the last @n entries begin. */
[[nodiscard]] struct err *logset_tail(const struct logset *s, int64_t n, struct log_place *out);

/* The later of two places. */
struct log_place logset_later(struct log_place a, struct log_place b);

/* Whether two descriptors are of one file. */
bool logset_same(int a, int b);

/* Whether @a is before @b. */
bool logset_earlier(struct moment a, struct moment b);
