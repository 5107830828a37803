#include "base/cmd.h"
#include "base/fd.h"

enum { COLUMN_MAX = 32, LINE_MAX = 100 };

/* "-b, --bundle dir": how an option is written. */
static void show_option(const struct opt *o, struct buf *out)
{
	if (o->letter)
		buf_add(out, "-%c, --%s", o->letter, o->name);
	else
		buf_add(out, "    --%s", o->name);
	if (opt_has_value(o))
		buf_add(out, " %s", o->value ? o->value : "value");
}

static void show_option_help(const struct opt *o, struct buf *out)
{
	buf_add(out, "%s", o->help);
	if (o->words)
		buf_add(out, "; one of: %s", o->words);
	if (o->preset)
		buf_add(out, " (default: %s)", o->preset);
	if (o->kind == OPT_TEXTS)
		buf_add(out, " (may be given again)");
	if (o->ignored)
		buf_add(out, " (does nothing here: %s)", o->ignored);
}

/* Appends @text in lines that end before LINE_MAX; all but the first begin @indent blanks in. */
static void wrapped(struct str text, size_t indent, struct buf *out)
{
	size_t at = indent;
	while (text.n) {
		struct str word = str_cut(&text, ' ');
		if (at > indent && at + 1 + word.n > LINE_MAX) {
			buf_add(out, "\n%*s", (int)indent, "");
			at = indent;
		}
		buf_add(out, "%s" STR_FMT, at > indent ? " " : "", STR_ARG(word));
		at += word.n + (at > indent);
	}
	buf_add(out, "\n");
}

/* A row of two columns; a long first one gets a line of its own. */
static void show_row(const char *left, size_t width, const char *right, struct buf *out)
{
	if (strlen(left) > width)
		buf_add(out, "  %s\n  %*s  ", left, (int)width, "");
	else
		buf_add(out, "  %-*s  ", (int)width, left);
	wrapped(str_of(right), width + 4, out);
}

static size_t wider(size_t width, size_t n)
{
	return n > width && n <= COLUMN_MAX ? n : width;
}

static const char *help_row(const struct cmd *c)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (c->opts[i].letter == 'h')
			return "    --help";
	return "-h, --help";
}

static void show_options(const struct cmd *c, struct buf *out)
{
	size_t width = strlen(help_row(c));
	for (size_t i = 0; i < c->n_opts; i++) {
		cleanup(buf_done) struct buf left = {};
		show_option(&c->opts[i], &left);
		width = c->opts[i].help ? wider(width, left.n) : width;
	}
	buf_add(out, "\nOptions:\n");
	for (size_t i = 0; i < c->n_opts; i++) {
		cleanup(buf_done) struct buf left = {}, right = {};
		if (!c->opts[i].help)
			continue;
		show_option(&c->opts[i], &left);
		show_option_help(&c->opts[i], &right);
		show_row(buf_text(&left), width, buf_text(&right), out);
	}
	show_row(help_row(c), width, "print this", out);
}

static void show_commands(const struct cmd *program, const struct cmd *c, struct buf *out)
{
	size_t width = 0, n_builtin = c == program ? ARRAY_LEN(cmd_builtin) : 0;
	for (size_t i = 0; i < c->n_subs; i++)
		width = wider(width, c->subs[i]->hidden ? 0 : strlen(c->subs[i]->name));
	for (size_t i = 0; i < n_builtin; i++)
		width = wider(width, strlen(cmd_builtin[i]->name));

	buf_add(out, "\nCommands:\n");
	for (size_t i = 0; i < c->n_subs; i++)
		if (!c->subs[i]->hidden)
			show_row(c->subs[i]->name, width, c->subs[i]->summary, out);
	for (size_t i = 0; i < n_builtin; i++)
		show_row(cmd_builtin[i]->name, width, cmd_builtin[i]->summary, out);
}

void cmd_usage(const struct cmd *c, const char *path, struct buf *out)
{
	buf_add(out, "%s%s", path, c->n_opts ? " [options]" : "");
	if (c->n_subs)
		buf_add(out, " command ...");
	else if (c->operands)
		buf_add(out, " %s", c->operands);
}

void cmd_help(const struct cmd *program, const struct cmd *c, const char *path, struct buf *out)
{
	buf_add(out, "Usage: ");
	cmd_usage(c, path, out);
	buf_add(out, "\n\n%s.\n", c->summary);
	if (c->about)
		buf_add(out, "\n%s\n", c->about);
	if (c->n_subs)
		show_commands(program, c, out);
	show_options(c, out);
	if (c->n_subs)
		buf_add(out, "\n%s command --help tells more about a command.\n", path);
}

struct help_args {
	bool man;
	int64_t section;
};

static const struct opt help_options[] = {
	{ "man", 0, OPT_FLAG, offsetof(struct help_args, man), NULL,
		"print the manual page, for man -l" },
	{ "section", 0, OPT_INT, offsetof(struct help_args, section), "number",
		"the manual section of the page", .preset = "8" },
};

static struct err *run_help(struct cmd_call *call)
{
	const struct help_args *args = call->args;
	cleanup(buf_done) struct buf out = {};
	const struct cmd *c = call->program;
	const char *path = c->name;
	for (char *const *name = call->operands; *name; name++) {
		const struct cmd *sub = cmd_find(c, call->program, *name);
		if (!sub)
			return err_new(ERR_USAGE, "%s has no command \"%s\"", path, *name);
		path = arena_fmt(call->arena, "%s %s", path, sub->name);
		c = sub;
	}
	if (args->man)
		cmd_man(call->program, (int)args->section, &out);
	else
		cmd_help(call->program, c, path, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static const struct cmd cmd_help_command = {
	.name = "help",
	.operands = "[command...]",
	.summary = "Tell what a command does",
	OPTS(struct help_args, help_options),
	.max = CMD_ANY,
	.run = run_help,
};

static struct err *run_completion(struct cmd_call *call)
{
	cleanup(buf_done) struct buf out = {};
	struct err *e = cmd_completion(call->program, call->operands[0], &out);
	return e ? e : fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static const struct cmd cmd_completion_command = {
	.name = "completion",
	.operands = "bash|zsh|fish",
	.summary = "Print a completion script for a shell",
	.about = "For bash: source <(PROGRAM completion bash). For zsh: write it to a file called\n"
		 "_PROGRAM in a directory of $fpath. For fish: PROGRAM completion fish | source.",
	.min = 1,
	.max = 1,
	.run = run_completion,
};

const struct cmd *const cmd_builtin[2] = { &cmd_help_command, &cmd_completion_command };
