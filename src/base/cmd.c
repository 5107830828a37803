#include "base/cmd.h"
#include "base/fd.h"
#include "base/near.h"
#include "base/num.h"

static struct err *set_flag(void *at, const char *value, struct arena *)
{
	return value ? num_truth(str_of(value), at) : (*(bool *)at = true, NULL);
}

static struct err *set_text(void *at, const char *value, struct arena *)
{
	*(const char **)at = value;
	return NULL;
}

static struct err *set_texts(void *at, const char *value, struct arena *a)
{
	text_list_add(at, a, value);
	return NULL;
}

static struct err *set_int(void *at, const char *value, struct arena *)
{
	return num_parse(str_of(value), at);
}

static struct err *set_size(void *at, const char *value, struct arena *)
{
	return num_size(str_of(value), at);
}

static struct err *set_duration(void *at, const char *value, struct arena *)
{
	return num_duration(str_of(value), at);
}

static struct err *set_maybe_flag(void *at, const char *value, struct arena *a)
{
	struct opt_bool *m = at;
	m->set = true;
	return set_flag(&m->value, value, a);
}

static struct err *set_maybe_int(void *at, const char *value, struct arena *)
{
	struct opt_int *m = at;
	m->set = true;
	return num_parse(str_of(value), &m->value);
}

static struct err *set_maybe_size(void *at, const char *value, struct arena *)
{
	struct opt_int *m = at;
	m->set = true;
	return num_size(str_of(value), &m->value);
}

static const struct opt_class {
	bool has_value; /* else it may have one, behind '=' */
	struct err *(*set)(void *at, const char *value, struct arena *a);
} classes[] = {
	[OPT_FLAG] = { false, set_flag },
	[OPT_TEXT] = { true, set_text },
	[OPT_TEXTS] = { true, set_texts },
	[OPT_INT] = { true, set_int },
	[OPT_SIZE] = { true, set_size },
	[OPT_DURATION] = { true, set_duration },
	[OPT_MAYBE_FLAG] = { false, set_maybe_flag },
	[OPT_MAYBE_INT] = { true, set_maybe_int },
	[OPT_MAYBE_SIZE] = { true, set_maybe_size },
};
_Static_assert(ARRAY_LEN(classes) == OPT_KINDS, "every kind of option can be set");

bool opt_has_value(const struct opt *o)
{
	return classes[o->kind].has_value;
}

static const struct opt help_option = { "help", 'h', OPT_FLAG, 0, NULL, "print this" };

/* What reading one command's arguments needs. */
struct reader {
	struct cmd_call *call;
	const struct cmd *cmd;
	void *args;
	char *const *next; /* the first argument that was not read yet */
	const char *spelt; /* the option being read, as the user wrote it */
	char **operands;
	int n_operands;
	bool help;
};

static const struct opt *find_long(const struct cmd *c, struct str name)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (str_eq(str_of(c->opts[i].name), name))
			return &c->opts[i];
	return str_eq(name, STR("help")) ? &help_option : NULL;
}

static const struct opt *find_letter(const struct cmd *c, char letter)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (c->opts[i].letter == letter)
			return &c->opts[i];
	return letter == 'h' ? &help_option : NULL;
}

static struct err *unknown_option(const struct reader *r)
{
	struct err *e = err_new(ERR_USAGE, "unknown option %s", r->spelt);
	struct arena *a = r->call->arena;
	struct str rest = str_of(r->spelt + (r->spelt[1] == '-' ? 2 : 1));
	struct str name = str_cut(&rest, '=');
	const struct cmd *program = r->call->program;
	if (program && program != r->cmd && find_long(program, name))
		return err_hint(e,
			arena_fmt(a, "options of all commands come first: %s --" STR_FMT " ... %s",
				program->name, STR_ARG(name), r->cmd->name));
	struct near n = {};
	for (size_t i = 0; i < r->cmd->n_opts; i++)
		if (r->cmd->opts[i].help)
			near_offer(&n, name, r->cmd->opts[i].name);
	if (n.best)
		return err_hint(e, arena_fmt(a, "did you mean --%s?", n.best));
	const char *path = r->call->path ? r->call->path : r->cmd->name;
	return err_hint(e, arena_fmt(a, "see %s --help", path));
}

static struct err *check_words(const struct opt *o, const char *value, struct arena *a)
{
	struct str words = o->words ? str_of(o->words) : STR("");
	struct near n = {};
	while (words.n) {
		struct str word = str_cut(&words, ' ');
		if (str_eq(word, str_of(value)))
			return NULL;
		near_offer(&n, str_of(value), arena_str(a, word));
	}
	if (!o->words)
		return NULL;
	struct err *e = err_new(ERR_USAGE, "'%s' is not one of: %s", value, o->words);
	return n.best ? err_hint(e, arena_fmt(a, "did you mean %s?", n.best)) : e;
}

/* @value is NULL for a flag without one. */
static struct err *store(struct reader *r, const struct opt *o, const char *value)
{
	if (o == &help_option) {
		r->help = true;
		return NULL;
	}
	struct arena *a = r->call->arena;
	struct err *e = value ? check_words(o, value, a) : NULL;
	if (!e)
		e = classes[o->kind].set((char *)r->args + o->at, value, a);
	if (e)
		return err_wrap(e, "%s", r->spelt);
	if (!o->ignored)
		return NULL;
	const char *note = arena_fmt(a, "--%s does nothing here: %s", o->name, o->ignored);
	text_list_add(&r->call->ignored, a, note);
	return NULL;
}

/* Stores @o with @attached, or with the next argument if that is NULL and @o wants a value. */
static struct err *take_option(struct reader *r, const struct opt *o, const char *attached)
{
	if (!attached && opt_has_value(o) && !(attached = *r->next++)) {
		r->next--;
		return err_new(ERR_USAGE, "%s needs a value", r->spelt);
	}
	return store(r, o, attached);
}

static struct err *read_long(struct reader *r, const char *text)
{
	struct str rest = str_of(text), name = str_cut(&rest, '=');
	const struct opt *o = find_long(r->cmd, name);
	if (!o)
		return unknown_option(r);
	return take_option(r, o, text[name.n] == '=' ? rest.p : NULL);
}

/* "it", "e=VALUE", "eVALUE", "itu0": flags, and at most one option with a value at the end. */
static struct err *read_letters(struct reader *r, const char *letters)
{
	for (const char *at = letters; *at; at++) {
		const struct opt *o = find_letter(r->cmd, *at);
		if (!o)
			return unknown_option(r);
		if (at[1] == '=')
			return take_option(r, o, at + 2);
		if (opt_has_value(o))
			return take_option(r, o, at[1] ? at + 1 : NULL);
		struct err *e = store(r, o, NULL);
		if (e)
			return e;
	}
	return NULL;
}

static struct err *read_short(struct reader *r, const char *text)
{
	struct str rest = str_of(text), name = str_cut(&rest, '=');
	const struct cmd *program = r->call->program;
	if (program && program->go_options && name.n > 1 && find_long(r->cmd, name))
		return read_long(r, text);
	return read_letters(r, text);
}

static struct err *read_all(struct reader *r)
{
	bool only_operands = false;
	while (*r->next) {
		const char *arg = *r->next;
		bool dashed = !only_operands && arg[0] == '-' && arg[1];
		if (!dashed) {
			r->operands[r->n_operands++] = *r->next++;
			only_operands |= r->cmd->options_first || r->cmd->n_subs;
			continue;
		}
		r->next++;
		r->spelt = arg;
		struct err *e = NULL;
		if (strcmp(arg, "--") == 0)
			only_operands = true;
		else
			e = arg[1] == '-' ? read_long(r, arg + 2) : read_short(r, arg + 1);
		if (e)
			return e;
	}
	return NULL;
}

static struct err *preset(const struct cmd *c, void *args, struct arena *a)
{
	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt *o = &c->opts[i];
		struct err *e =
			o->preset ? classes[o->kind].set((char *)args + o->at, o->preset, a) : NULL;
		if (e)
			return err_wrap(e, "preset of --%s", o->name);
	}
	return NULL;
}

static struct err *read_into(struct reader *r, char *const *argv)
{
	size_t n = 0;
	while (argv[n])
		n++;
	r->operands = anew(r->call->arena, char *, n + 1);
	r->next = argv;
	struct err *e = preset(r->cmd, r->args, r->call->arena);
	return e ? e : read_all(r);
}

static struct err *check_count(const struct cmd_call *call)
{
	const struct cmd *c = call->cmd;
	int n = call->n_operands;
	if (n >= c->min && (c->max == CMD_ANY || n <= c->max))
		return NULL;
	const char *how = c->min == c->max ? "exactly" : n < c->min ? "at least" : "at most";
	int limit = n < c->min ? c->min : c->max;
	struct err *e = !c->max ? err_new(ERR_USAGE, "\"%s\" takes no arguments", c->name)
	                        : err_new(ERR_USAGE, "\"%s\" requires %s %d argument%s", c->name,
					  how, limit, limit == 1 ? "" : "s");
	cleanup(buf_done) struct buf usage = {};
	cmd_usage(c, call->path, &usage);
	return err_hint(e, arena_fmt(call->arena, "usage: %s", buf_text(&usage)));
}

static struct err *print(const struct buf *text)
{
	return fd_write_all(STDOUT_FILENO, text->p, text->n);
}

static struct err *print_help(struct cmd_call *call)
{
	cleanup(buf_done) struct buf out = {};
	cmd_help(call->program, call->cmd, call->path, &out);
	call->done = true;
	return print(&out);
}

struct err *cmd_parse(struct cmd_call *call, const struct cmd *c, char *const *argv, void *args)
{
	struct reader r = { .call = call, .cmd = c, .args = args };
	call->cmd = c;
	call->args = args;
	struct err *e = read_into(&r, argv);
	call->operands = r.operands;
	call->n_operands = r.n_operands;
	if (e || !r.help)
		return e;
	return print_help(call);
}

static const struct cmd *find_sub(const struct cmd *c, const char *name)
{
	for (size_t i = 0; i < c->n_subs; i++)
		if (strcmp(c->subs[i]->name, name) == 0)
			return c->subs[i];
	return NULL;
}

const struct cmd *cmd_find(const struct cmd *c, const struct cmd *program, const char *name)
{
	const struct cmd *found = find_sub(c, name);
	for (size_t i = 0; !found && c == program && i < ARRAY_LEN(cmd_builtin); i++)
		if (strcmp(cmd_builtin[i]->name, name) == 0)
			found = cmd_builtin[i];
	return found;
}

static struct err *unknown_command(const struct cmd_call *call, const char *name)
{
	struct err *e = err_new(ERR_USAGE, "unknown command \"%s\"", name);
	struct near n = {};
	for (size_t i = 0; i < call->cmd->n_subs; i++)
		if (!call->cmd->subs[i]->hidden)
			near_offer(&n, str_of(name), call->cmd->subs[i]->name);
	if (n.best)
		return err_hint(
			e, arena_fmt(call->arena, "did you mean \"%s %s\"?", call->path, n.best));
	return err_hint(e, arena_fmt(call->arena, "see %s --help", call->path));
}

/* Reads the options of call->cmd and, where that is a group, goes on with the command below it. */
static struct err *descend(struct cmd_call *call, char *const *argv)
{
	for (;;) {
		const struct cmd *c = call->cmd;
		void *args = arena_alloc(call->arena, c->args_size, 1);
		struct err *e = cmd_parse(call, c, argv, args);
		if (c == call->program)
			call->global = args;
		if (e || call->done || !c->n_subs || !call->n_operands)
			return e;
		argv = call->operands + 1;
		const struct cmd *sub = cmd_find(c, call->program, call->operands[0]);
		if (!sub)
			return unknown_command(call, call->operands[0]);
		call->path = arena_fmt(call->arena, "%s %s", call->path, sub->name);
		call->cmd = sub;
	}
}

struct err *cmd_main(struct cmd_call *call, char *const *argv)
{
	call->cmd = call->program;
	call->path = call->program->name;
	struct err *e = descend(call, argv + 1);
	if (e || call->done)
		return e;
	if (call->program->before)
		e = call->program->before(call);
	if (e || call->done)
		return e;
	if (!call->cmd->run)
		return print_help(call);
	e = check_count(call);
	call->ran = !e;
	return e ? e : call->cmd->run(call);
}
