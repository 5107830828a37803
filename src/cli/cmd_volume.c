/* volume create, ls, inspect, rm, prune. */
#include "base/json_write.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/globals.h"
#include "engine/find.h"
#include "engine/volume.h"
#include <string.h>

struct volume_args {
	struct text_list labels;
	const char *driver;
	bool quiet, force, all;
};

static struct err *create(struct cmd_call *call)
{
	const struct volume_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	struct volume v = { .name = call->operands[0] };
	bool made;
	if (strcmp(args->driver, "local") != 0)
		return err_new(ERR_USAGE, "volume driver %s is not supported", args->driver);
	for (size_t i = 0; i < args->labels.n; i++)
		flag_pair(args->labels.items[i], call->arena, &v.labels);
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = volume_make(&eng, &v, call->arena, &made);
	return e ? e : globals_print(v.name);
}

static struct err *list(struct cmd_call *call)
{
	const struct volume_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	cleanup(buf_done) struct buf out = {};
	struct list all;
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = volume_all(&eng, call->arena, &all);
	if (e)
		return e;
	if (!args->quiet)
		buf_add(&out, "DRIVER    VOLUME NAME\n");
	for (list_each(const struct volume, v, all))
		buf_add(&out, "%s%s\n", args->quiet ? "" : "local     ", v->name);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static void write_volume(const struct volume *v, struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_text(w, "CreatedAt", v->created);
	json_text(w, "Driver", "local");
	json_open(w, "Labels", '{');
	for (size_t i = 0; i < v->labels.n; i++)
		json_text(w, v->labels.items[i].key, v->labels.items[i].value);
	json_close(w, '}');
	json_text(w, "Mountpoint", v->path);
	json_text(w, "Name", v->name);
	json_open(w, "Options", '{');
	json_close(w, '}');
	json_text(w, "Scope", "local");
	json_close(w, '}');
}

static struct err *inspect(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	cleanup(buf_done) struct buf out = {};
	struct json_writer w = { .out = &out, .style = JSON_INDENTED };
	struct err *e = globals_engine(call, &eng);
	json_open(&w, NULL, '[');
	for (int i = 0; !e && i < call->n_operands; i++) {
		struct volume v;
		e = volume_find(&eng, call->operands[i], call->arena, &v);
		if (!e)
			write_volume(&v, &w);
	}
	json_close(&w, ']');
	buf_add(&out, "\n");
	return e ? e : fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static struct err *remove_all(struct cmd_call *call)
{
	const struct volume_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	struct err *e = globals_engine(call, &eng);
	for (int i = 0; !e && i < call->n_operands; i++) {
		e = volume_remove(&eng, call->operands[i], call->arena);
		if (e && e->kind == ERR_NOT_FOUND && args->force)
			err_free(&e);
		if (!e)
			e = globals_print(call->operands[i]);
	}
	return e;
}

/* Anonymous ones that no container has; with --all also those with names. */
static struct err *prune(struct cmd_call *call)
{
	const struct volume_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	struct list all;
	if (!args->force)
		return err_hint(
			err_new(ERR_USAGE, "volume prune removes data"), "say --force to mean it");
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = volume_all(&eng, call->arena, &all);
	if (e)
		return e;
	for (list_each(const struct volume, v, all)) {
		if (!v->anonymous && !args->all)
			continue;
		e = volume_remove(&eng, v->name, call->arena);
		bool used = e && e->kind == ERR_CONFLICT;
		if (used)
			err_free(&e);
		else if (!e)
			e = globals_print(v->name);
		if (e)
			return e;
	}
	return NULL;
}

#define AT(member) offsetof(struct volume_args, member)
static const struct opt create_options[] = {
	{ "driver", 'd', OPT_TEXT, AT(driver), "driver", "local is the only one",
		.preset = "local" },
	{ "label", 0, OPT_TEXTS, AT(labels), "key=value", "a label" },
};
static const struct opt list_options[] = {
	{ "quiet", 'q', OPT_FLAG, AT(quiet), NULL, "names alone" },
};
static const struct opt remove_options[] = {
	{ "force", 'f', OPT_FLAG, AT(force), NULL, "one that is not there is fine" },
};
static const struct opt prune_options[] = {
	{ "all", 'a', OPT_FLAG, AT(all), NULL, "also those with names" },
	{ "force", 'f', OPT_FLAG, AT(force), NULL, "do it" },
};

static const struct cmd cmd_create_volume = { .name = "create",
	.operands = "[name]",
	.summary = "Make a volume",
	OPTS(struct volume_args, create_options),
	.max = 1,
	.run = create };
static const struct cmd cmd_list = {
	.name = "ls", .summary = "List volumes", OPTS(struct volume_args, list_options), .run = list
};
static const struct cmd cmd_inspect_volume = { .name = "inspect",
	.operands = "volume...",
	.summary = "Tell all about volumes",
	.min = 1,
	.max = CMD_ANY,
	.run = inspect };
static const struct cmd cmd_remove = { .name = "rm",
	.operands = "volume...",
	.summary = "Remove volumes that no container has",
	OPTS(struct volume_args, remove_options),
	.min = 1,
	.max = CMD_ANY,
	.run = remove_all };
static const struct cmd cmd_prune = { .name = "prune",
	.summary = "Remove anonymous volumes that no container has",
	OPTS(struct volume_args, prune_options),
	.run = prune };
static const struct cmd *const subs[] = { &cmd_create_volume, &cmd_list, &cmd_inspect_volume,
	&cmd_remove, &cmd_prune };

const struct cmd cmd_volume = {
	.name = "volume",
	.summary = "Manage volumes",
	SUBS(subs),
};
