#include "base/cmd.h"

/* What a shell's script is made of: called for the program and every command, groups first. */
typedef void visit(
	const struct cmd *program, const struct cmd *c, const char *path, struct buf *out);

/* Visits @c, called @path (without the program's name), and all below it. */
static void walk(const struct cmd *program, const struct cmd *c, const char *path, visit *each,
	struct buf *out)
{
	each(program, c, path, out);
	for (size_t i = 0; i < c->n_subs; i++) {
		cleanup(buf_done) struct buf sub = {};
		if (c->subs[i]->hidden)
			continue;
		buf_add(&sub, "%s%s%s", path, *path ? " " : "", c->subs[i]->name);
		walk(program, c->subs[i], buf_text(&sub), each, out);
	}
	for (size_t i = 0; c == program && i < ARRAY_LEN(cmd_builtin); i++)
		each(program, cmd_builtin[i], cmd_builtin[i]->name, out);
}

/* Letters, digits and '_' alone: a name that every shell takes for a function. */
static void identifier(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_add(out, "%c", *text == '-' || *text == ' ' ? '_' : *text);
}

/* The names of the commands below @c, between spaces. */
static void names_below(const struct cmd *program, const struct cmd *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_subs; i++)
		if (!c->subs[i]->hidden)
			buf_add(out, "%s ", c->subs[i]->name);
	for (size_t i = 0; c == program && i < ARRAY_LEN(cmd_builtin); i++)
		buf_add(out, "%s ", cmd_builtin[i]->name);
}

/* "create --bundle|create -b": how the case statements below name an option. */
static void bash_option(const struct opt *o, const char *path, struct buf *out)
{
	buf_add(out, "\"%s --%s\"", path, o->name);
	if (o->letter)
		buf_add(out, "|\"%s -%c\"", path, o->letter);
}

static void bash_skip(const struct cmd *, const struct cmd *c, const char *path, struct buf *out)
{
	for (size_t i = 0; i < c->n_opts; i++) {
		if (!opt_has_value(&c->opts[i]))
			continue;
		buf_add(out, "\t\t");
		bash_option(&c->opts[i], path, out);
		buf_add(out, ") i=$((i + 1)) ;;\n");
	}
}

static void bash_descend(
	const struct cmd *program, const struct cmd *c, const char *path, struct buf *out)
{
	cleanup(buf_done) struct buf names = {};
	names_below(program, c, &names);
	struct str rest = str_of(buf_text(&names));
	while (rest.n) {
		struct str name = str_cut(&rest, ' ');
		buf_add(out, "\t\t\"%s " STR_FMT "\") path=\"%s%s" STR_FMT "\" ;;\n", path,
			STR_ARG(name), path, *path ? " " : "", STR_ARG(name));
	}
}

static void bash_values(const struct cmd *, const struct cmd *c, const char *path, struct buf *out)
{
	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt *o = &c->opts[i];
		if (!opt_has_value(o))
			continue;
		buf_add(out, "\t");
		bash_option(o, path, out);
		if (o->words)
			buf_add(out, ") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n",
				o->words);
		else
			buf_add(out, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
	}
}

static void bash_words(
	const struct cmd *program, const struct cmd *c, const char *path, struct buf *out)
{
	buf_add(out, "\t\"%s\")\n\t\toptions=\"--help", path);
	for (size_t i = 0; i < c->n_opts; i++)
		if (c->opts[i].help)
			buf_add(out, " --%s", c->opts[i].name);
	buf_add(out, "\"\n\t\twords=\"");
	names_below(program, c, out);
	if (c->complete)
		buf_add(out, "$(%s %s 2>/dev/null)", program->name, c->complete);
	buf_add(out, "\" ;;\n");
}

/* The path of commands is found by reading the words up to the cursor as the program would. */
static void bash(const struct cmd *p, struct buf *out)
{
	cleanup(buf_done) struct buf fn = {};
	identifier(p->name, &fn);
	buf_add(out,
		"# bash completion for %s; load it with: source <(%s completion bash)\n"
		"_%s()\n{\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} path= options= words= i\n"
		"\tCOMPREPLY=()\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase \"$path ${COMP_WORDS[i]}\" in\n",
		p->name, p->name, buf_text(&fn));
	walk(p, p, "", bash_skip, out);
	walk(p, p, "", bash_descend, out);
	buf_add(out, "\t\tesac\n\tdone\n\tcase \"$path ${COMP_WORDS[COMP_CWORD - 1]}\" in\n");
	walk(p, p, "", bash_values, out);
	buf_add(out, "\tesac\n\tcase \"$path\" in\n");
	walk(p, p, "", bash_words, out);
	buf_add(out,
		"\tesac\n"
		"\tcase \"$cur\" in\n"
		"\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
		"\t*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
		"\tesac\n}\n"
		"complete -o default -F _%s %s\n",
		buf_text(&fn), p->name);
}

/* Text between single quotes for _arguments, where brackets and colons have a meaning. */
static void zsh_text(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_add(out, "'\\'");
		else if (strchr("[]:\\", *text))
			buf_add(out, "\\");
		buf_add(out, "%c", *text);
	}
}

static void zsh_spelling(const struct opt *o, const char *dashes, const char *name, struct buf *out)
{
	buf_add(out, "\t\t'%s%s%s%s[", o->kind == OPT_TEXTS ? "*" : "", dashes, name,
		!opt_has_value(o) ? ""
		: dashes[1]       ? "="
				  : "+");
	zsh_text(o->help, out);
	buf_add(out, "]");
	if (opt_has_value(o)) {
		buf_add(out, ":");
		zsh_text(o->value ? o->value : "value", out);
		if (o->words)
			buf_add(out, ":(%s)", o->words);
		else
			buf_add(out, ":_files");
	}
	buf_add(out, "' \\\n");
}

static void zsh_options(const struct cmd *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt *o = &c->opts[i];
		char letter[] = { o->letter, 0 };
		if (!o->help)
			continue;
		zsh_spelling(o, "--", o->name, out);
		if (o->letter)
			zsh_spelling(o, "-", letter, out);
	}
	buf_add(out, "\t\t'--help[print help]' \\\n");
}

static void zsh_leaf(const struct cmd *program, const struct cmd *c, struct buf *out)
{
	if (c->complete)
		buf_add(out, "\t\t'*:%s:{compadd - $(%s %s 2>/dev/null)}'\n",
			c->operands ? c->operands : "", program->name, c->complete);
	else
		buf_add(out, "\t\t'*:%s:_files'\n", c->operands ? c->operands : "");
}

static void zsh_row(const struct cmd *c, struct buf *out)
{
	buf_add(out, "\t\t'");
	zsh_text(c->name, out);
	buf_add(out, ":");
	zsh_text(c->summary, out);
	buf_add(out, "'\n");
}

static void zsh_group(const struct cmd *program, const struct cmd *c, const char *path,
	const char *fn, struct buf *out)
{
	buf_add(out, "\t\t'1: :->command' '*:: :->rest'\n"
		     "\tlocal -a commands=(\n");
	for (size_t i = 0; i < c->n_subs; i++)
		if (!c->subs[i]->hidden)
			zsh_row(c->subs[i], out);
	for (size_t i = 0; c == program && i < ARRAY_LEN(cmd_builtin); i++)
		zsh_row(cmd_builtin[i], out);
	buf_add(out,
		"\t)\n"
		"\tcase $state in\n"
		"\tcommand) _describe command commands ;;\n"
		"\trest) _call_function ret %s",
		fn);
	buf_add(out, "_%s%s${words[1]//-/_} ;;\n\tesac\n", *path ? path : "", *path ? "_" : "");
}

static void zsh_function(
	const struct cmd *program, const struct cmd *c, const char *path, struct buf *out)
{
	cleanup(buf_done) struct buf fn = {}, ident = {};
	buf_add(&fn, "_");
	identifier(program->name, &fn);
	identifier(path, &ident);
	buf_add(out,
		"%s%s%s()\n{\n\tlocal curcontext=\"$curcontext\" state line ret=1\n"
		"\t_arguments -C -s%s \\\n",
		buf_text(&fn), *path ? "_" : "", buf_text(&ident),
		c->options_first ? " -A '-*'" : "");
	zsh_options(c, out);
	if (c->n_subs)
		zsh_group(program, c, buf_text(&ident), buf_text(&fn), out);
	else
		zsh_leaf(program, c, out);
	buf_add(out, "}\n");
}

static void zsh(const struct cmd *p, struct buf *out)
{
	cleanup(buf_done) struct buf fn = {};
	identifier(p->name, &fn);
	buf_add(out, "#compdef %s\n", p->name);
	walk(p, p, "", zsh_function, out);
	buf_add(out,
		"if [ \"$funcstack[1]\" = \"_%s\" ]; then\n\t_%s \"$@\"\n"
		"else\n\tcompdef _%s %s\nfi\n",
		buf_text(&fn), buf_text(&fn), buf_text(&fn), p->name);
}

/* Text between single quotes. */
static void fish_text(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_add(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
}

/* "complete -c PROGRAM -n CONDITION", the condition being that the words of @path were typed. */
static void fish_start(const struct cmd *program, const char *path, struct buf *out)
{
	buf_add(out, "complete -c %s -n '", program->name);
	if (!*path)
		buf_add(out, "__fish_use_subcommand");
	struct str rest = str_of(path);
	for (const char *and = ""; rest.n; and = "; and ") {
		struct str word = str_cut(&rest, ' ');
		buf_add(out, "%s__fish_seen_subcommand_from " STR_FMT, and, STR_ARG(word));
	}
	buf_add(out, "'");
}

static void fish_option(const struct opt *o, struct buf *out)
{
	buf_add(out, " -l %s", o->name);
	if (o->letter)
		buf_add(out, " -s %c", o->letter);
	if (o->words)
		buf_add(out, " -x -a '%s'", o->words);
	else if (opt_has_value(o))
		buf_add(out, " -r");
	buf_add(out, " -d '");
	fish_text(o->help, out);
	buf_add(out, "'\n");
}

static void fish_command(
	const struct cmd *program, const char *path, const struct cmd *sub, struct buf *out)
{
	fish_start(program, path, out);
	buf_add(out, " -f -a %s -d '", sub->name);
	fish_text(sub->summary, out);
	buf_add(out, "'\n");
}

static void fish_visit(
	const struct cmd *program, const struct cmd *c, const char *path, struct buf *out)
{
	for (size_t i = 0; i < c->n_subs; i++)
		if (!c->subs[i]->hidden)
			fish_command(program, path, c->subs[i], out);
	for (size_t i = 0; c == program && i < ARRAY_LEN(cmd_builtin); i++)
		fish_command(program, path, cmd_builtin[i], out);
	for (size_t i = 0; i < c->n_opts; i++) {
		if (!c->opts[i].help)
			continue;
		fish_start(program, path, out);
		fish_option(&c->opts[i], out);
	}
	if (!c->complete)
		return;
	fish_start(program, path, out);
	buf_add(out, " -f -a '(%s %s 2>/dev/null)'\n", program->name, c->complete);
}

static void fish(const struct cmd *p, struct buf *out)
{
	walk(p, p, "", fish_visit, out);
}

static const struct shell {
	const char *name;
	void (*script)(const struct cmd *program, struct buf *out);
} shells[] = {
	{ "bash", bash },
	{ "zsh", zsh },
	{ "fish", fish },
};

struct err *cmd_completion(const struct cmd *program, const char *shell, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].script(program, out);
		return NULL;
	}
	return err_hint(err_new(ERR_USAGE, "there is no completion for '%s'", shell),
		"the shells are bash, zsh and fish");
}
