/* create and run: the same flags, and run has some more. */
#include "kernel/proc.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "runtime/create.h"
#include "runtime/foreground.h"
#include <fcntl.h>

struct create_args {
	const char *bundle, *config, *console_socket, *pidfd_socket, *pid_file;
	int64_t preserve_fds;
	bool no_pivot, no_new_keyring, no_subreaper, detach, keep;
};

static struct err *fill(struct cmd_call *call, struct launch_options *o)
{
	const struct create_args *args = call->args;
	const struct globals *g = call->global;
	*o = (struct launch_options){ .id = call->operands[0],
		.bundle = args->bundle,
		.cgroup_manager = globals_cgroup_manager(g),
		.filter_cache = globals_filter_cache(call->arena),
		.no_pivot = args->no_pivot,
		.no_new_keyring = args->no_new_keyring };
	struct err *e = globals_absolute(call, args->config, &o->config);
	if (!e)
		e = globals_absolute(call, args->console_socket, &o->console_socket);
	if (!e)
		e = globals_absolute(call, args->pid_file, &o->pid_file);
	if (!e)
		e = globals_rootless(g, &o->rootless);
	return e ? e : globals_preserved(args->preserve_fds, &o->preserve_fds, &o->listen_fds);
}

static struct err *create(struct cmd_call *call)
{
	const struct create_args *args = call->args;
	cleanup(state_root_close) struct state_root root = {};
	cleanup(created_done) struct created c = {};
	struct launch_options o;
	struct err *e = fill(call, &o);
	o.wait_at_gate = o.detached = true;
	if (!e)
		e = globals_root(call, true, &root);
	return e ? e : create_container(&root, &o, args->pidfd_socket, call->arena, &c);
}

/* Stays until the container's end; its status becomes ours. */
static struct err *stay(struct cmd_call *call, const struct state_root *root, struct created *c)
{
	const struct create_args *args = call->args;
	struct foreground f = { .pidfd = fd_num(c->launched.pidfd),
		.terminal = fd_num(c->launched.terminal),
		.subreaper = !args->no_subreaper };
	int status = 0;
	state_unlock(&c->state);
	struct err *e = foreground_run(&f, &status);
	call->status = proc_exit_code(status);
	if (e || args->keep)
		return e;
	return container_delete(root, c->state.id, true, call->arena);
}

static struct err *run(struct cmd_call *call)
{
	const struct create_args *args = call->args;
	cleanup(state_root_close) struct state_root root = {};
	cleanup(created_done) struct created c = {};
	struct launch_options o;
	struct err *e = fill(call, &o);
	o.detached = args->detach;
	if (!args->detach)
		foreground_begin();
	if (!e)
		e = globals_root(call, true, &root);
	if (!e)
		e = create_container(&root, &o, args->pidfd_socket, call->arena, &c);
	return e || args->detach ? e : stay(call, &root, &c);
}

enum { OPTIONS_OF_RUN_ALONE = 2 };

#define AT(member) offsetof(struct create_args, member)
static const struct opt options[] = {
	{ "bundle", 'b', OPT_TEXT, AT(bundle), "dir", "directory with config.json and the root",
		.preset = "." },
	{ "config", 'f', OPT_TEXT, AT(config), "file", "use this file instead of config.json" },
	{ "console-socket", 0, OPT_TEXT, AT(console_socket), "socket",
		"unix socket that gets the terminal, if the configuration asks for one" },
	{ "pidfd-socket", 0, OPT_TEXT, AT(pidfd_socket), "socket",
		"unix socket that gets a pidfd of the container's process" },
	{ "pid-file", 0, OPT_TEXT, AT(pid_file), "file", "gets the process id" },
	{ "no-pivot", 0, OPT_FLAG, AT(no_pivot), NULL,
		"change the root without pivot_root, as on a ramdisk" },
	{ "no-new-keyring", 0, OPT_FLAG, AT(no_new_keyring), NULL,
		"keep the session keyring of the caller" },
	{ "preserve-fds", 0, OPT_INT, AT(preserve_fds), "number",
		"pass descriptors 3 to 2+number on, behind those of $LISTEN_FDS" },
	{ "no-subreaper", 0, OPT_FLAG, AT(no_subreaper), NULL,
		"do not become the parent of the container's orphans" },
	{ "detach", 'd', OPT_FLAG, AT(detach), NULL, "return as soon as the command runs" },
	{ "keep", 0, OPT_FLAG, AT(keep), NULL, "keep the container after its end" },
};

const struct cmd cmd_create = {
	.name = "create",
	.operands = "container",
	.summary = "Create a container from a bundle; start lets its command run",
	.opts = options,
	.n_opts = ARRAY_LEN(options) - OPTIONS_OF_RUN_ALONE,
	.args_size = sizeof(struct create_args),
	.min = 1,
	.max = 1,
	.run = create,
};

const struct cmd cmd_run = {
	.name = "run",
	.operands = "container",
	.summary = "Create a container, run its command and remove the container",
	.about = "The exit status is that of the command; 128 and the number of the signal that\n"
		 "ended it.",
	OPTS(struct create_args, options),
	.min = 1,
	.max = 1,
	.run = run,
};
