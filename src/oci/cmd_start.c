#include "oci/commands.h"
#include "oci/globals.h"
#include "runtime/start.h"

/* Why a container in each state can't be started; NULL: it can. */
static const char *const refusals[] = {
	[STATUS_CREATING] = "cannot start a container that is being created",
	[STATUS_CREATED] = NULL,
	[STATUS_RUNNING] = "cannot start an already running container",
	[STATUS_PAUSED] = "cannot start a container that is paused",
	[STATUS_STOPPED] = "cannot start a container that has stopped",
};
_Static_assert(ARRAY_LEN(refusals) == STATUSES, "every state has an answer");

static struct err *start(struct cmd_call *call)
{
	cleanup(chosen_close) struct chosen c = {};
	enum container_status status;
	struct err *e = chosen_open(call, true, &c);
	if (!e)
		e = container_status(&c.container, &status);
	if (!e && refusals[status])
		e = err_new(ERR_CONFLICT, "%s", refusals[status]);
	return e ? e : start_container(&c.container.state, call->arena);
}

const struct cmd cmd_start = {
	.name = "start",
	.operands = "container",
	.summary = "Let the command of a created container run",
	.min = 1,
	.max = 1,
	.run = start,
	.complete = "list --quiet",
};
