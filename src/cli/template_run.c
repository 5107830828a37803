#include "cli/template.h"
#include "cli/template_tree.h"

struct variable {
	const char *name; /* with its '$' */
	const struct json *value;
	struct variable *outer;
};

struct runner {
	const struct template_run *how;
	struct arena *arena;
	struct buf *out;
	struct variable *variables; /* the innermost first */
};

static struct err *eval_pipe(struct runner *r, const struct tpl_pipe *p, const struct json *dot,
	const struct json **out);

static struct err *at(const struct tpl_operand *o, struct err *e)
{
	return err_wrap(e, "template: :%zu:%zu: executing \"\" at <" STR_FMT ">", o->line,
		o->column, STR_ARG(o->source));
}

static struct variable *find_variable(const struct runner *r, const char *name)
{
	struct variable *v = r->variables;
	while (v && strcmp(v->name, name) != 0)
		v = v->outer;
	return v;
}

static void declare(struct runner *r, const char *name, const struct json *value)
{
	struct variable *v = anew(r->arena, struct variable, 1);
	*v = (struct variable){ name, value, r->variables };
	r->variables = v;
}

static struct err *take_field(
	struct runner *r, const struct json *from, const char *name, const struct json **out)
{
	if (from->type == JSON_NULL)
		return err_new(ERR_USAGE, "nil data; no entry for key \"%s\"", name);
	if (from->type != JSON_OBJECT)
		return err_new(ERR_USAGE, "can't evaluate field %s in %s", name,
			json_type_name(from->type));
	*out = json_get(from, name);
	if (!*out)
		*out = json_get(from, arena_fmt(r->arena, "@%s", name));
	return *out ? NULL : err_new(ERR_USAGE, "map has no entry for key \"%s\"", name);
}

static struct err *eval_start(struct runner *r, const struct tpl_operand *o, const struct json *dot,
	const struct json **out)
{
	const struct variable *v;
	switch (o->kind) {
	case TPL_DOT:
		*out = dot;
		return NULL;
	case TPL_LITERAL:
		*out = o->literal;
		return NULL;
	case TPL_GROUP:
		return eval_pipe(r, o->group, dot, out);
	case TPL_VARIABLE:
		v = find_variable(r, o->name);
		*out = v ? v->value : NULL;
		return v ? NULL : err_new(ERR_USAGE, "undefined variable \"%s\"", o->name);
	case TPL_FUNCTION:
		break;
	}
	/* a function where a value is expected: one without operands */
	if (o->function->min > 0)
		return err_new(ERR_USAGE, "wrong number of args for %s: want at least %d got 0",
			o->function->name, o->function->min);
	return o->function->call(NULL, 0, r->arena, out);
}

static struct err *eval_operand(struct runner *r, const struct tpl_operand *o,
	const struct json *dot, const struct json **out)
{
	const struct json *v;
	struct err *e = eval_start(r, o, dot, &v);
	for (size_t i = 0; i < o->fields.n && !e; i++)
		e = take_field(r, v, o->fields.items[i], &v);
	if (e && o->kind != TPL_GROUP)
		return at(o, e);
	*out = v;
	return e;
}

static struct err *check_count(const struct tpl_operand *o, size_t n)
{
	const struct tpl_function *f = o->function;
	if (n >= (size_t)f->min && (f->max < 0 || n <= (size_t)f->max))
		return NULL;
	return at(o, err_new(ERR_USAGE, "wrong number of args for %s: want %s%d got %zu", f->name,
			     f->min == f->max ? "" : "at least ", f->min, n));
}

static struct err *call_function(struct runner *r, const struct tpl_operand *o,
	const struct json *dot, const struct json *last, const struct json **out)
{
	size_t n = 0, room = 1;
	for (const struct tpl_operand *i = o->next; i; i = i->next)
		room++;
	struct err *e = check_count(o, room - 1 + (last != NULL));
	const struct json **values = anew(r->arena, const struct json *, room);
	const struct tpl_function *f = o->function;
	bool stopped = false;
	for (const struct tpl_operand *i = o->next; i && !e && !stopped; i = i->next) {
		e = eval_operand(r, i, dot, &values[n]);
		stopped = !e && f->stops && tpl_truth(values[n]) == f->stops_at;
		n += !e;
	}
	if (last && !stopped)
		values[n++] = last;
	if (e)
		return e;
	if (r->how->headers && n) {
		*out = values[0];
		return NULL;
	}
	e = f->call(values, n, r->arena, out);
	return e ? at(o, err_wrap(e, "error calling %s", f->name)) : NULL;
}

/* The header of a label: "my label" for "org.my-label". */
static const struct json *label_header(struct runner *r, struct str name)
{
	struct str last = name;
	while (memchr(last.p, '.', last.n))
		str_cut(&last, '.');
	char *text = arena_str(r->arena, last);
	for (char *c = text; *c; c++)
		*c = *c == '-' || *c == '_' ? ' ' : *c;
	return tpl_text(r->arena, str_of(text));
}

/* .Label "a.b": looks up in the object that .Label is. */
static struct err *call_field(struct runner *r, const struct tpl_operand *o, const struct json *dot,
	const struct json *last, const struct json **out)
{
	const struct json *key = last, *from;
	struct err *e = o->next ? eval_operand(r, o->next, dot, &key) : NULL;
	if (!e && ((o->next && last) || (o->next && o->next->next) || key->type != JSON_TEXT))
		e = at(o, err_new(ERR_USAGE, "it wants one text"));
	if (!e)
		e = eval_operand(r, o, dot, &from);
	if (e)
		return e;
	if (r->how->headers) {
		*out = label_header(r, key->text);
		return NULL;
	}
	if (from->type != JSON_OBJECT)
		return at(o, err_new(ERR_USAGE, "it takes no arguments"));
	*out = json_get(from, key->text.p);
	*out = *out ? *out : tpl_text(r->arena, STR(""));
	return NULL;
}

static struct err *eval_command(struct runner *r, const struct tpl_command *c,
	const struct json *dot, const struct json *last, const struct json **out)
{
	if (c->first->kind == TPL_FUNCTION)
		return call_function(r, c->first, dot, last, out);
	if (c->first->next || last)
		return call_field(r, c->first, dot, last, out);
	return eval_operand(r, c->first, dot, out);
}

/* The value of a pipeline; its variables are the caller's. */
static struct err *eval_commands(
	struct runner *r, const struct tpl_pipe *p, const struct json *dot, const struct json **out)
{
	const struct json *value = NULL;
	struct err *e = NULL;
	for (const struct tpl_command *c = p->first; c && !e; c = c->next)
		e = eval_command(r, c, dot, value, &value);
	if (!e)
		*out = value;
	return e;
}

static struct err *set_variable(
	struct runner *r, const struct tpl_pipe *p, const char *name, const struct json *value)
{
	if (!name)
		return NULL;
	if (!p->assigns) {
		declare(r, name, value);
		return NULL;
	}
	struct variable *v = find_variable(r, name);
	if (!v)
		return err_new(ERR_USAGE, "template: undefined variable \"%s\"", name);
	v->value = value;
	return NULL;
}

static struct err *eval_pipe(
	struct runner *r, const struct tpl_pipe *p, const struct json *dot, const struct json **out)
{
	const struct json *value;
	struct err *e = eval_commands(r, p, dot, &value);
	if (!e)
		e = set_variable(r, p, p->variables[0], value);
	if (!e)
		*out = value;
	return e;
}

static struct err *run_nodes(struct runner *r, const struct tpl_node *n, const struct json *dot);

/* Nodes whose variables end with them. */
static struct err *run_scope(struct runner *r, const struct tpl_node *n, const struct json *dot)
{
	struct variable *outer = r->variables;
	struct err *e = run_nodes(r, n, dot);
	r->variables = outer;
	return e;
}

static struct err *run_item(
	struct runner *r, const struct tpl_node *n, const struct json *key, const struct json *item)
{
	const struct tpl_pipe *p = n->pipe;
	struct variable *outer = r->variables;
	bool both = p->variables[1] != NULL;
	struct err *e = set_variable(r, p, p->variables[0], both ? key : item);
	if (!e)
		e = set_variable(r, p, p->variables[1], item);
	if (!e)
		e = run_nodes(r, n->body, item);
	r->variables = outer;
	return e;
}

static struct err *run_items(struct runner *r, const struct tpl_node *n, const struct json *over)
{
	int64_t i = 0;
	struct err *e = NULL;
	for (const struct json *item = over->first; item && !e; item = item->next)
		e = run_item(r, n, tpl_number(r->arena, i++), item);
	return e;
}

static struct err *run_members(struct runner *r, const struct tpl_node *n, const struct json *over)
{
	size_t count;
	const struct json **members = tpl_sorted(over, r->arena, &count);
	struct err *e = NULL;
	for (size_t i = 0; i < count && !e; i++)
		e = run_item(r, n, tpl_text(r->arena, members[i]->key), members[i]);
	return e;
}

static struct err *run_range(struct runner *r, const struct tpl_node *n, const struct json *dot)
{
	const struct json *over;
	struct err *e = eval_commands(r, n->pipe, dot, &over);
	if (e)
		return e;
	bool ranges =
		over->type == JSON_LIST || over->type == JSON_OBJECT || over->type == JSON_NULL;
	if (!ranges)
		return at(n->pipe->first->first, err_new(ERR_USAGE, "range can't iterate over %s",
							 json_type_name(over->type)));
	if (!tpl_truth(over))
		return run_scope(r, n->otherwise, dot);
	return over->type == JSON_LIST ? run_items(r, n, over) : run_members(r, n, over);
}

static struct err *run_condition(struct runner *r, const struct tpl_node *n, const struct json *dot)
{
	struct variable *outer = r->variables;
	const struct json *value;
	struct err *e = eval_pipe(r, n->pipe, dot, &value);
	if (!e && tpl_truth(value))
		e = run_nodes(r, n->body, n->kind == TPL_WITH ? value : dot);
	else if (!e)
		e = run_nodes(r, n->otherwise, dot);
	r->variables = outer;
	return e;
}

static struct err *run_action(struct runner *r, const struct tpl_node *n, const struct json *dot)
{
	const struct json *value;
	struct err *e = eval_pipe(r, n->pipe, dot, &value);
	if (!e && !n->pipe->variables[0])
		tpl_print(value, r->arena, r->out);
	return e;
}

static struct err *run_text(struct runner *r, const struct tpl_node *n, const struct json *)
{
	buf_put(r->out, n->text.p, n->text.n);
	return NULL;
}

static struct err *run_nodes(struct runner *r, const struct tpl_node *n, const struct json *dot)
{
	static struct err *(*const run[])(
		struct runner *, const struct tpl_node *, const struct json *) = {
		[TPL_TEXT] = run_text,
		[TPL_ACTION] = run_action,
		[TPL_IF] = run_condition,
		[TPL_WITH] = run_condition,
		[TPL_RANGE] = run_range,
	};
	struct err *e = NULL;
	for (; n && !e; n = n->next)
		e = run[n->kind](r, n, dot);
	return e;
}

struct err *template_run(const struct template *t, const struct json *root,
	const struct template_run *how, struct arena *a, struct buf *out)
{
	struct runner r = { .how = how, .arena = a, .out = out };
	declare(&r, "$", root);
	return run_nodes(&r, t->first, root);
}
