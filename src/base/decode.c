#include "base/decode.h"
#include "base/buf.h"
#include "base/num.h"

/* Where we are in the document: a chain of stack frames, turned into text only for an error. */
struct place {
	const struct place *up;
	struct str key;
	size_t index; /* from 1; 0 if this step is a key */
};

/* One value on its way into one member. */
struct slot {
	const struct json *value;
	const struct field *field;
	void *out;
	const struct place *at;
	struct arena *arena;
};

static bool is_word(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && !(c >= '0' && c <= '9'))
			return false;
	}
	return key.n > 0;
}

static void show_place(const struct place *at, struct buf *out)
{
	if (at->up)
		show_place(at->up, out);
	if (at->index)
		buf_add(out, "[%zu]", at->index - 1);
	else if (is_word(at->key))
		buf_add(out, "%s" STR_FMT, out->n ? "." : "", STR_ARG(at->key));
	else if (at->key.p)
		buf_add(out, "['" STR_FMT "']", STR_ARG(at->key));
}

static struct err *bad(const struct place *at, const char *problem, const char *detail)
{
	cleanup(buf_done) struct buf where = {};
	show_place(at, &where);
	const char *colon = where.n ? ": " : "";
	return err_new(ERR_USAGE, "%s%s%s%s", buf_text(&where), colon, problem, detail);
}

static struct err *check_type(const struct slot *s, enum json_type wants)
{
	if (s->value->type == wants)
		return NULL;
	char detail[64];
	snprintf(detail, sizeof(detail), "%s, found %s", json_type_name(wants),
		json_type_name(s->value->type));
	return bad(s->at, "expected ", detail);
}

static struct err *put_object(const struct slot *s);

static struct err *put_bool(const struct slot *s)
{
	*(bool *)s->out = s->value->yes;
	return NULL;
}

/* What num_range() and num_u64() say, with the place. A fraction or an exponent is refused
 * even where its value is whole, as the clients' own parser does. */
static struct err *bad_number(const struct slot *s, struct err *problem)
{
	cleanup(err_free) struct err *e = problem;
	return e ? bad(s->at, e->text, "") : NULL;
}

static struct err *get_int(const struct slot *s, int64_t *out)
{
	bool any = !s->field->min && !s->field->max;
	int64_t min = any ? INT64_MIN : s->field->min, max = any ? INT64_MAX : s->field->max;
	return bad_number(s, num_range(s->value->text, min, max, out));
}

static struct err *put_int(const struct slot *s)
{
	return get_int(s, s->out);
}

static struct err *put_uint64(const struct slot *s)
{
	uint64_t n;
	struct err *e = bad_number(s, num_u64(s->value->text, &n));
	if (!e)
		*(int64_t *)s->out = (int64_t)n;
	return e;
}

static struct err *put_text(const struct slot *s)
{
	*(const char **)s->out = s->value->text.n ? s->value->text.p : NULL;
	return NULL;
}

static struct err *put_opt_bool(const struct slot *s)
{
	*(struct opt_bool *)s->out = (struct opt_bool){ true, s->value->yes };
	return NULL;
}

static struct err *put_opt_int(const struct slot *s)
{
	struct opt_int *out = s->out;
	struct err *e = get_int(s, &out->value);
	out->set = !e;
	return e;
}

/* What values of one kind have to be, and how they are stored. */
struct field_class {
	enum json_type wants;
	struct err *(*put)(const struct slot *s);
};

/* Item @i of the list, or member of the object, @list: @v goes to @out. */
static struct err *put_item(const struct slot *list, const struct json *v, size_t i, void *out,
	const struct field_class *class)
{
	struct place here = { list->at, v->key, v->key.p ? 0 : i + 1 };
	struct slot item = { v, list->field, out, &here, list->arena };
	struct err *e = check_type(&item, class->wants);
	return e ? e : class->put(&item);
}

/* All items of a list, or members of an object, into the array @items of @size bytes each. */
static struct err *each(
	const struct slot *s, char *items, size_t size, const struct field_class *class)
{
	struct err *e = NULL;
	size_t i = 0;
	for (const struct json *v = s->value->first; v && !e; v = v->next, i++)
		e = put_item(s, v, i, items + i * size, class);
	return e;
}

static struct err *put_text_item(const struct slot *s)
{
	*(const char **)s->out = s->value->text.p;
	return NULL;
}

static struct err *put_texts(const struct slot *s)
{
	size_t n = s->value->n;
	const char **items = anew(s->arena, const char *, n + 1);
	*(struct text_list *)s->out = (struct text_list){ items, n };
	return each(s, (char *)items, sizeof(*items),
		&(struct field_class){ JSON_TEXT, put_text_item });
}

static struct err *put_ints(const struct slot *s)
{
	size_t n = s->value->n;
	int64_t *items = anew(s->arena, int64_t, n);
	*(struct int_list *)s->out = (struct int_list){ items, n };
	return each(
		s, (char *)items, sizeof(*items), &(struct field_class){ JSON_NUMBER, put_int });
}

static struct err *put_pair(const struct slot *s)
{
	*(struct text_pair *)s->out = (struct text_pair){ s->value->key.p, s->value->text.p };
	return NULL;
}

static struct err *put_text_map(const struct slot *s)
{
	size_t n = s->value->n;
	struct text_pair *items = anew(s->arena, struct text_pair, n);
	*(struct text_map *)s->out = (struct text_map){ items, n };
	return each(s, (char *)items, sizeof(*items), &(struct field_class){ JSON_TEXT, put_pair });
}

static struct err *put_list(const struct slot *s)
{
	size_t n = s->value->n, size = s->field->of->size;
	char *items = arena_alloc(s->arena, size, n);
	*(struct list *)s->out = (struct list){ items, n };
	return each(s, items, size, &(struct field_class){ JSON_OBJECT, put_object });
}

static struct err *put_keyed(const struct slot *s)
{
	*(const char **)((char *)s->out + s->field->of->key_at) = s->value->key.p;
	return put_object(s);
}

static struct err *put_map(const struct slot *s)
{
	size_t n = s->value->n, size = s->field->of->size;
	char *items = arena_alloc(s->arena, size, n);
	*(struct list *)s->out = (struct list){ items, n };
	return each(s, items, size, &(struct field_class){ JSON_OBJECT, put_keyed });
}

static const struct field_class classes[] = {
	[FIELD_BOOL] = { JSON_BOOL, put_bool },
	[FIELD_INT] = { JSON_NUMBER, put_int },
	[FIELD_UINT64] = { JSON_NUMBER, put_uint64 },
	[FIELD_TEXT] = { JSON_TEXT, put_text },
	[FIELD_OPT_BOOL] = { JSON_BOOL, put_opt_bool },
	[FIELD_OPT_INT] = { JSON_NUMBER, put_opt_int },
	[FIELD_TEXTS] = { JSON_LIST, put_texts },
	[FIELD_INTS] = { JSON_LIST, put_ints },
	[FIELD_TEXT_MAP] = { JSON_OBJECT, put_text_map },
	[FIELD_OBJECT] = { JSON_OBJECT, put_object },
	[FIELD_LIST] = { JSON_LIST, put_list },
	[FIELD_MAP] = { JSON_OBJECT, put_map },
};
_Static_assert(ARRAY_LEN(classes) == FIELD_KINDS, "every field kind can be decoded");

/* The row for @key; NULL if the schema has none. */
static const struct field *find_field(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->n; i++)
		if (strcmp(schema->fields[i].key, key) == 0)
			return &schema->fields[i];
	return NULL;
}

static bool is_absent(const struct json *value)
{
	return value->type == JSON_NULL || (value->type == JSON_TEXT && !value->text.n);
}

/* Puts @member where @f says. */
static struct err *put_member(
	const struct slot *parent, const struct field *f, const struct json *member)
{
	struct place here = { .up = parent->at, .key = member->key };
	struct slot s = { member, f, (char *)parent->out + f->at, &here, parent->arena };
	struct err *e = check_type(&s, classes[f->kind].wants);
	return e ? e : classes[f->kind].put(&s);
}

/* Refuses an object that lacks what is required; bit i of @seen stands for row i. */
static struct err *check_required(const struct slot *s, uint64_t seen)
{
	const struct schema *schema = s->field->of;
	for (size_t i = 0; i < schema->n; i++)
		if (schema->fields[i].required && !(seen & UINT64_C(1) << i))
			return bad(s->at, "missing ", schema->fields[i].key);
	return NULL;
}

static struct err *put_object(const struct slot *s)
{
	const struct schema *schema = s->field->of;
	uint64_t seen = 0;
	if (schema->present)
		*(bool *)s->out = true;
	for (const struct json *m = s->value->first; m; m = m->next) {
		const struct field *f = find_field(schema, m->key.p);
		if (!f && schema->strict)
			return bad(&(struct place){ s->at, m->key, 0 }, "unknown field", "");
		if (!f || is_absent(m))
			continue;
		seen |= UINT64_C(1) << (f - schema->fields);
		struct err *e = put_member(s, f, m);
		if (e)
			return e;
	}
	return check_required(s, seen);
}

struct err *decode(const struct json *doc, const struct schema *s, void *out, struct arena *a)
{
	struct slot root = { doc, &(struct field){ .of = s }, out, &(struct place){}, a };
	struct err *e = check_type(&root, JSON_OBJECT);
	return e ? e : put_object(&root);
}

struct err *decode_text(
	struct str text, const char *name, const struct schema *s, void *out, struct arena *a)
{
	const struct json *doc;
	struct err *e = json_read(text, name, a, &doc);
	if (e)
		return e;
	e = decode(doc, s, out, a);
	return e ? err_wrap(e, "%s", name) : NULL;
}
