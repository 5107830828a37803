#include "base/fd.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "oci/show_state.h"

static struct err *state(struct cmd_call *call)
{
	cleanup(chosen_close) struct chosen c = {};
	struct shown shown;
	struct err *e = chosen_open(call, false, &c);
	if (!e)
		e = shown_of(&c.container, &shown);
	if (e)
		return e;
	cleanup(buf_done) struct buf out = {};
	struct json_writer w = { .out = &out, .style = JSON_INDENTED };
	shown_write(&shown, &w);
	buf_add(&out, "\n");
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

const struct cmd cmd_state = {
	.name = "state",
	.operands = "container",
	.summary = "Tell what a container is doing, as JSON",
	.min = 1,
	.max = 1,
	.run = state,
	.complete = "list --quiet",
};
