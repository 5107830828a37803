/* Hidden commands: what monitors execute. */
#include "cli/commands.h"
#include "cli/globals.h"

static struct err *open_engine(struct cmd_call *call, struct engine *out)
{
	const struct globals *g = call->global;
	struct engine_options o = {
		.root = g->root, .run_root = g->run_root, .systemd_cgroup = g->systemd_cgroup
	};
	return engine_open(&o, call->arena, out);
}

static struct err *ended(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	struct err *e = open_engine(call, &eng);
	return e ? e : container_ended(&eng, call->operands[0], call->arena);
}

static struct err *health(struct cmd_call *call)
{
	cleanup(engine_close) struct engine eng = {};
	struct engine_container c;
	struct err *e = open_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	return e ? e : container_check_health(&eng, &c, call->arena, &call->status);
}

const struct cmd cmd_ended = { .name = "@ended",
	.operands = "container",
	.summary = "Undo what a container left; for its monitor",
	.hidden = true,
	.min = 1,
	.max = 1,
	.run = ended };
const struct cmd cmd_health = { .name = "@health",
	.operands = "container",
	.summary = "Run the health check of a container; for its monitor",
	.hidden = true,
	.min = 1,
	.max = 1,
	.run = health };
