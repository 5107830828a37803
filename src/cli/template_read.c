#include "base/utf8.h"
#include "cli/template.h"
#include "cli/template_tree.h"
#include <ctype.h>
#include <stdlib.h>

enum { TPL_MAX_DEPTH = 100 };

struct reader {
	struct str text;
	size_t at;
	struct arena *arena;
	int depth;
};

/* The word that an action begins with. */
enum word { WORD_NONE, WORD_END, WORD_ELSE, WORD_STOP };

static size_t line_at(const struct reader *r, size_t at)
{
	size_t line = 1;
	for (size_t i = 0; i < at; i++)
		line += r->text.p[i] == '\n';
	return line;
}

static size_t column_at(const struct reader *r, size_t at)
{
	size_t column = 0;
	while (at > 0 && r->text.p[at - 1] != '\n') {
		at--;
		column++;
	}
	return column;
}

#define bad(r, ...) bad_at((r), err_new(ERR_USAGE, __VA_ARGS__))
static struct err *bad_at(const struct reader *r, struct err *e)
{
	return err_wrap(e, "template parsing error: template: :%zu", line_at(r, r->at));
}

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : 0;
}

static bool starts(const struct reader *r, const char *with)
{
	size_t n = strlen(with);
	return r->text.n - r->at >= n && memcmp(r->text.p + r->at, with, n) == 0;
}

static bool take(struct reader *r, const char *what)
{
	bool there = starts(r, what);
	r->at += there ? strlen(what) : 0;
	return there;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(peek(r)))
		r->at++;
}

/* True before "}}" and " -}}"; blanks have been skipped. */
static bool at_close(const struct reader *r)
{
	return starts(r, "}}") || (starts(r, "-}}") && r->at && is_blank(r->text.p[r->at - 1]));
}

static struct err *close_action(struct reader *r)
{
	skip_blanks(r);
	bool trims = at_close(r) && peek(r) == '-';
	if (!at_close(r))
		return peek(r) ? bad(r, "unexpected \"%c\" in operand", peek(r))
		               : bad(r, "unclosed action");
	r->at += trims ? 3 : 2;
	if (trims)
		skip_blanks(r);
	return NULL;
}

/* --- operands -----------------------------------------------------------------------------------
 */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static struct str take_name(struct reader *r)
{
	size_t from = r->at;
	while (is_name(peek(r)))
		r->at++;
	return (struct str){ r->text.p + from, r->at - from };
}

static struct err *take_hex(struct reader *r, int digits, struct buf *out)
{
	uint32_t c = 0;
	for (int i = 0; i < digits; i++, r->at++) {
		char d = peek(r);
		if (!isxdigit((unsigned char)d))
			return bad(r, "invalid syntax in quoted text");
		c = c * 16 +
		    (uint32_t)(isdigit((unsigned char)d) ? d - '0' : (d | 0x20) - 'a' + 10);
	}
	if (!c || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return bad(r, "invalid character in quoted text");
	char text[4] = { (char)c };
	buf_put(out, text, digits == 2 ? 1 : utf8_put(text, c));
	return NULL;
}

/* What follows a backslash. */
static struct err *take_escape(struct reader *r, struct buf *out)
{
	static const char letters[] = "abfnrtv\\\"'", meanings[] = "\a\b\f\n\r\t\v\\\"'";
	char c = peek(r);
	const char *found = c ? strchr(letters, c) : NULL;
	r->at++;
	if (found) {
		buf_put(out, &meanings[found - letters], 1);
		return NULL;
	}
	int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
	return digits ? take_hex(r, digits, out) : bad(r, "invalid syntax in quoted text");
}

static struct err *take_quoted(struct reader *r, struct tpl_operand *o)
{
	cleanup(buf_done) struct buf text = {};
	for (r->at++; peek(r) != '"';) {
		char c = peek(r);
		if (!c || c == '\n')
			return bad(r, "unterminated quoted string");
		r->at++;
		if (c != '\\') {
			buf_put(&text, &c, 1);
			continue;
		}
		struct err *e = take_escape(r, &text);
		if (e)
			return e;
	}
	r->at++;
	o->literal = tpl_text(r->arena, (struct str){ buf_text(&text), text.n });
	return NULL;
}

static struct err *take_raw(struct reader *r, struct tpl_operand *o)
{
	size_t from = ++r->at;
	while (peek(r) && peek(r) != '`')
		r->at++;
	if (!peek(r))
		return bad(r, "unterminated raw quoted string");
	o->literal = tpl_text(r->arena, (struct str){ r->text.p + from, r->at - from });
	r->at++;
	return NULL;
}

/* The spelling has to be one that JSON has too. */
static struct err *take_number(struct reader *r, struct tpl_operand *o)
{
	size_t from = r->at;
	if (peek(r) == '-' || peek(r) == '+')
		r->at++;
	while (is_name(peek(r)) || peek(r) == '.')
		r->at++;
	struct str spelling = { r->text.p + from, r->at - from };
	if (*spelling.p == '+')
		spelling = (struct str){ spelling.p + 1, spelling.n - 1 };
	cleanup(err_free) struct err *unfit = json_read(spelling, "", r->arena, &o->literal);
	if (unfit || o->literal->type != JSON_NUMBER)
		return bad(r, "bad number syntax: \"" STR_FMT "\"", STR_ARG(spelling));
	return NULL;
}

static struct err *take_word(struct reader *r, struct tpl_operand *o)
{
	static const struct {
		const char *name;
		const struct json value;
	} words[] = { { "true", { .type = JSON_BOOL, .yes = true } },
		{ "false", { .type = JSON_BOOL } }, { "nil", { .type = JSON_NULL } } };
	struct str name = take_name(r);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(name, str_of(words[i].name))) {
			o->literal = &words[i].value;
			return NULL;
		}
	o->kind = TPL_FUNCTION;
	o->function = tpl_function_find(name);
	return o->function ? NULL : bad(r, "function \"" STR_FMT "\" not defined", STR_ARG(name));
}

static struct err *read_pipe(struct reader *r, const struct tpl_pipe **out);

static struct err *take_group(struct reader *r, struct tpl_operand *o)
{
	o->kind = TPL_GROUP;
	r->at++;
	if (++r->depth > TPL_MAX_DEPTH)
		return bad(r, "too many parentheses");
	struct err *e = read_pipe(r, &o->group);
	r->depth--;
	if (!e && !take(r, ")"))
		e = bad(r, "unclosed left paren");
	return e;
}

/* .a.b behind an operand, and what .a.b itself is. */
static struct err *take_fields(struct reader *r, struct tpl_operand *o)
{
	while (peek(r) == '.') {
		r->at++;
		struct str name = take_name(r);
		if (!name.n && (o->kind != TPL_DOT || o->fields.n || peek(r) == '.'))
			return bad(r, "unexpected <.> in operand");
		if (!name.n)
			return NULL;
		text_list_add(&o->fields, r->arena, arena_str(r->arena, name));
	}
	return NULL;
}

static struct err *take_start(struct reader *r, struct tpl_operand *o)
{
	char c = peek(r);
	o->kind = TPL_LITERAL;
	if (c == '"')
		return take_quoted(r, o);
	if (c == '`')
		return take_raw(r, o);
	if (c == '(')
		return take_group(r, o);
	if (isdigit((unsigned char)c) || c == '-' || c == '+')
		return take_number(r, o);
	if (is_name(c))
		return take_word(r, o);
	o->kind = TPL_DOT;
	if (c == '.')
		return NULL;
	if (c != '$')
		return c ? bad(r, "unexpected \"%c\" in operand", c) : bad(r, "unclosed action");
	o->kind = TPL_VARIABLE;
	size_t from = r->at++;
	struct str name = take_name(r);
	o->name = arena_str(r->arena, (struct str){ r->text.p + from, name.n + 1 });
	return NULL;
}

static struct err *read_operand(struct reader *r, struct tpl_operand **out)
{
	struct tpl_operand *o = anew(r->arena, struct tpl_operand, 1);
	size_t from = r->at;
	o->line = line_at(r, from);
	o->column = column_at(r, from);
	struct err *e = take_start(r, o);
	bool has_fields = o->kind != TPL_LITERAL && o->kind != TPL_FUNCTION;
	if (!e && has_fields)
		e = take_fields(r, o);
	char c = peek(r);
	if (!e && c && !is_blank(c) && c != '|' && c != ')' && !starts(r, "}}") && c != ',' &&
		c != ':' && c != '=')
		e = bad(r, "unexpected \"%c\" in operand", c);
	o->source = (struct str){ r->text.p + from, r->at - from };
	*out = o;
	return e;
}

/* --- pipelines ----------------------------------------------------------------------------------
 */

static bool ends_command(const struct reader *r)
{
	char c = peek(r);
	return !c || c == '|' || c == ')' || at_close(r);
}

static struct err *read_command(struct reader *r, struct tpl_command *c)
{
	const struct tpl_operand **tail = &c->first;
	struct err *e = NULL;
	for (skip_blanks(r); !e && !ends_command(r); skip_blanks(r)) {
		struct tpl_operand *o;
		e = read_operand(r, &o);
		*tail = o;
		tail = &o->next;
	}
	if (!e && !c->first)
		return bad(r, peek(r) ? "missing value for command" : "unclosed action");
	bool takes = !e && (c->first->kind == TPL_FUNCTION || c->first->fields.n);
	if (!e && c->first->next && !takes)
		return bad(r, "can't give argument to non-function " STR_FMT,
			STR_ARG(c->first->source));
	return e;
}

/* "$x :=", "$i, $x :=" and "$x =", if that is what stands here. */
static void read_variables(struct reader *r, struct tpl_pipe *p)
{
	size_t from = r->at;
	const char *names[2] = {};
	for (size_t n = 0; n < 2 && peek(r) == '$'; n++) {
		size_t start = r->at++;
		struct str name = take_name(r);
		names[n] = arena_str(r->arena, (struct str){ r->text.p + start, name.n + 1 });
		skip_blanks(r);
		if (!take(r, ","))
			break;
		skip_blanks(r);
	}
	bool declares = names[0] && take(r, ":=");
	bool assigns = !declares && names[0] && take(r, "=");
	if (!declares && !assigns) {
		r->at = from;
		return;
	}
	p->assigns = assigns;
	memcpy(p->variables, names, sizeof(names));
}

static struct err *read_pipe(struct reader *r, const struct tpl_pipe **out)
{
	struct tpl_pipe *p = anew(r->arena, struct tpl_pipe, 1);
	*out = p;
	skip_blanks(r);
	read_variables(r, p);
	const struct tpl_command **tail = &p->first;
	do {
		struct tpl_command *c = anew(r->arena, struct tpl_command, 1);
		*tail = c;
		tail = &c->next;
		struct err *e = read_command(r, c);
		if (e)
			return e;
	} while (take(r, "|"));
	for (const struct tpl_command *c = p->first->next; c; c = c->next)
		if (c->first->kind != TPL_FUNCTION && !c->first->fields.n)
			return bad(r, "non executable command in pipeline");
	return NULL;
}

/* --- nodes --------------------------------------------------------------------------------------
 */

static bool take_keyword(struct reader *r, const char *word)
{
	size_t n = strlen(word);
	if (!starts(r, word) || (r->at + n < r->text.n && is_name(r->text.p[r->at + n])))
		return false;
	r->at += n;
	return true;
}

static struct err *read_nodes(struct reader *r, const struct tpl_node **out, enum word *stop);

static const struct {
	const char *word;
	enum tpl_node_kind kind;
} blocks[] = {
	{ "if", TPL_IF },
	{ "range", TPL_RANGE },
	{ "with", TPL_WITH },
};

static struct err *read_block(struct reader *r, enum tpl_node_kind kind, struct tpl_node *n);

/* What is behind {{else: the rest of the action, or a block of its own that shares our end. */
static struct err *read_else(struct reader *r, struct tpl_node *n)
{
	skip_blanks(r);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		if (blocks[i].kind == TPL_RANGE || !take_keyword(r, blocks[i].word))
			continue;
		struct tpl_node *inner = anew(r->arena, struct tpl_node, 1);
		n->otherwise = inner;
		return read_block(r, blocks[i].kind, inner);
	}
	enum word stop = WORD_NONE;
	struct err *e = close_action(r);
	if (!e)
		e = read_nodes(r, &n->otherwise, &stop);
	if (!e && stop != WORD_END)
		e = stop == WORD_ELSE ? bad(r, "unexpected {{else}}") : bad(r, "unexpected EOF");
	return e ? e : close_action(r);
}

/* The rest of {{if x}} ... {{end}}. */
static struct err *read_block(struct reader *r, enum tpl_node_kind kind, struct tpl_node *n)
{
	n->kind = kind;
	if (++r->depth > TPL_MAX_DEPTH)
		return bad(r, "too many blocks inside one another");
	enum word stop = WORD_NONE;
	struct err *e = read_pipe(r, &n->pipe);
	if (!e && n->pipe->variables[1] && kind != TPL_RANGE)
		e = bad(r, "too many declarations in command");
	if (!e)
		e = close_action(r);
	if (!e)
		e = read_nodes(r, &n->body, &stop);
	r->depth--;
	if (e)
		return e;
	if (stop == WORD_ELSE)
		return read_else(r, n);
	return stop == WORD_END ? close_action(r) : bad(r, "unexpected EOF");
}

static const char *const unsupported[] = { "define", "template", "block", "break", "continue" };

static struct err *read_action(struct reader *r, struct tpl_node *n)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		if (take_keyword(r, blocks[i].word))
			return read_block(r, blocks[i].kind, n);
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		if (take_keyword(r, unsupported[i]))
			return bad(r, "{{%s}} is not supported", unsupported[i]);
	n->kind = TPL_ACTION;
	struct err *e = read_pipe(r, &n->pipe);
	if (!e && n->pipe->variables[1])
		e = bad(r, "too many declarations in command");
	return e ? e : close_action(r);
}

/* Text up to the next action, or all of it. Trims what {{- trims. */
static struct str take_text(struct reader *r)
{
	size_t from = r->at;
	const char *at =
		r->text.n > from ? memmem(r->text.p + from, r->text.n - from, "{{", 2) : NULL;
	r->at = at ? (size_t)(at - r->text.p) : r->text.n;
	struct str text = { r->text.p + from, r->at - from };
	if (at && r->at + 3 < r->text.n && at[2] == '-' && is_blank(at[3]))
		while (text.n && is_blank(text.p[text.n - 1]))
			text.n--;
	return text;
}

/* Behind "{{" and "{{- ". */
static void open_action(struct reader *r)
{
	r->at += 2;
	if (peek(r) == '-' && r->at + 1 < r->text.n && is_blank(r->text.p[r->at + 1]))
		r->at++;
	skip_blanks(r);
}

static struct err *take_comment(struct reader *r)
{
	const char *rest = r->text.p + r->at, *end = memmem(rest, r->text.n - r->at, "*/", 2);
	if (!end)
		return bad(r, "unclosed comment");
	r->at = (size_t)(end - r->text.p) + 2;
	return close_action(r);
}

static void append(const struct tpl_node ***tail, struct tpl_node *n)
{
	**tail = n;
	*tail = &n->next;
}

/* Nodes up to {{end or {{else, whose word says so in *@stop, or the end of the text. */
static struct err *read_nodes(struct reader *r, const struct tpl_node **out, enum word *stop)
{
	struct err *e = NULL;
	for (const struct tpl_node **tail = out; !e;) {
		struct tpl_node *text = anew(r->arena, struct tpl_node, 1);
		text->text = take_text(r);
		if (text->text.n)
			append(&tail, text);
		*stop = WORD_STOP;
		if (r->at == r->text.n)
			return NULL;
		open_action(r);
		*stop = take_keyword(r, "end")    ? WORD_END
		        : take_keyword(r, "else") ? WORD_ELSE
		                                  : WORD_NONE;
		if (*stop != WORD_NONE)
			return NULL;
		if (starts(r, "/*")) {
			e = take_comment(r);
			continue;
		}
		struct tpl_node *n = anew(r->arena, struct tpl_node, 1);
		e = read_action(r, n);
		append(&tail, n);
	}
	return e;
}

struct err *template_read(struct str text, struct arena *a, const struct template **out)
{
	struct reader r = { .text = text, .arena = a };
	struct template *t = anew(a, struct template, 1);
	enum word stop;
	struct err *e = read_nodes(&r, &t->first, &stop);
	if (!e && stop != WORD_STOP)
		e = bad(&r, "unexpected {{%s}}", stop == WORD_END ? "end" : "else");
	if (!e)
		*out = t;
	return e;
}
