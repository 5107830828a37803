/*
 * format.h - how list commands print: a table, --format's template, JSON, or ids alone.
 *
 * A command makes an object of each row, all its values text, as `docker ps --format json` has
 * them, and says which columns its table has:
 *
 *	static const struct format_column columns[] = { { "ID", "IMAGE ID" }, { "Size", "SIZE" } };
 *	static const struct format list = { "table {{.ID}}\t{{.Size}}", "{{.ID}}", FORMAT(columns)
 *}; struct format_rows rows = { .arena = &arena }; struct json_writer *w = format_row(&rows);
 *	json_text(w, "ID", id);
 *	struct err *e = format_print(&list, &rows, args->format, args->quiet, &out);
 *
 * Members whose key begins with '@' are for templates alone (template.h).
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json_write.h"

struct format_column {
	const char *field, *header;
};

struct format {
	const char *table; /* the template of --format table and of none at all */
	const char *quiet; /* that of --quiet */
	const struct format_column *columns;
	size_t n_columns;
};
#define FORMAT(table) .columns = (table), .n_columns = ARRAY_LEN(table)

struct format_rows {
	struct arena *arena;
	struct buf text; /* the rows as one JSON list, not yet closed */
	struct json_writer writer;
	bool open;
};
void format_rows_done(struct format_rows *r);

/* Begins the next row; its members are written to what is returned. */
struct json_writer *format_row(struct format_rows *r);

/* Appends the rows. @wanted is --format: NULL or "" for the table, "table", "table TEMPLATE",
 * "json" (an object a line), or a template for each row. @quiet counts if there is no @wanted. */
[[nodiscard]] struct err *format_print(const struct format *f, struct format_rows *rows,
	const char *wanted, bool quiet, struct buf *out);

/* For inspect: all rows as one JSON list, four blanks a level; or each through the template
 * @wanted, or in a line of its own for "json". */
[[nodiscard]] struct err *format_inspect(
	struct format_rows *rows, const char *wanted, struct buf *out);
