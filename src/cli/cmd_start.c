#include "cli/commands.h"
#include "cli/globals.h"
#include "engine/stream.h"

struct start_args {
	bool attach, interactive, boot;
	const char *detach_keys;
};

static struct err *start_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	return container_start(e, c, NULL, call->arena);
}

static struct err *start_attached(struct cmd_call *call)
{
	const struct start_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	cleanup(started_done) struct started s = {};
	struct engine_container c;
	bool detached;
	if (call->n_operands != 1)
		return err_new(
			ERR_USAGE, "you cannot start and attach multiple containers at once");
	struct err *e = globals_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	if (!e && c.status == ENGINE_RUNNING)
		e = err_new(ERR_CONFLICT, "container %s is running already", call->operands[0]);
	if (!e)
		e = container_start(&eng, &c, &s, call->arena);
	if (e)
		return e;
	struct stream stream = { .engine = &eng,
		.container = &c,
		.arena = call->arena,
		.attach = fd_num(s.attach),
		.terminal = c.record.request.tty,
		.input = args->interactive && c.record.request.interactive,
		.proxy = true,
		.until_gone = c.record.request.remove,
		.detach_keys = args->detach_keys };
	return stream_run(&stream, &call->status, &detached);
}

static struct err *start_boot(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	if (call->n_operands)
		return err_new(ERR_USAGE, "start --boot: no container is named");
	struct err *e = globals_engine(call, &eng);
	return e ? e : container_start_boot(&eng, call->arena);
}

static struct err *start(struct cmd_call *call)
{
	const struct start_args *args = call->args;
	if (args->boot)
		return start_boot(call);
	if (!call->n_operands)
		return err_new(ERR_USAGE, "start: no container named");
	return args->attach || args->interactive ? start_attached(call)
	                                         : globals_each(call, start_one);
}

static const struct opt options[] = {
	{ "attach", 'a', OPT_FLAG, offsetof(struct start_args, attach), NULL,
		"stay and show its output" },
	{ "interactive", 'i', OPT_FLAG, offsetof(struct start_args, interactive), NULL,
		"stay and pass standard input on" },
	{ "boot", 0, OPT_FLAG, offsetof(struct start_args, boot), NULL,
		"start those whose restart policy wants it; for the init system" },
	{ "detach-keys", 0, OPT_TEXT, offsetof(struct start_args, detach_keys), "keys",
		"what leaves it running: ctrl-p,ctrl-q" },
};

const struct cmd cmd_start = {
	.name = "start",
	.operands = "[container...]",
	.summary = "Start containers that do not run",
	.complete = "ps --all --quiet",
	OPTS(struct start_args, options),
	.max = CMD_ANY,
	.run = start,
};
