/*
 * calls.h - what op_calls() tells, in three parts: calls_host.c has what the parent does,
 * calls_files.c the container's files, calls_process.c what its process is.
 *
 * Told are the calls that change something, and those that open what these work on, in their
 * order. Left out are looks that guard them (statx, fstatfs), close, and what only repeats a call
 * after an interruption. A descriptor is called by its slot or by what it is open on. A unit test
 * holds the child's rows against what its executors really do.
 */
#pragma once
#include "plan/plan.h"

/* Appends one call as a line. */
void call_add(struct buf *out, const char *fmt, ...) printf_like(2, 3);
/* Appends text as a C string; NULL as NULL. What is very long is cut, with "..." behind it. */
void call_text(const char *text, struct buf *out);
/* The same for a list of texts: {"sh", "-c"}. */
void call_texts(const char *const *texts, struct buf *out);

/* How the calls of one kind are appended. */
struct call_row {
	void (*tell)(const struct op *op, struct buf *out);
};
/* The rows by kind; each kind has one in exactly one of the tables. */
extern const struct call_row calls_host[OP_KINDS];
extern const struct call_row calls_files[OP_KINDS];
extern const struct call_row calls_process[OP_KINDS];
