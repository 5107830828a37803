#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/globals.h"
#include <fcntl.h>

struct exec_args {
	struct exec_ask ask;
	struct text_list env_files;
	bool detach;
};

/* Without -i the command reads nothing of ours. */
static struct err *shut_input(void)
{
	cleanup(fd_close) struct fd null = {};
	struct err *e = fd_open(&null, AT_FDCWD, "/dev/null", O_RDONLY);
	if (!e && dup3(fd_num(null), STDIN_FILENO, 0) < 0)
		e = err_sys(errno, "dup3");
	return e;
}

static struct err *exec(struct cmd_call *call)
{
	const struct exec_args *args = call->args;
	cleanup(engine_close) struct engine eng = {};
	struct engine_container c;
	struct exec_ask ask = args->ask;
	struct text_list env = {};
	struct err *e =
		args->detach ? err_new(ERR_USAGE, "exec --detach is not supported yet") : NULL;
	if (!e && ask.tty && ask.interactive && !isatty(STDIN_FILENO))
		e = err_new(ERR_USAGE, "the input device is not a TTY");
	for (size_t i = 0; !e && i < args->env_files.n; i++)
		e = flag_env_file(args->env_files.items[i], call->arena, &env);
	for (size_t i = 0; i < ask.env.n; i++)
		text_list_add(&env, call->arena, ask.env.items[i]);
	ask.env = env;
	for (int i = 1; i < call->n_operands; i++)
		text_list_add(&ask.args, call->arena, call->operands[i]);
	if (!e)
		e = globals_engine(call, &eng);
	if (!e)
		e = container_find(&eng, call->operands[0], call->arena, &c);
	if (!e && !ask.interactive)
		e = shut_input();
	return e ? e : container_exec(&eng, &c, &ask, call->arena, &call->status);
}

#define AT(member) offsetof(struct exec_args, member)
static const struct opt options[] = {
	{ "detach", 'd', OPT_FLAG, AT(detach), NULL, NULL },
	{ "env", 'e', OPT_TEXTS, AT(ask.env), "NAME=value", "an environment variable" },
	{ "env-file", 0, OPT_TEXTS, AT(env_files), "file", "environment variables, a line each" },
	{ "interactive", 'i', OPT_FLAG, AT(ask.interactive), NULL, "pass standard input on" },
	{ "privileged", 0, OPT_FLAG, AT(ask.privileged), NULL, NULL },
	{ "tty", 't', OPT_FLAG, AT(ask.tty), NULL, "give it a terminal" },
	{ "user", 'u', OPT_TEXT, AT(ask.user), "user[:group]", "who runs it" },
	{ "workdir", 'w', OPT_TEXT, AT(ask.workdir), "path", "working directory" },
};

const struct cmd cmd_exec = {
	.name = "exec",
	.operands = "container command [argument...]",
	.summary = "Run one more command in a container",
	OPTS(struct exec_args, options),
	.min = 2,
	.max = CMD_ANY,
	.options_first = true,
	.failure = 125,
	.run = exec,
};
