/*
 * log.h - what the program tells besides its result: levels, fields and the one sink.
 *
 *	log_warn("continuing without memory limits: %s", why);
 *
 * Each message is one line, written with one write(), so that several processes can share a file.
 * The forms are those that clients of OCI runtimes read:
 *
 *	time="2025-11-29T12:01:02Z" level=error msg="..."
 *	{"level":"error","msg":"...","time":"2025-11-29T12:01:02.345678901Z"}
 *
 * Errors that are returned are not logged; main() does that, once.
 */
#pragma once
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR, LEVELS };
enum log_format { LOG_TEXT, LOG_JSON, LOG_FORMATS };

struct log_sink {
	int fd; /* borrowed; stays open as long as there is something to say */
	enum log_format format;
	enum log_level least; /* what is below is not written */
};

/* Where messages go from now on. At first: text on standard error, from LEVEL_INFO. */
void log_to(struct log_sink sink);
/* Where they go now. */
struct log_sink log_sink(void);

/* "warning" and the like to a level; "text" or "json" to a format. */
[[nodiscard]] struct err *log_level_parse(const char *word, enum log_level *out);
[[nodiscard]] struct err *log_format_parse(const char *word, enum log_format *out);

/* A name and a value that go with a message: "id=web". */
struct log_field {
	const char *key, *value;
};

/* Writes one message with the @n @fields in front of it. Keeps errno. */
void log_fields(enum log_level level, const struct log_field *fields, size_t n, const char *fmt,
	...) printf_like(4, 5);

/* One message at its level. */
void log_debug(const char *fmt, ...) printf_like(1, 2);
void log_info(const char *fmt, ...) printf_like(1, 2);
void log_warn(const char *fmt, ...) printf_like(1, 2);
void log_error(const char *fmt, ...) printf_like(1, 2);
