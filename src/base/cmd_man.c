#include "base/cmd.h"
#include <ctype.h>

/* Text as roff takes it: no dash becomes a hyphen, no line starts a request. */
static void roff(const char *text, struct buf *out)
{
	bool line_start = true;
	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			buf_add(out, "\\&");
		line_start = *text == '\n';
		if (*text == '-')
			buf_add(out, "\\-");
		else if (*text == '\\')
			buf_add(out, "\\e");
		else if (*text == '\n' && text[1] == '\n')
			buf_add(out, "\n.PP");
		else
			buf_add(out, "%c", *text);
	}
}

static void roff_upper(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_add(out, *text == '-' ? "\\-" : "%c", toupper((unsigned char)*text));
}

static void show_option(const struct opt *o, struct buf *out)
{
	if (!o->help)
		return;
	buf_add(out, ".TP\n\\fB");
	if (o->letter)
		buf_add(out, "\\-%c\\fR, \\fB", o->letter);
	buf_add(out, "\\-\\-");
	roff(o->name, out);
	buf_add(out, "\\fR");
	if (opt_has_value(o)) {
		buf_add(out, " \\fI");
		roff(o->value ? o->value : "value", out);
		buf_add(out, "\\fR");
	}
	buf_add(out, "\n");
	roff(o->help, out);
	buf_add(out, ".\n");
	if (o->words) {
		buf_add(out, "One of: ");
		roff(o->words, out);
		buf_add(out, ".\n");
	}
	if (o->preset) {
		buf_add(out, "Default: \\fB");
		roff(o->preset, out);
		buf_add(out, "\\fR.\n");
	}
	if (o->kind == OPT_TEXTS)
		buf_add(out, "May be given again.\n");
	if (o->ignored) {
		buf_add(out, "Does nothing here: ");
		roff(o->ignored, out);
		buf_add(out, ".\n");
	}
}

static void show_command(const struct cmd *c, const char *path, struct buf *out)
{
	cleanup(buf_done) struct buf usage = {};
	cmd_usage(c, path, &usage);
	buf_add(out, ".SS ");
	roff(buf_text(&usage), out);
	buf_add(out, "\n");
	roff(c->summary, out);
	buf_add(out, ".\n");
	if (c->about) {
		buf_add(out, ".PP\n");
		roff(c->about, out);
		buf_add(out, "\n");
	}
	for (size_t i = 0; i < c->n_opts; i++)
		show_option(&c->opts[i], out);
}

/* The commands below @c, each with its full name. Groups nest as deep as the tables do. */
static void show_commands(const struct cmd *c, const char *path, struct buf *out)
{
	for (size_t i = 0; i < c->n_subs; i++) {
		cleanup(buf_done) struct buf sub = {};
		if (c->subs[i]->hidden)
			continue;
		buf_add(&sub, "%s%s%s", path, *path ? " " : "", c->subs[i]->name);
		show_command(c->subs[i], buf_text(&sub), out);
		show_commands(c->subs[i], buf_text(&sub), out);
	}
}

void cmd_man(const struct cmd *program, int section, struct buf *out)
{
	buf_add(out, ".TH ");
	roff_upper(program->name, out);
	buf_add(out, " %d\n.SH NAME\n", section);
	roff(program->name, out);
	buf_add(out, " \\- ");
	roff(program->summary, out);
	buf_add(out, "\n.SH SYNOPSIS\n.B ");
	roff(program->name, out);
	buf_add(out, "\n[options] command ...\n");
	if (program->about) {
		buf_add(out, ".SH DESCRIPTION\n");
		roff(program->about, out);
		buf_add(out, "\n");
	}
	buf_add(out, ".SH OPTIONS\nThese come before the command.\n");
	for (size_t i = 0; i < program->n_opts; i++)
		show_option(&program->opts[i], out);
	buf_add(out, ".SH COMMANDS\n");
	show_commands(program, "", out);
	for (size_t i = 0; i < ARRAY_LEN(cmd_builtin); i++)
		show_command(cmd_builtin[i], cmd_builtin[i]->name, out);
}
