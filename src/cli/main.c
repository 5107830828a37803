/* onggi: containers, with Docker's verbs and without a daemon. */
#include "base/fd.h"
#include "cli/commands.h"
#include "cli/globals.h"
#include "config.h"
#include <stdio.h>

static const struct cmd *const commands[] = {
	&cmd_run,
	&cmd_create,
	&cmd_start,
	&cmd_ps,
	&cmd_inspect,
	&cmd_exec,
	&cmd_attach,
	&cmd_logs,
	&cmd_stop,
	&cmd_restart,
	&cmd_kill,
	&cmd_rm,
	&cmd_wait,
	&cmd_pause,
	&cmd_unpause,
	&cmd_rename,
	&cmd_images,
	&cmd_load,
	&cmd_save,
	&cmd_import,
	&cmd_tag,
	&cmd_rmi,
	&cmd_history,
	&cmd_image,
	&cmd_fsck,
	&cmd_pack,
	&cmd_update,
	&cmd_version,
	&cmd_volume,
	&cmd_ended,
	&cmd_health,
};

static const struct opt options[] = {
	{ "version", 'v', OPT_FLAG, offsetof(struct globals, version), NULL, "print the version" },
	{ "root", 0, OPT_TEXT, offsetof(struct globals, root), "dir",
		"where containers and images are (default: $ONGGI_ROOT or /var/lib/onggi)" },
	{ "run-root", 0, OPT_TEXT, offsetof(struct globals, run_root), "dir",
		"what lasts until a reboot (default: $ONGGI_RUN_ROOT or /run/onggi/@engine)" },
	{ "systemd-cgroup", 0, OPT_FLAG, offsetof(struct globals, systemd_cgroup), NULL,
		"let systemd make control groups" },
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
	bool usual = e->kind == ERR_CANNOT_RUN || e->kind == ERR_NO_COMMAND;
	/* What the command line says wrong is told apart from what went wrong. */
	bool own = call.ran && call.cmd->failure && !usual;
	return own ? call.cmd->failure : err_exit_status(e);
}
