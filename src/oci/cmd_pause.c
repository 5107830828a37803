#include "oci/commands.h"
#include "oci/globals.h"

static struct err *pause_container(struct cmd_call *call)
{
	cleanup(chosen_close) struct chosen c = {};
	struct err *e = chosen_open(call, true, &c);
	return e ? e : container_pause(&c.container);
}

static struct err *resume_container(struct cmd_call *call)
{
	cleanup(chosen_close) struct chosen c = {};
	struct err *e = chosen_open(call, true, &c);
	return e ? e : container_resume(&c.container);
}

const struct cmd cmd_pause = {
	.name = "pause",
	.operands = "container",
	.summary = "Freeze all processes of a container",
	.min = 1,
	.max = 1,
	.run = pause_container,
	.complete = "list --quiet",
};

const struct cmd cmd_resume = {
	.name = "resume",
	.operands = "container",
	.summary = "Let a paused container go on",
	.min = 1,
	.max = 1,
	.run = resume_container,
	.complete = "list --quiet",
};
