/* Two enumerators of ours have the names of two of jansson's; here, and only here, both meet. */
#define JSON_OBJECT OUR_OBJECT
#define JSON_NULL   OUR_NULL
#include "base/json_oracle.h"
#undef JSON_OBJECT
#undef JSON_NULL
#include <jansson.h>
#include <stdlib.h>

static bool same(const struct json *a, const json_t *b);

/* The spelling of a number is not NUL-terminated, but what follows it never continues it. */
static bool same_number(const struct json *a, const json_t *b)
{
	return json_is_real(b) && strtod(a->text.p, NULL) == json_real_value(b);
}

static bool same_text(const struct json *a, const json_t *b)
{
	if (!json_is_string(b))
		return false;
	struct str theirs = { json_string_value(b), json_string_length(b) };
	return str_eq(a->text, theirs) && a->text.p[a->text.n] == 0;
}

static bool same_list(const struct json *a, const json_t *b)
{
	size_t i = 0;
	if (!json_is_array(b) || json_array_size(b) != a->n)
		return false;
	for (const struct json *item = a->first; item; item = item->next)
		if (!same(item, json_array_get(b, i++)))
			return false;
	return i == a->n;
}

/* jansson keeps the last of members with the same key, we keep all. */
static bool same_object(const struct json *a, const json_t *b)
{
	size_t distinct = 0;
	if (!json_is_object(b))
		return false;
	for (const struct json *m = a->first; m; m = m->next) {
		if (json_get(a, m->key.p) != m)
			continue;
		distinct++;
		if (!same(m, json_object_get(b, m->key.p)))
			return false;
	}
	return distinct == json_object_size(b);
}

static bool same(const struct json *a, const json_t *b)
{
	switch (a->type) {
	case OUR_NULL:
		return json_is_null(b);
	case JSON_BOOL:
		return json_is_boolean(b) && a->yes == json_is_true(b);
	case JSON_NUMBER:
		return same_number(a, b);
	case JSON_TEXT:
		return same_text(a, b);
	case JSON_LIST:
		return same_list(a, b);
	case OUR_OBJECT:
		return same_object(a, b);
	case JSON_TYPES:
		break;
	}
	return false;
}

static bool nests_too_deep(struct str text)
{
	int depth = 0;
	for (size_t i = 0; i < text.n; i++) {
		depth += text.p[i] == '{' || text.p[i] == '[';
		depth -= (text.p[i] == '}' || text.p[i] == ']') && depth > 0;
		if (depth > JSON_MAX_DEPTH)
			return true;
	}
	return false;
}

enum verdict json_oracle(struct str text, const struct json *doc)
{
	json_error_t problem;
	json_t *theirs =
		json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &problem);
	bool agree = !theirs == !doc && (!doc || same(doc, theirs));
	bool overflow = !theirs && json_error_code(&problem) == json_error_numeric_overflow;
	json_decref(theirs);
	if (agree)
		return SAME;
	/* jansson loses a NUL that it looked at and put back. */
	bool nul = text.n && memchr(text.p, 0, text.n);
	return overflow || nul || nests_too_deep(text) ? NO_OPINION : DIFFERENT;
}
