#include "base/time.h"
#include "cli/commands.h"
#include "cli/globals.h"
#include "engine/names.h"
#include <string.h>

struct ps_args {
	bool all, quiet, no_trunc;
};

/* "3 minutes" */
static void add_age(struct buf *out, const char *since)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 31536000, "year" }, { 2592000, "month" }, { 604800, "week" },
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	struct moment then = {};
	struct err *e = time_parse(str_of(since ? since : ""), &then);
	err_free(&e);
	int64_t age = time_now().s - then.s;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		int64_t n = age / units[i].seconds;
		/* As Docker has it: a unit begins with two of it, months and weeks likewise. */
		if (n >= 2 || (n == 1 && units[i].seconds <= 3600)) {
			buf_add(out, "%lld %s%s", (long long)n, units[i].unit, n == 1 ? "" : "s");
			return;
		}
	}
	buf_add(out, "Less than a second");
}

static void add_status(struct buf *out, const struct engine_container *c)
{
	switch (c->status) {
	case ENGINE_RUNNING:
	case ENGINE_PAUSED:
		buf_add(out, "Up ");
		add_age(out, c->record.started);
		if (c->status == ENGINE_PAUSED)
			buf_add(out, " (Paused)");
		return;
	case ENGINE_RESTARTING:
	case ENGINE_EXITED:
		buf_add(out, "%s (%lld) ", c->status == ENGINE_EXITED ? "Exited" : "Restarting",
			(long long)c->exit.code);
		add_age(out, c->exit.finished);
		buf_add(out, " ago");
		return;
	case ENGINE_CREATED:
	case ENGINE_DEAD:
	case ENGINE_STATUSES:
		buf_add(out, "%s", c->status == ENGINE_CREATED ? "Created" : "Dead");
	}
}

static void add_command(struct buf *out, const struct engine_container *c, bool whole)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; i < c->record.args.n; i++)
		buf_add(&text, "%s%s", i ? " " : "", c->record.args.items[i]);
	bool cut = !whole && text.n > 20;
	buf_add(out, "\"%.*s%s\"", cut ? 19 : (int)text.n, buf_text(&text), cut ? "…" : "");
}

enum { COLUMNS = 6 };

struct line {
	struct buf cells[COLUMNS];
};

static void fill(struct line *l, const struct engine_container *c, bool whole)
{
	const struct container_record *r = &c->record;
	buf_add(&l->cells[0], "%.*s", whole ? ID_LENGTH : ID_SHORT, c->id);
	buf_add(&l->cells[1], "%s",
		r->image_name       ? r->image_name
		: r->request.rootfs ? r->request.rootfs
				    : "");
	add_command(&l->cells[2], c, whole);
	add_age(&l->cells[3], r->created);
	buf_add(&l->cells[3], " ago");
	add_status(&l->cells[4], c);
	buf_add(&l->cells[5], "%s", r->name ? r->name : "");
}

/* Characters, not bytes: what is abbreviated ends with one of three. */
static size_t width(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void add_lines(struct line *lines, size_t n, struct buf *out)
{
	size_t widths[COLUMNS] = {};
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COLUMNS; k++) {
			size_t w = width(buf_text(&lines[i].cells[k]));
			widths[k] = w > widths[k] ? w : widths[k];
		}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < COLUMNS; k++) {
			const char *text = buf_text(&lines[i].cells[k]);
			int pad = k + 1 < COLUMNS ? (int)(widths[k] - width(text)) + 3 : 0;
			buf_add(out, "%s%*s", text, pad, "");
			buf_done(&lines[i].cells[k]);
		}
		buf_add(out, "\n");
	}
}

static void head(struct line *l)
{
	static const char *const titles[] = { "CONTAINER ID", "IMAGE", "COMMAND", "CREATED",
		"STATUS", "NAMES" };
	_Static_assert(ARRAY_LEN(titles) == COLUMNS, "every column has a title");
	for (size_t k = 0; k < COLUMNS; k++)
		buf_add(&l->cells[k], "%s", titles[k]);
}

static struct err *ps(struct cmd_call *call)
{
	const struct ps_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	cleanup(buf_done) struct buf out = {};
	struct list all;
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = container_all(&eng, call->arena, &all);
	if (e)
		return e;
	struct line *lines = anew(call->arena, struct line, all.n + 1);
	size_t n = 0;
	head(&lines[n++]);
	for (list_each(const struct engine_container, c, all)) {
		bool active = c->status == ENGINE_RUNNING || c->status == ENGINE_PAUSED ||
		              c->status == ENGINE_RESTARTING;
		if (!active && !args->all)
			continue;
		if (args->quiet)
			buf_add(&out, "%.*s\n", args->no_trunc ? ID_LENGTH : ID_SHORT, c->id);
		else
			fill(&lines[n++], c, args->no_trunc);
	}
	if (!args->quiet)
		add_lines(lines, n, &out);
	else
		for (size_t k = 0; k < COLUMNS; k++)
			buf_done(&lines[0].cells[k]);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

#define AT(member) offsetof(struct ps_args, member)
static const struct opt options[] = {
	{ "all", 'a', OPT_FLAG, AT(all), NULL, "also those that do not run" },
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "ids alone" },
	{ "no-trunc", 0, OPT_FLAG, AT(no_trunc), NULL, "nothing is abbreviated" },
};

const struct cmd cmd_ps = {
	.name = "ps",
	.summary = "List containers",
	OPTS(struct ps_args, options),
	.run = ps,
};
