#include "base/arena.h"
#include "base/buf.h"
#include "cli/template_tree.h"
#include <inttypes.h>
#include <stdlib.h>

const struct json tpl_null = { .type = JSON_NULL };

const struct json *tpl_text(struct arena *a, struct str text)
{
	struct json *v = anew(a, struct json, 1);
	v->type = JSON_TEXT;
	v->text = (struct str){ arena_str(a, text), text.n };
	return v;
}

const struct json *tpl_number(struct arena *a, int64_t n)
{
	struct json *v = anew(a, struct json, 1);
	v->type = JSON_NUMBER;
	v->text = str_of(arena_fmt(a, "%" PRId64, n));
	return v;
}

const struct json *tpl_bool(bool yes)
{
	static const struct json values[] = { { .type = JSON_BOOL },
		{ .type = JSON_BOOL, .yes = true } };
	return &values[yes];
}

/* A number is zero if it has no other digit before its exponent. */
static bool is_zero(struct str spelling)
{
	for (size_t i = 0; i < spelling.n && spelling.p[i] != 'e' && spelling.p[i] != 'E'; i++)
		if (spelling.p[i] >= '1' && spelling.p[i] <= '9')
			return false;
	return true;
}

bool tpl_truth(const struct json *v)
{
	switch (v->type) {
	case JSON_BOOL:
		return v->yes;
	case JSON_NUMBER:
		return !is_zero(v->text);
	case JSON_TEXT:
		return v->text.n > 0;
	case JSON_LIST:
	case JSON_OBJECT:
		return v->n > 0;
	case JSON_NULL:
	case JSON_TYPES:
		break;
	}
	return false;
}

static int by_key(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;
	return strcmp((*x)->key.p, (*y)->key.p);
}

const struct json **tpl_sorted(const struct json *object, struct arena *a, size_t *n)
{
	const struct json **members = anew(a, const struct json *, object->n);
	*n = 0;
	for (const struct json *m = object->first; m; m = m->next)
		if (*m->key.p != '@')
			members[(*n)++] = m;
	if (*n)
		qsort(members, *n, sizeof(*members), by_key);
	return members;
}

static void print_object(const struct json *v, struct arena *a, struct buf *out)
{
	size_t n;
	const struct json **members = tpl_sorted(v, a, &n);
	buf_add(out, "map[");
	for (size_t i = 0; i < n; i++) {
		buf_add(out, "%s%s:", i ? " " : "", members[i]->key.p);
		tpl_print(members[i], a, out);
	}
	buf_add(out, "]");
}

static void print_list(const struct json *v, struct arena *a, struct buf *out)
{
	buf_add(out, "[");
	for (const struct json *item = v->first; item; item = item->next) {
		tpl_print(item, a, out);
		buf_add(out, "%s", item->next ? " " : "");
	}
	buf_add(out, "]");
}

void tpl_print(const struct json *v, struct arena *a, struct buf *out)
{
	switch (v->type) {
	case JSON_NULL:
	case JSON_TYPES:
		buf_add(out, "<no value>");
		break;
	case JSON_BOOL:
		buf_add(out, "%s", v->yes ? "true" : "false");
		break;
	case JSON_NUMBER:
	case JSON_TEXT:
		buf_put(out, v->text.p, v->text.n);
		break;
	case JSON_LIST:
		print_list(v, a, out);
		break;
	case JSON_OBJECT:
		print_object(v, a, out);
		break;
	}
}
