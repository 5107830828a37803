#include "base/cmd.h"
#include "base/test.h"
#include <fcntl.h>
#include <unistd.h>

struct global {
	const char *root;
	bool debug;
};

struct run_args {
	const char *name, *format;
	int64_t retries, memory, wait;
	struct text_list env;
	bool tty, interactive, detach;
	struct opt_int pids;
	struct opt_bool proxy;
};

static const struct opt global_options[] = {
	{ "root", 0, OPT_TEXT, offsetof(struct global, root), "dir", "where state is kept",
		.preset = "/run/jar" },
	{ "debug", 'D', OPT_FLAG, offsetof(struct global, debug), NULL, "say more" },
};

#define AT(member) offsetof(struct run_args, member)
static const struct opt run_options[] = {
	{ "name", 0, OPT_TEXT, AT(name), "name", "what it is called" },
	{ "format", 'f', OPT_TEXT, AT(format), "form", "how it is printed", .preset = "table",
		.words = "table json" },
	{ "retries", 'r', OPT_INT, AT(retries), "number", "how often", .preset = "3" },
	{ "memory", 'm', OPT_SIZE, AT(memory), "size", "how much" },
	{ "wait", 0, OPT_DURATION, AT(wait), "time", "how long" },
	{ "env", 'e', OPT_TEXTS, AT(env), "NAME=VALUE", "a variable" },
	{ "tty", 't', OPT_FLAG, AT(tty), NULL, "with a terminal" },
	{ "interactive", 'i', OPT_FLAG, AT(interactive), NULL, "with input" },
	{ "detach", 'd', OPT_FLAG, AT(detach), NULL, "in the background", .preset = "true" },
	{ "pids", 0, OPT_MAYBE_INT, AT(pids), "number", "how many" },
	{ "proxy", 0, OPT_MAYBE_FLAG, AT(proxy), NULL, "pass signals on" },
	{ "old", 0, OPT_TEXT, AT(name), "x", "an old one", .ignored = "jars are always new" },
	{ "tag", 0, OPT_TEXT, AT(name), "name", NULL },
};

static struct err *run_run(struct cmd_call *call)
{
	call->status = 7;
	return NULL;
}

static const struct cmd cmd_run = {
	.name = "run",
	.operands = "image [command...]",
	.summary = "Run a command",
	OPTS(struct run_args, run_options),
	.min = 1,
	.max = CMD_ANY,
	.options_first = true,
	.run = run_run,
};

static const struct cmd cmd_kill = {
	.name = "kill",
	.operands = "jar [signal]",
	.summary = "Send a signal",
	OPTS(struct run_args, run_options),
	.min = 1,
	.max = 2,
	.run = run_run,
	.complete = "list --quiet",
};

static const struct cmd cmd_image_ls = { .name = "ls", .summary = "List", .run = run_run };
static const struct cmd *const image_subs[] = { &cmd_image_ls };
static const struct cmd cmd_image = { .name = "image", .summary = "Images", SUBS(image_subs) };

static const struct cmd *const subs[] = { &cmd_run, &cmd_kill, &cmd_image };
static const struct cmd program = {
	.name = "jar",
	.summary = "Keep things",
	.about = "Jars keep what is inside\napart.\n\nThey breathe.",
	OPTS(struct global, global_options),
	.go_options = true,
	SUBS(subs),
};

#define ARGV(...) ((char *[]){ A("jar"), __VA_ARGS__, NULL })
#define A(text)   ((char[]){ text })

/* The options as read; ends the test if the line is refused. */
static const struct run_args *reads(struct cmd_call *call, char *const *argv)
{
	cleanup(err_free) struct err *e = cmd_main(call, argv);
	if (e)
		test_failed(__FILE__, __LINE__, "refused: %s", e->text);
	return call->args;
}

static void refuses(char *const *argv, const char *printed)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	cleanup(err_free) struct err *e = cmd_main(&call, argv);
	CHECK(e && e->kind == ERR_USAGE);
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	err_print(e, out, "jar");
	fclose(out);
	CHECK_TEXT(text, printed);
}

TEST(options_are_stored_where_the_table_says)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	const struct run_args *args = reads(&call,
		ARGV(A("--root=/x"), A("run"), A("--name"), A("web"), A("-m1k"), A("--wait=2s"),
			A("-e"), A("A=1"), A("-e=B=2"), A("--env"), A("C"), A("-it"), A("-d=false"),
			A("--pids"), A("-1"), A("--proxy=false"), A("img"), A("ls"), A("-l")));
	CHECK_TEXT(((const struct global *)call.global)->root, "/x");
	CHECK_TEXT(args->name, "web");
	CHECK(args->memory == 1024 && args->wait == 2000000000 && args->retries == 3);
	CHECK(args->env.n == 3 && !args->env.items[3]);
	CHECK_TEXT(args->env.items[1], "B=2");
	CHECK(args->tty && args->interactive && !args->detach);
	CHECK(args->pids.set && args->pids.value == -1 && args->proxy.set && !args->proxy.value);
	CHECK(call.n_operands == 3 && call.status == 7);
	CHECK_TEXT(call.operands[2], "-l");
	CHECK_TEXT(call.path, "jar run");
}

TEST(values_not_given_are_the_presets)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	const struct run_args *args = reads(&call, ARGV(A("run"), A("img")));
	CHECK_TEXT(((const struct global *)call.global)->root, "/run/jar");
	CHECK_TEXT(args->format, "table");
	CHECK(args->retries == 3 && args->detach && !args->pids.set && !args->proxy.set);
}

TEST(options_may_follow_operands_unless_the_command_says_no)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	const struct run_args *args =
		reads(&call, ARGV(A("kill"), A("web"), A("-t"), A("--"), A("-9")));
	CHECK(args->tty && call.n_operands == 2);
	CHECK_TEXT(call.operands[1], "-9");
}

TEST(long_options_with_one_dash_are_read_as_go_does)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	const struct run_args *args = reads(
		&call, ARGV(A("-root"), A("/y"), A("-debug"), A("kill"), A("-name=x"), A("web")));
	CHECK_TEXT(args->name, "x");
	CHECK(((const struct global *)call.global)->debug);
	CHECK_TEXT(((const struct global *)call.global)->root, "/y");
}

TEST(groups_have_commands_below_them)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	reads(&call, ARGV(A("image"), A("ls")));
	CHECK_TEXT(call.path, "jar image ls");
	CHECK(call.cmd == &cmd_image_ls);
}

TEST(options_that_do_nothing_are_noted)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	reads(&call, ARGV(A("kill"), A("--old"), A("x"), A("web")));
	CHECK(call.ignored.n == 1);
	CHECK_TEXT(call.ignored.items[0], "--old does nothing here: jars are always new");
}

TEST(mistakes_on_the_command_line_are_explained)
{
	refuses(ARGV(A("kill"), A("-r"), A("soon"), A("web")),
		"jar: -r: 'soon' is not a whole number\n");
	refuses(ARGV(A("kill"), A("--nmae=3")),
		"jar: unknown option --nmae=3\nhint: did you mean --name?\n");
	refuses(ARGV(A("kill"), A("-x")), "jar: unknown option -x\nhint: see jar kill --help\n");
	refuses(ARGV(A("kill"), A("--root"), A("/x"), A("web")),
		"jar: unknown option --root\n"
		"hint: options of all commands come first: jar --root ... kill\n");
	refuses(ARGV(A("kill"), A("web"), A("-m")), "jar: -m needs a value\n");
	refuses(ARGV(A("kill"), A("--tty=maybe")),
		"jar: --tty=maybe: 'maybe' is not true or false\n");
	refuses(ARGV(A("kill"), A("--format"), A("jsn")),
		"jar: --format: 'jsn' is not one of: table json\nhint: did you mean json?\n");
	refuses(ARGV(A("klil")),
		"jar: unknown command \"klil\"\nhint: did you mean \"jar kill\"?\n");
	refuses(ARGV(A("banana")), "jar: unknown command \"banana\"\nhint: see jar --help\n");
	refuses(ARGV(A("kill")), "jar: \"kill\" requires at least 1 argument\n"
				 "hint: usage: jar kill [options] jar [signal]\n");
	refuses(ARGV(A("image"), A("ls"), A("x")), "jar: \"ls\" takes no arguments\n"
						   "hint: usage: jar image ls\n");
	refuses(ARGV(A("image"), A("sl")),
		"jar: unknown command \"sl\"\nhint: did you mean \"jar image ls\"?\n");
}

TEST(help_comes_from_the_tables)
{
	cleanup(buf_done) struct buf out = {}, top = {};
	cmd_help(&program, &cmd_kill, "jar kill", &out);
	CHECK(strstr(buf_text(&out), "Usage: jar kill [options] jar [signal]\n\nSend a signal.\n"));
	CHECK(strstr(buf_text(&out), "\n  -f, --format form     how it is printed; "
				     "one of: table json (default: table)\n"));
	CHECK(strstr(buf_text(&out), "\n      --old x           an old one "
				     "(does nothing here: jars are always new)\n"));
	CHECK(!strstr(buf_text(&out), "--tag"));
	cmd_help(&program, &program, "jar", &top);
	CHECK(strstr(buf_text(&top), "\n  run         Run a command\n"));
	CHECK(strstr(buf_text(&top), "\n  completion  Print a completion script for a shell\n"));
}

/* What @argv prints on standard output. */
static void printed(char *const *argv, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct cmd_call call = { .program = &program, .arena = &a };
	int pipe_ends[2], saved = fcntl(1, F_DUPFD_CLOEXEC, 3);
	CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0 && dup2(pipe_ends[1], 1) == 1);
	struct err *e = cmd_main(&call, argv);
	dup2(saved, 1);
	close(saved);
	close(pipe_ends[1]);
	CHECK(!e);
	char text[65536];
	ssize_t n = read(pipe_ends[0], text, sizeof(text) - 1);
	close(pipe_ends[0]);
	CHECK(n > 0);
	buf_add(out, "%.*s", (int)n, text);
}

TEST(every_command_tells_about_itself)
{
	cleanup(buf_done) struct buf a = {}, b = {}, c = {}, d = {};
	printed(ARGV(A("kill"), A("--help")), &a);
	printed(ARGV(A("help"), A("kill")), &b);
	CHECK_TEXT(buf_text(&a), buf_text(&b));
	printed(ARGV(A("image"), A("ls"), A("-h")), &c);
	CHECK(strstr(buf_text(&c), "Usage: jar image ls\n"));
	printed(ARGV(A("image")), &d);
	CHECK(strstr(buf_text(&d), "\n  ls  List\n"));
}

TEST(the_manual_page_has_every_option)
{
	cleanup(buf_done) struct buf out = {};
	cmd_man(&program, 8, &out);
	const char *text = buf_text(&out);
	CHECK(strstr(text, ".TH JAR 8\n.SH NAME\njar \\- Keep things\n"));
	CHECK(strstr(text, "Jars keep what is inside\napart.\n.PP\nThey breathe.\n"));
	CHECK(strstr(text, ".SS kill [options] jar [signal]\nSend a signal.\n"));
	CHECK(strstr(text, ".TP\n\\fB\\-f\\fR, \\fB\\-\\-format\\fR \\fIform\\fR\n"));
	CHECK(strstr(text, ".SS image ls\n") && !strstr(text, "\\-\\-tag"));
}

TEST(completion_knows_every_command)
{
	cleanup(buf_done) struct buf bash = {}, zsh = {}, fish = {};
	CHECK(!cmd_completion(&program, "bash", &bash) && !cmd_completion(&program, "zsh", &zsh) &&
		!cmd_completion(&program, "fish", &fish));
	CHECK(strstr(buf_text(&bash), "\"image ls\")") && strstr(buf_text(&bash), "compgen"));
	CHECK(strstr(buf_text(&bash), "$(jar list --quiet 2>/dev/null)"));
	CHECK(strstr(buf_text(&zsh), "#compdef jar") && strstr(buf_text(&zsh), "_jar_image_ls()"));
	CHECK(strstr(buf_text(&fish), "-n '__fish_seen_subcommand_from kill' -l format -s f"));
	cleanup(err_free) struct err *e = cmd_completion(&program, "csh", &fish);
	CHECK_TEXT(e->text, "there is no completion for 'csh'");
}
