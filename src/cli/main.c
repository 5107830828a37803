/* onggi: containers, with Docker's verbs and without a daemon. */
#include "base/fd.h"
#include "cli/commands.h"
#include "config.h"
#include <stdio.h>

static const struct cmd *const commands[] = {
	&cmd_pack,
};

struct globals {
	bool version;
};

static const struct opt options[] = {
	{ "version", 'v', OPT_FLAG, offsetof(struct globals, version), NULL, "print the version" },
};

static struct err *before(struct cmd_call *call)
{
	static const char text[] = "onggi version " ONGGI_VERSION "\n";
	const struct globals *g = call->global;
	call->done = g->version;
	return g->version ? fd_write_all(STDOUT_FILENO, text, sizeof(text) - 1) : NULL;
}

static const struct cmd program = {
	.name = "onggi",
	.summary = "Containers without a daemon",
	OPTS(struct globals, options),
	SUBS(commands),
	.before = before,
};

int main(int, char **argv)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	cleanup(err_free) struct err *e = cmd_main(&call, argv);
	if (!e)
		return call.status;
	err_print(e, stderr, "onggi");
	return err_exit_status(e);
}
