#include "base/fd.h"
#include "base/log.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "oci/show_state.h"

struct list_args {
	const char *format;
	bool quiet;
};

struct rows {
	struct shown *items;
	size_t n;
	int64_t owner; /* whose name was looked up last: mostly one user owns all */
	const char *owner_name;
};

static const char *owner_of(struct rows *rows, int64_t uid, struct arena *a)
{
	if (!rows->owner_name || rows->owner != uid)
		rows->owner_name = shown_owner(uid, a);
	rows->owner = uid;
	return rows->owner_name;
}

static struct err *read_row(
	const struct state_root *root, const char *id, struct arena *a, struct rows *rows)
{
	cleanup(container_close) struct container c = {};
	struct shown *row = &rows->items[rows->n];
	struct err *e = container_open(root, id, a, &c);
	if (!e)
		e = shown_of(&c, row);
	if (e)
		return e;
	row->owner = owner_of(rows, c.record.owner, a);
	rows->n++;
	return NULL;
}

/* A container that is gone by now, or that somebody is about to make, delete or change. */
static bool is_in_motion(const struct state_root *root, const char *id, struct arena *a)
{
	cleanup(state_close) struct state s = {};
	cleanup(err_free) struct err *e = state_open(root, id, a, &s);
	return e ? e->kind == ERR_NOT_FOUND : state_is_locked(&s);
}

/* One that can't be read is told on the way: the others are listed. */
static void read_rows(const struct state_root *root, const struct text_list *ids, struct arena *a,
	struct rows *rows)
{
	rows->items = anew(a, struct shown, ids->n);
	for (size_t i = 0; i < ids->n; i++) {
		cleanup(buf_done) struct buf text = {};
		cleanup(err_free) struct err *e = read_row(root, ids->items[i], a, rows);
		if (!e || is_in_motion(root, ids->items[i], a))
			continue;
		err_show(e, &text);
		log_warn("container %s: %s", ids->items[i], buf_text(&text));
	}
}

static void show_json(const struct rows *rows, struct buf *out)
{
	struct json_writer w = { .out = out, .style = JSON_COMPACT };
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < rows->n; i++)
		shown_write(&rows->items[i], &w);
	json_close(&w, ']');
	buf_add(out, "\n");
}

/* A column is as wide as its longest cell, at least 12 less the gap, and the last one is not
 * filled up: what clients' eyes and scripts are used to. */
enum { COLUMNS = 6, NARROWEST = 9, GAP = 3 };

static void add_row(const char *const cells[COLUMNS], const size_t widths[COLUMNS], struct buf *out)
{
	for (int i = 0; i < COLUMNS - 1; i++)
		buf_add(out, "%-*s", (int)(widths[i] + GAP), cells[i]);
	buf_add(out, "%s\n", cells[COLUMNS - 1]);
}

static void show_table(const struct rows *rows, struct arena *a, struct buf *out)
{
	const char *(*cells)[COLUMNS] = arena_alloc(a, sizeof(*cells), rows->n + 1);
	size_t widths[COLUMNS];
	memcpy(cells[0], ((const char *[]){ "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" }),
		sizeof(cells[0]));
	for (size_t i = 0; i < rows->n; i++) {
		const struct shown *s = &rows->items[i];
		const char *row[COLUMNS] = { s->id, arena_fmt(a, "%lld", (long long)s->pid),
			s->status, s->bundle, s->created, s->owner };
		memcpy(cells[i + 1], row, sizeof(row));
	}
	for (int col = 0; col < COLUMNS; col++) {
		widths[col] = NARROWEST;
		for (size_t i = 0; i <= rows->n; i++) {
			size_t n = strlen(cells[i][col]);
			widths[col] = n > widths[col] ? n : widths[col];
		}
	}
	for (size_t i = 0; i <= rows->n; i++)
		add_row(cells[i], widths, out);
}

static void show_ids(const struct text_list *ids, struct buf *out)
{
	for (size_t i = 0; i < ids->n; i++)
		buf_add(out, "%s\n", ids->items[i]);
}

static struct err *list(struct cmd_call *call)
{
	const struct list_args *args = call->args;
	cleanup(state_root_close) struct state_root root = {};
	cleanup(buf_done) struct buf out = {};
	struct text_list ids;
	struct rows rows = {};
	struct err *e = globals_root(call, false, &root);
	if (!e)
		e = state_list(&root, call->arena, &ids);
	if (e)
		return e;
	if (!args->quiet)
		read_rows(&root, &ids, call->arena, &rows);
	if (args->quiet)
		show_ids(&ids, &out);
	else if (strcmp(args->format, "json") == 0)
		show_json(&rows, &out);
	else
		show_table(&rows, call->arena, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static const struct opt options[] = {
	{ "format", 'f', OPT_TEXT, offsetof(struct list_args, format), "format", "form of the list",
		.preset = "table", .words = "table json" },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct list_args, quiet), NULL, "ids alone" },
};

const struct cmd cmd_list = {
	.name = "list",
	.summary = "List the containers of a root directory",
	OPTS(struct list_args, options),
	.run = list,
};
