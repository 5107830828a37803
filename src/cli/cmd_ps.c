#include "cli/commands.h"
#include "cli/format.h"
#include "cli/globals.h"
#include "cli/ps_row.h"

struct ps_args {
	bool all, quiet, no_trunc, latest;
	int64_t last;
	struct text_list filters;
	const char *format;
};

static const struct format_column columns[] = {
	{ "ID", "CONTAINER ID" },
	{ "Image", "IMAGE" },
	{ "Command", "COMMAND" },
	{ "CreatedAt", "CREATED AT" },
	{ "RunningFor", "CREATED" },
	{ "Status", "STATUS" },
	{ "State", "STATE" },
	{ "Ports", "PORTS" },
	{ "Names", "NAMES" },
	{ "Labels", "LABELS" },
	{ "Mounts", "MOUNTS" },
	{ "LocalVolumes", "LOCAL VOLUMES" },
	{ "Networks", "NETWORKS" },
};

static const struct format form = {
	.table = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
		 "{{.Ports}}\t{{.Names}}",
	.quiet = "{{.ID}}",
	FORMAT(columns),
};

/* The container that a filter names, or NULL. */
static struct err *find_limit(const struct engine *eng, const struct filters *f, const char *key,
	struct arena *a, const struct engine_container **out)
{
	const char *name = filters_first(f, key);
	*out = NULL;
	if (!name)
		return NULL;
	struct engine_container *c = anew(a, struct engine_container, 1);
	*out = c;
	return container_find(eng, name, a, c);
}

static bool is_active(const struct engine_container *c)
{
	return c->status == ENGINE_RUNNING || c->status == ENGINE_PAUSED ||
	       c->status == ENGINE_RESTARTING;
}

/* Who asks for states, or for the last ones, gets also those that do not run. */
static bool wants_all(const struct ps_args *args, const struct filters *f)
{
	return args->all || args->latest || args->last > 0 || filters_first(f, "status") ||
	       filters_first(f, "exited");
}

static void add_rows(const struct cmd_call *call, const struct list *all, const struct filters *f,
	const struct ps_limits *limits, struct format_rows *rows)
{
	const struct ps_args *args = call->args;
	struct moment now = time_now();
	int64_t most = args->latest ? 1 : args->last > 0 ? args->last : INT64_MAX;
	for (list_each(const struct engine_container, c, *all)) {
		if (!is_active(c) && !wants_all(args, f))
			continue;
		if (!ps_fits(c, f, limits, call->arena))
			continue;
		if (most-- == 0)
			return;
		ps_row_write(format_row(rows), c, args->no_trunc, now, call->arena);
	}
}

static struct err *ps(struct cmd_call *call)
{
	const struct ps_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = call->arena };
	cleanup(buf_done) struct buf out = {};
	struct ps_limits limits;
	struct filters f;
	struct list all;
	struct err *e = filters_read(&args->filters, PS_FILTERS, call->arena, &f);
	if (!e)
		e = ps_check_filters(&f);
	if (!e)
		e = globals_engine(call, &eng);
	if (!e)
		e = find_limit(&eng, &f, "before", call->arena, &limits.before);
	if (!e)
		e = find_limit(&eng, &f, "since", call->arena, &limits.since);
	if (!e)
		e = container_all(&eng, call->arena, &all);
	if (e)
		return e;
	add_rows(call, &all, &f, &limits, &rows);
	e = format_print(&form, &rows, args->format, args->quiet, &out);
	return e ? e : fd_write_all(STDOUT_FILENO, out.p, out.n);
}

#define AT(member) offsetof(struct ps_args, member)
static const struct opt options[] = {
	{ "all", 'a', OPT_FLAG, AT(all), NULL, "also those that do not run" },
	{ "filter", 'f', OPT_TEXTS, AT(filters), "key=value", "those alone that fit: " PS_FILTERS },
	{ "format", 0, OPT_TEXT, AT(format), "form",
		"table, json, or a Go template: '{{.ID}} {{.Names}}'" },
	{ "last", 'n', OPT_INT, AT(last), "number", "the last that were created, of all" },
	{ "latest", 'l', OPT_FLAG, AT(latest), NULL, "the last that was created, of all" },
	{ "no-trunc", 0, OPT_FLAG, AT(no_trunc), NULL, "nothing is abbreviated" },
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "ids alone" },
};

const struct cmd cmd_ps = {
	.name = "ps",
	.summary = "List containers",
	OPTS(struct ps_args, options),
	.run = ps,
};
