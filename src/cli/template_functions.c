/* The functions of templates: Go's own and those that Docker adds. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json_write.h"
#include "base/num.h"
#include "base/utf8.h"
#include "cli/template_tree.h"
#include <ctype.h>
#include <stdlib.h>

static struct err *want(const struct json *v, enum json_type type)
{
	return v->type == type ? NULL
	                       : err_new(ERR_USAGE, "wrong type for value; expected %s; got %s",
					 json_type_name(type), json_type_name(v->type));
}

static struct err *give(struct arena *a, const struct buf *text, const struct json **out)
{
	*out = tpl_text(a, (struct str){ buf_text(text), text->n });
	return NULL;
}

/* --- text ---------------------------------------------------------------------------------------
 */

static void write_tree(struct json_writer *w, const char *key, const struct json *v)
{
	bool holds = v->type == JSON_LIST || v->type == JSON_OBJECT;
	if (holds)
		json_open(w, key, v->type == JSON_LIST ? '[' : '{');
	for (const struct json *m = holds ? v->first : NULL; m; m = m->next) {
		const char *name = v->type == JSON_OBJECT ? m->key.p : NULL;
		if (!name || *name != '@')
			write_tree(w, name, m);
	}
	if (holds)
		json_close(w, v->type == JSON_LIST ? ']' : '}');
	else if (v->type == JSON_TEXT)
		json_text(w, key, v->text.p);
	else if (v->type == JSON_NUMBER)
		json_raw(w, key, v->text);
	else if (v->type == JSON_BOOL)
		json_bool(w, key, v->yes);
	else
		json_text(w, key, NULL);
}

static struct err *call_json(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	cleanup(buf_done) struct buf text = {};
	struct json_writer w = { .out = &text };
	write_tree(&w, NULL, v[0]);
	return give(a, &text, out);
}

static struct err *map_text(const struct json *v, struct arena *a, char (*map)(char c, bool first),
	const struct json **out)
{
	struct err *e = want(v, JSON_TEXT);
	if (e)
		return e;
	char *text = arena_str(a, v->text);
	for (size_t i = 0; i < v->text.n; i++)
		text[i] = map(text[i], i == 0 || isspace((unsigned char)v->text.p[i - 1]));
	*out = tpl_text(a, (struct str){ text, v->text.n });
	return NULL;
}

static char to_lower(char c, bool)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static char to_upper(char c, bool)
{
	return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

static char to_title(char c, bool first)
{
	return first ? to_upper(c, true) : c;
}

static struct err *call_lower(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	return map_text(v[0], a, to_lower, out);
}

static struct err *call_upper(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	return map_text(v[0], a, to_upper, out);
}

static struct err *call_title(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	return map_text(v[0], a, to_title, out);
}

/* How long the piece at the start of @rest is: up to the separator, or with an empty one a
 * character. *@found if a separator follows. */
static size_t piece_length(struct str rest, struct str separator, bool *found)
{
	*found = false;
	if (!separator.n) {
		size_t n = utf8_length(rest.p);
		return n ? n : 1;
	}
	const char *at = memmem(rest.p, rest.n, separator.p, separator.n);
	*found = at != NULL;
	return at ? (size_t)(at - rest.p) : rest.n;
}

/* The pieces of a text between separators; its characters if the separator is empty. */
static struct err *call_split(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	struct err *e = want(v[0], JSON_TEXT);
	if (!e)
		e = want(v[1], JSON_TEXT);
	if (e)
		return e;
	struct json *list = anew(a, struct json, 1);
	list->type = JSON_LIST;
	const struct json **tail = &list->first;
	struct str rest = v[0]->text, separator = v[1]->text;
	for (bool more = separator.n || rest.n; more; list->n++) {
		bool found;
		size_t n = piece_length(rest, separator, &found);
		struct json *piece = anew(a, struct json, 1);
		*piece = *tpl_text(a, (struct str){ rest.p, n });
		*tail = piece;
		tail = &piece->next;
		size_t used = found ? n + separator.n : n;
		rest = (struct str){ rest.p + used, rest.n - used };
		more = separator.n ? found : rest.n > 0;
	}
	*out = list;
	return NULL;
}

static struct err *call_join(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	bool nothing = v[0]->type == JSON_NULL;
	struct err *e = nothing ? NULL : want(v[0], JSON_LIST);
	if (!e)
		e = want(v[1], JSON_TEXT);
	cleanup(buf_done) struct buf text = {};
	for (const struct json *i = e || nothing ? NULL : v[0]->first; i && !e; i = i->next) {
		e = want(i, JSON_TEXT);
		if (!e)
			buf_put(&text, i->text.p, i->text.n);
		if (!e && i->next)
			buf_put(&text, v[1]->text.p, v[1]->text.n);
	}
	return e ? e : give(a, &text, out);
}

static struct err *number_of(const struct json *v, int64_t min, int64_t max, int64_t *out)
{
	struct err *e = want(v, JSON_NUMBER);
	return e ? e : num_range(v->text, min, max, out);
}

static struct err *call_truncate(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int64_t most;
	struct err *e = want(v[0], JSON_TEXT);
	if (!e)
		e = number_of(v[1], 0, INT64_MAX, &most);
	if (e)
		return e;
	size_t n = 0;
	for (; n < v[0]->text.n; n++)
		if (!utf8_continues(v[0]->text.p[n]) && most-- == 0)
			break;
	*out = tpl_text(a, (struct str){ v[0]->text.p, n });
	return NULL;
}

static struct err *call_pad(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int64_t left, right;
	struct err *e = want(v[0], JSON_TEXT);
	if (!e)
		e = number_of(v[1], 0, 4096, &left);
	if (!e)
		e = number_of(v[2], 0, 4096, &right);
	if (e)
		return e;
	cleanup(buf_done) struct buf text = {};
	bool empty = !v[0]->text.n;
	buf_add(&text, "%*s%s%*s", empty ? 0 : (int)left, "", v[0]->text.p, empty ? 0 : (int)right,
		"");
	return give(a, &text, out);
}

/* --- printing -----------------------------------------------------------------------------------
 */

/* A blank comes between two operands of which neither is text. */
static struct err *call_print(
	const struct json *const *v, size_t n, struct arena *a, const struct json **out)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; i < n; i++) {
		if (i && v[i]->type != JSON_TEXT && v[i - 1]->type != JSON_TEXT)
			buf_add(&text, " ");
		tpl_print(v[i], a, &text);
	}
	return give(a, &text, out);
}

static struct err *call_println(
	const struct json *const *v, size_t n, struct arena *a, const struct json **out)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; i < n; i++) {
		buf_add(&text, "%s", i ? " " : "");
		tpl_print(v[i], a, &text);
	}
	buf_add(&text, "\n");
	return give(a, &text, out);
}

static struct err *call_printf(
	const struct json *const *v, size_t n, struct arena *a, const struct json **out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = want(v[0], JSON_TEXT);
	if (!e)
		tpl_printf(v[0]->text, v + 1, n - 1, a, &text);
	return e ? e : give(a, &text, out);
}

/* --- lists and objects --------------------------------------------------------------------------
 */

static struct err *call_len(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	enum json_type t = v[0]->type;
	size_t n = t == JSON_TEXT ? v[0]->text.n : v[0]->n;
	if (t == JSON_OBJECT)
		tpl_sorted(v[0], a, &n);
	if (t != JSON_TEXT && t != JSON_LIST && t != JSON_OBJECT)
		return err_new(ERR_USAGE, "len of %s", json_type_name(t));
	*out = tpl_number(a, (int64_t)n);
	return NULL;
}

/* One step of index. What an object does not have is empty text. */
static struct err *step(const struct json **at, const struct json *index)
{
	static const struct json nothing = { .type = JSON_TEXT, .text = { "", 0 } };
	int64_t n;
	struct err *e = NULL;
	switch ((*at)->type) {
	case JSON_OBJECT:
		e = want(index, JSON_TEXT);
		if (e)
			return e;
		const struct json *member = json_get(*at, index->text.p);
		*at = member ? member : &nothing;
		return NULL;
	case JSON_LIST:
		e = number_of(index, INT64_MIN, INT64_MAX, &n);
		if (!e && (n < 0 || (size_t)n >= (*at)->n))
			e = err_new(ERR_USAGE, "index out of range: %lld", (long long)n);
		if (e)
			return e;
		*at = (*at)->first;
		while (n--)
			*at = (*at)->next;
		return NULL;
	case JSON_NULL:
		return err_new(ERR_USAGE, "index of untyped nil");
	default:
		return err_new(ERR_USAGE, "can't index %s", json_type_name((*at)->type));
	}
}

static struct err *call_index(
	const struct json *const *v, size_t n, struct arena *, const struct json **out)
{
	const struct json *at = v[0];
	struct err *e = NULL;
	for (size_t i = 1; i < n && !e; i++)
		e = step(&at, v[i]);
	*out = at;
	return e;
}

/* --- comparing ----------------------------------------------------------------------------------
 */

static int sign(double x)
{
	return (x > 0) - (x < 0);
}

static int compare_text(struct str a, struct str b)
{
	int r = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return r ? r : (a.n > b.n) - (a.n < b.n);
}

/* Numbers beyond 2^53 are told apart if they are whole. */
static int compare_numbers(const struct json *a, const struct json *b, struct arena *arena)
{
	int64_t x, y;
	cleanup(err_free) struct err *first = num_parse(a->text, &x);
	cleanup(err_free) struct err *second = num_parse(b->text, &y);
	if (!first && !second)
		return (x > y) - (x < y);
	return sign(
		strtod(arena_str(arena, a->text), NULL) - strtod(arena_str(arena, b->text), NULL));
}

static struct err *compare(
	const struct json *a, const struct json *b, bool order, struct arena *arena, int *out)
{
	bool nil = a->type == JSON_NULL || b->type == JSON_NULL;
	if (nil && !order) {
		*out = a->type != b->type;
		return NULL;
	}
	if (a->type != b->type)
		return err_new(ERR_USAGE, "incompatible types for comparison");
	if (a->type == JSON_TEXT)
		*out = compare_text(a->text, b->text);
	else if (a->type == JSON_NUMBER)
		*out = compare_numbers(a, b, arena);
	else if (a->type == JSON_BOOL && !order)
		*out = a->yes != b->yes;
	else
		return err_new(ERR_USAGE, "invalid type for comparison");
	return NULL;
}

static struct err *call_eq(
	const struct json *const *v, size_t n, struct arena *a, const struct json **out)
{
	int r = 1;
	struct err *e = NULL;
	for (size_t i = 1; i < n && r && !e; i++)
		e = compare(v[0], v[i], false, a, &r);
	*out = tpl_bool(r == 0);
	return e;
}

static struct err *call_ne(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int r = 0;
	struct err *e = compare(v[0], v[1], false, a, &r);
	*out = tpl_bool(r != 0);
	return e;
}

static struct err *call_lt(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int r = 0;
	struct err *e = compare(v[0], v[1], true, a, &r);
	*out = tpl_bool(r < 0);
	return e;
}

static struct err *call_le(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int r = 0;
	struct err *e = compare(v[0], v[1], true, a, &r);
	*out = tpl_bool(r <= 0);
	return e;
}

static struct err *call_gt(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int r = 0;
	struct err *e = compare(v[0], v[1], true, a, &r);
	*out = tpl_bool(r > 0);
	return e;
}

static struct err *call_ge(
	const struct json *const *v, size_t, struct arena *a, const struct json **out)
{
	int r = 0;
	struct err *e = compare(v[0], v[1], true, a, &r);
	*out = tpl_bool(r >= 0);
	return e;
}

static struct err *call_not(
	const struct json *const *v, size_t, struct arena *, const struct json **out)
{
	*out = tpl_bool(!tpl_truth(v[0]));
	return NULL;
}

/* and, or: what evaluation stopped at. */
static struct err *call_last(
	const struct json *const *v, size_t n, struct arena *, const struct json **out)
{
	*out = v[n - 1];
	return NULL;
}

static const struct tpl_function functions[] = {
	{ "and", 1, -1, .stops = true, .stops_at = false, .call = call_last },
	{ "or", 1, -1, .stops = true, .stops_at = true, .call = call_last },
	{ "not", 1, 1, .call = call_not },
	{ "eq", 2, -1, .call = call_eq },
	{ "ne", 2, 2, .call = call_ne },
	{ "lt", 2, 2, .call = call_lt },
	{ "le", 2, 2, .call = call_le },
	{ "gt", 2, 2, .call = call_gt },
	{ "ge", 2, 2, .call = call_ge },
	{ "index", 1, -1, .call = call_index },
	{ "len", 1, 1, .call = call_len },
	{ "json", 1, 1, .call = call_json },
	{ "split", 2, 2, .call = call_split },
	{ "join", 2, 2, .call = call_join },
	{ "lower", 1, 1, .call = call_lower },
	{ "upper", 1, 1, .call = call_upper },
	{ "title", 1, 1, .call = call_title },
	{ "truncate", 2, 2, .call = call_truncate },
	{ "pad", 3, 3, .call = call_pad },
	{ "print", 0, -1, .call = call_print },
	{ "printf", 1, -1, .call = call_printf },
	{ "println", 0, -1, .call = call_println },
};

const struct tpl_function *tpl_function_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (str_eq(name, str_of(functions[i].name)))
			return &functions[i];
	return NULL;
}
