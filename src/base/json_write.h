/*
 * json_write.h - JSON text out, piece by piece.
 *
 *	struct json_writer w = { .out = &text, .style = JSON_INDENTED };
 *	json_open(&w, NULL, '{');
 *	json_text(&w, "id", id);
 *	json_open(&w, "pids", '[');
 *	json_int(&w, NULL, 7);
 *	json_close(&w, ']');
 *	json_close(&w, '}');
 *
 * The key is NULL for items of a list and for the document itself. Commas and line breaks come by
 * themselves. Bytes that are not UTF-8 (a file name may hold them) come out as U+FFFD, so what is
 * written can always be read.
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

enum json_style {
	JSON_COMPACT,  /* one line, no blanks */
	JSON_INDENTED, /* a tab a level, a line an item */
};

struct json_writer {
	struct buf *out;
	enum json_style style;
	int depth;    /* private, like the rest: how many are open */
	bool started; /* the innermost open one holds something */
};

/* Begins an object ('{') or a list ('['). */
void json_open(struct json_writer *w, const char *key, char bracket);
/* Ends it ('}' or ']'). */
void json_close(struct json_writer *w, char bracket);

/* Text; NULL is written as null. */
void json_text(struct json_writer *w, const char *key, const char *text);
/* A whole number. */
void json_int(struct json_writer *w, const char *key, int64_t n);
/* A whole number that may be beyond INT64_MAX. */
void json_uint(struct json_writer *w, const char *key, uint64_t n);
/* true or false. */
void json_bool(struct json_writer *w, const char *key, bool yes);
/* What is JSON already: a number as a document spelt it, or a document of its own. */
void json_raw(struct json_writer *w, const char *key, struct str text);

/* Appends @text with its quotes to @out. */
void json_quote(struct buf *out, const char *text);
