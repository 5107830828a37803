#include "kernel/signal.h"
#include "oci/commands.h"
#include "oci/globals.h"

struct kill_args {
	bool all;
};

static struct err *kill_container(struct cmd_call *call)
{
	const struct kill_args *args = call->args;
	cleanup(chosen_close) struct chosen c = {};
	const char *name = call->n_operands > 1 ? call->operands[1] : "SIGTERM";
	int number = signal_number(name);
	if (number < 0)
		return err_hint(err_new(ERR_USAGE, "unknown signal \"%s\"", name),
			"a signal is a number or a name such as TERM or SIGKILL");
	struct err *e = chosen_open(call, false, &c);
	if (e)
		return e;
	return args->all ? container_kill_all(&c.container, number)
	                 : container_kill(&c.container, number);
}

static const struct opt options[] = {
	{ "all", 'a', OPT_FLAG, offsetof(struct kill_args, all), NULL,
		"send it to all processes of the container, also if the first one has ended" },
};

const struct cmd cmd_kill = {
	.name = "kill",
	.operands = "container [signal]",
	.summary = "Send a signal to a container's first process",
	.about = "The signal is a name or a number; without one it is TERM.",
	OPTS(struct kill_args, options),
	.min = 1,
	.max = 2,
	.run = kill_container,
	.complete = "list --quiet",
};
