/*
 * shell_rows.h - the rows of shell.c, in three parts: shell_host.c has what is done to the host,
 * shell_files.c the container's files, shell_process.c what its process is.
 */
#pragma once
#include "plan/shell.h"

/* What a person types for one kind of operation: one of three. */
struct shell_row {
	const char *note;     /* why there is nothing to type */
	enum shell_tool tool; /* what executes the next, with the words of @add */
	void (*add)(const struct shell *s, const struct op *op, struct buf *out);
};

/* The rows by kind; each kind has one in exactly one of the tables. */
extern const struct shell_row shell_host[OP_KINDS];
extern const struct shell_row shell_files[OP_KINDS];
extern const struct shell_row shell_process[OP_KINDS];
