/* onggi-runtime: the OCI runtime, with the command line of runc. */
#include "base/fd.h"
#include "base/log.h"
#include "config.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include <seccomp.h>

static const struct cmd *const commands[] = {
	&cmd_create,
	&cmd_start,
	&cmd_run,
	&cmd_exec,
	&cmd_state,
	&cmd_list,
	&cmd_kill,
	&cmd_delete,
	&cmd_ps,
	&cmd_pause,
	&cmd_resume,
	&cmd_update,
	&cmd_events,
	&cmd_spec,
	&cmd_features,
	&cmd_explain,
	&cmd_checkpoint,
	&cmd_restore,
};

#define AT(member) offsetof(struct globals, member)
static const struct opt options[] = {
	{ "root", 0, OPT_TEXT, AT(root), "dir",
		"directory for the state of containers, on a tmpfs (default: /run/onggi, or "
		"$XDG_RUNTIME_DIR/onggi without root's rights)" },
	{ "log", 0, OPT_TEXT, AT(log), "file", "where messages go (default: standard error)" },
	{ "log-format", 0, OPT_TEXT, AT(log_format), "format", "form of messages", .preset = "text",
		.words = "text json" },
	{ "log-level", 0, OPT_TEXT, AT(log_level), "level", "which messages are written",
		.preset = "info", .words = "debug info warning error" },
	{ "debug", 0, OPT_FLAG, AT(debug), NULL, "the same as --log-level debug" },
	{ "systemd-cgroup", 0, OPT_FLAG, AT(systemd_cgroup), NULL,
		"let systemd make control groups; linux.cgroupsPath is slice:prefix:name" },
	{ "cgroup-manager", 0, OPT_TEXT, AT(cgroup_manager), "manager", "who makes control groups",
		.words = "cgroupfs systemd disabled" },
	{ "rootless", 0, OPT_TEXT, AT(rootless), "when",
		"do without a control group that can't be made: true, false or auto",
		.preset = "auto" },
	{ "version", 'v', OPT_FLAG, AT(version), NULL, "print versions" },
};

/* Clients read "NAME version X" and the lines that begin with "commit: " and "spec: ". */
static struct err *print_version(void)
{
	const struct scmp_version *v = seccomp_version();
	cleanup(buf_done) struct buf out = {};
	buf_add(&out, "onggi-runtime version %s\ncommit: v%s\nspec: 1.3.0\nlibseccomp: %u.%u.%u\n",
		ONGGI_VERSION, ONGGI_VERSION, v->major, v->minor, v->micro);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

/* What the last message says: the chain, and in parentheses what can be done. */
static void report(const struct err *e)
{
	cleanup(buf_done) struct buf text = {};
	const char *hint = err_hint_of(e);
	err_show(e, &text);
	if (hint)
		buf_add(&text, " (%s)", hint);
	log_error("%s", buf_text(&text));
	if (log_sink().fd == STDERR_FILENO)
		return;
	buf_add(&text, "\n");
	struct err *unheard = fd_write_all(STDERR_FILENO, text.p, text.n);
	err_free(&unheard);
}

static struct err *before(struct cmd_call *call)
{
	const struct globals *g = call->global;
	call->done = g->version;
	if (g->version)
		return print_version();
	struct err *e = globals_open_log(g);
	for (size_t i = 0; !e && i < call->ignored.n; i++)
		log_warn("%s", call->ignored.items[i]);
	if (!e)
		log_debug("%s, version %s", call->path, ONGGI_VERSION);
	return e;
}

static const char about[] =
	"A bundle is a directory with a config.json and a root file system. To run one:\n"
	"\n"
	"    onggi-runtime run --bundle DIR NAME\n"
	"\n"
	"Or in steps: create makes the container, which waits; start lets its command run;\n"
	"delete removes it. explain shows what create would do, as a list of kernel calls or as\n"
	"a shell script.";

static const struct cmd program = {
	.name = "onggi-runtime",
	.summary = "Run containers as the OCI runtime specification describes them",
	.about = about,
	OPTS(struct globals, options),
	.go_options = true,
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
	/* Where options of the command could not be read, nobody has opened the log yet. */
	cleanup(err_free) struct err *log = call.global ? globals_open_log(call.global) : NULL;
	report(e);
	return call.cmd->failure ? call.cmd->failure : 1;
}
