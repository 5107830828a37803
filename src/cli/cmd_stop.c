/* Commands that end, freeze or change containers. */
#include "cli/commands.h"
#include "cli/globals.h"
#include "kernel/signal.h"
#include <signal.h>

struct stop_args {
	struct opt_int seconds;
	const char *signal;
	bool force, volumes, ignore;
};

static struct err *stop_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	const struct stop_args *args = call->args;
	return container_stop(e, c, args->seconds, args->signal, call->arena);
}

static struct err *stop(struct cmd_call *call)
{
	return globals_each(call, stop_one);
}

static struct err *restart_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	const struct stop_args *args = call->args;
	struct err *bad = container_stop(e, c, args->seconds, args->signal, call->arena);
	return bad ? bad : container_start(e, c, NULL, call->arena);
}

static struct err *restart(struct cmd_call *call)
{
	return globals_each(call, restart_one);
}

static struct err *kill_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	const struct stop_args *args = call->args;
	int number = args->signal ? signal_number(args->signal) : SIGKILL;
	if (number <= 0)
		return err_new(ERR_USAGE, "Invalid signal: %s", args->signal);
	return container_signal(e, c, number, call->arena);
}

static struct err *kill_all(struct cmd_call *call)
{
	return globals_each(call, kill_one);
}

static struct err *remove_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	const struct stop_args *args = call->args;
	return container_remove(e, c, args->force, args->volumes, call->arena);
}

static struct err *remove_all(struct cmd_call *call)
{
	return globals_each(call, remove_one);
}

static struct err *pause_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	return container_set_paused(e, c, true, call->arena);
}

static struct err *pause_all(struct cmd_call *call)
{
	return globals_each(call, pause_one);
}

static struct err *unpause_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	return container_set_paused(e, c, false, call->arena);
}

static struct err *unpause(struct cmd_call *call)
{
	return globals_each(call, unpause_one);
}

static struct err *rename_it(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	struct engine_container c;
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	return e ? e : container_rename(&eng, &c, call->operands[1], call->arena);
}

static struct err *wait_all(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	struct err *e = globals_engine(call, &eng);
	for (int i = 0; !e && i < call->n_operands; i++) {
		struct engine_container c;
		struct exit_record exit = {};
		bool ended;
		e = container_find(&eng, call->operands[i], call->arena, &c);
		if (!e)
			e = container_wait(&eng, &c, -1, call->arena, &exit, &ended);
		if (!e)
			e = globals_print(arena_fmt(call->arena, "%lld", (long long)exit.code));
	}
	return e;
}

#define AT(member) offsetof(struct stop_args, member)
static const struct opt stop_options[] = {
	{ "time", 't', OPT_MAYBE_INT, AT(seconds), "seconds", "how long to wait before killing" },
	{ "timeout", 0, OPT_MAYBE_INT, AT(seconds), "seconds", NULL },
	{ "signal", 's', OPT_TEXT, AT(signal), "signal", "what to send first" },
};
static const struct opt kill_options[] = {
	{ "signal", 's', OPT_TEXT, AT(signal), "signal", "what to send (default: KILL)" },
};
static const struct opt remove_options[] = {
	{ "force", 'f', OPT_FLAG, AT(force), NULL, "also one that runs: kill it first" },
	{ "volumes", 'v', OPT_FLAG, AT(volumes), NULL, "its anonymous volumes, too" },
};

#define SEVERAL .operands = "container...", .min = 1, .max = CMD_ANY
const struct cmd cmd_stop = { .name = "stop",
	.summary = "Stop containers: a signal first, then SIGKILL",
	OPTS(struct stop_args, stop_options),
	SEVERAL,
	.run = stop };
const struct cmd cmd_restart = { .name = "restart",
	.summary = "Stop containers and start them again",
	OPTS(struct stop_args, stop_options),
	SEVERAL,
	.run = restart };
const struct cmd cmd_kill = { .name = "kill",
	.summary = "Send a signal to containers",
	OPTS(struct stop_args, kill_options),
	SEVERAL,
	.run = kill_all };
const struct cmd cmd_rm = { .name = "rm",
	.summary = "Remove containers",
	OPTS(struct stop_args, remove_options),
	SEVERAL,
	.run = remove_all };
const struct cmd cmd_pause = {
	.name = "pause", .summary = "Freeze all processes of containers", SEVERAL, .run = pause_all
};
const struct cmd cmd_unpause = {
	.name = "unpause", .summary = "Let frozen containers go on", SEVERAL, .run = unpause
};
const struct cmd cmd_wait = { .name = "wait",
	.summary = "Wait for the end of containers and print their exit codes",
	SEVERAL,
	.run = wait_all };
const struct cmd cmd_rename = { .name = "rename",
	.operands = "container name",
	.summary = "Give a container another name",
	.min = 2,
	.max = 2,
	.run = rename_it };
