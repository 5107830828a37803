#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/globals.h"

struct update_args {
	struct container_request r;
	const char *restart, *cpus;
};

static struct err *update_one(
	const struct engine *e, struct engine_container *c, struct cmd_call *call)
{
	const struct update_args *args = call->args;
	struct container_request r = args->r;
	struct err *bad = args->restart ? flag_restart(args->restart, &r.restart) : NULL;
	if (!bad && args->restart && !r.restart.policy)
		r.restart.policy = "no";
	if (!bad && args->cpus)
		bad = flag_cpus(args->cpus, &r.nano_cpus);
	return bad ? bad : container_revise(e, c, &r, call->arena);
}

static struct err *update(struct cmd_call *call)
{
	return globals_each(call, update_one);
}

#define AT(member) offsetof(struct update_args, member)
#define R(member)  offsetof(struct update_args, r.member)
static const struct opt options[] = {
	{ "blkio-weight", 0, OPT_MAYBE_INT, R(blkio_weight), "weight", "share of block I/O" },
	{ "cpu-period", 0, OPT_MAYBE_INT, R(cpu_period), "us", "the period of --cpu-quota" },
	{ "cpu-quota", 0, OPT_MAYBE_INT, R(cpu_quota), "us", "CPU time in each period" },
	{ "cpu-shares", 'c', OPT_MAYBE_INT, R(cpu_shares), "shares",
		"CPU time in proportion to others" },
	{ "cpus", 0, OPT_TEXT, AT(cpus), "number", "how many CPUs it may use: 1.5" },
	{ "cpuset-cpus", 0, OPT_TEXT, R(cpuset_cpus), "list", "which CPUs it may use: 0-3,7" },
	{ "cpuset-mems", 0, OPT_TEXT, R(cpuset_mems), "list", "which memory nodes it may use" },
	{ "memory", 'm', OPT_MAYBE_SIZE, R(memory), "bytes", "limit of memory" },
	{ "memory-reservation", 0, OPT_MAYBE_SIZE, R(memory_reservation), "bytes",
		"memory that is left to it when it is short" },
	{ "memory-swap", 0, OPT_MAYBE_SIZE, R(memory_swap), "bytes",
		"limit of memory and swap; -1 for none" },
	{ "pids-limit", 0, OPT_MAYBE_INT, R(pids_limit), "number",
		"limit of processes; -1 for none" },
	{ "restart", 0, OPT_TEXT, AT(restart), "policy",
		"no, always, unless-stopped, on-failure[:times]" },
};

const struct cmd cmd_update = {
	.name = "update",
	.operands = "container...",
	.summary = "Change limits and restart policies of containers",
	OPTS(struct update_args, options),
	.min = 1,
	.max = CMD_ANY,
	.run = update,
};
