/*
 * entry.h - one entry of a log, in the forms that other programs read: Docker's json-file, and the
 * form of the container runtime interface of Kubernetes (k8s-file).
 *
 *	{"log":"hello\n","stream":"stdout","time":"2025-11-29T12:01:02.345678901Z"}
 *	2025-11-29T12:01:02.345678901Z stdout F hello
 *
 * An entry is one line, whatever bytes the container writes: JSON escapes what would end it, and in
 * the second form a line ends where the container's does. Bytes that are not UTF-8 are U+FFFD in
 * JSON and stay as they are in the second form.
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>

struct entry {
	const char *stream; /* "stdout" */
	struct str time;    /* RFC 3339 */
	struct str text;    /* without its line break */
	bool whole;         /* there was one; else the line goes on in the next entry */
};

/* How one entry is appended to @out. @attrs is a JSON object for all entries, or NULL. */
typedef void entry_form(const struct entry *e, const char *attrs, struct buf *out);
entry_form entry_json, entry_k8s;

/* An entry that was read. */
struct entry_read {
	bool errors;     /* of standard error */
	bool whole;      /* the line ends here */
	struct str time; /* in the line that was read */
	struct str text; /* without a line break; there, or in the buffer given */
};

/* Reads @line, an entry without its line break; @text is room for what was escaped. False for what
 * is no entry, as the end of a file can be after a power cut. */
typedef bool entry_parser(struct str line, struct buf *text, struct entry_read *out);
entry_parser entry_parse_json, entry_parse_k8s;

/* The time alone, which is quick; empty if it is no entry. */
struct str entry_time_json(struct str line), entry_time_k8s(struct str line);
