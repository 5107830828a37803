#include "base/encode.h"

static bool has_bool(const struct field *, const void *at)
{
	return *(const bool *)at;
}

static bool has_int(const struct field *, const void *at)
{
	return *(const int64_t *)at != 0;
}

static bool has_text(const struct field *, const void *at)
{
	return *(const char *const *)at != NULL;
}

static bool has_opt_bool(const struct field *, const void *at)
{
	return ((const struct opt_bool *)at)->set;
}

static bool has_opt_int(const struct field *, const void *at)
{
	return ((const struct opt_int *)at)->set;
}

static bool has_texts(const struct field *, const void *at)
{
	return ((const struct text_list *)at)->n > 0;
}

static bool has_ints(const struct field *, const void *at)
{
	return ((const struct int_list *)at)->n > 0;
}

static bool has_text_map(const struct field *, const void *at)
{
	return ((const struct text_map *)at)->n > 0;
}

static bool has_list(const struct field *, const void *at)
{
	return ((const struct list *)at)->n > 0;
}

static bool has_object(const struct field *f, const void *at);

static void write_bool(const struct field *f, const void *at, struct json_writer *w)
{
	json_bool(w, f->key, *(const bool *)at);
}

static void write_int(const struct field *f, const void *at, struct json_writer *w)
{
	json_int(w, f->key, *(const int64_t *)at);
}

static void write_uint64(const struct field *f, const void *at, struct json_writer *w)
{
	json_uint(w, f->key, (uint64_t) * (const int64_t *)at);
}

static void write_text(const struct field *f, const void *at, struct json_writer *w)
{
	const char *text = *(const char *const *)at;
	json_text(w, f->key, text ? text : "");
}

static void write_opt_bool(const struct field *f, const void *at, struct json_writer *w)
{
	json_bool(w, f->key, ((const struct opt_bool *)at)->value);
}

static void write_opt_int(const struct field *f, const void *at, struct json_writer *w)
{
	json_int(w, f->key, ((const struct opt_int *)at)->value);
}

static void write_texts(const struct field *f, const void *at, struct json_writer *w)
{
	const struct text_list *list = at;
	json_open(w, f->key, '[');
	for (size_t i = 0; i < list->n; i++)
		json_text(w, NULL, list->items[i]);
	json_close(w, ']');
}

static void write_ints(const struct field *f, const void *at, struct json_writer *w)
{
	const struct int_list *list = at;
	json_open(w, f->key, '[');
	for (size_t i = 0; i < list->n; i++)
		json_int(w, NULL, list->items[i]);
	json_close(w, ']');
}

static void write_text_map(const struct field *f, const void *at, struct json_writer *w)
{
	const struct text_map *map = at;
	json_open(w, f->key, '{');
	for (size_t i = 0; i < map->n; i++)
		json_text(w, map->items[i].key, map->items[i].value);
	json_close(w, '}');
}

static void write_object(const struct field *f, const void *at, struct json_writer *w)
{
	encode(at, f->of, f->key, w);
}

static void write_list(const struct field *f, const void *at, struct json_writer *w)
{
	const struct list *list = at;
	json_open(w, f->key, '[');
	for (size_t i = 0; i < list->n; i++)
		encode((const char *)list->items + i * f->of->size, f->of, NULL, w);
	json_close(w, ']');
}

static void write_map(const struct field *f, const void *at, struct json_writer *w)
{
	const struct list *list = at;
	json_open(w, f->key, '{');
	for (size_t i = 0; i < list->n; i++) {
		const char *item = (const char *)list->items + i * f->of->size;
		encode(item, f->of, *(const char *const *)(item + f->of->key_at), w);
	}
	json_close(w, '}');
}

static const struct field_class {
	bool (*has)(const struct field *f, const void *at);
	void (*write)(const struct field *f, const void *at, struct json_writer *w);
} classes[] = {
	[FIELD_BOOL] = { has_bool, write_bool },
	[FIELD_INT] = { has_int, write_int },
	[FIELD_UINT64] = { has_int, write_uint64 },
	[FIELD_TEXT] = { has_text, write_text },
	[FIELD_OPT_BOOL] = { has_opt_bool, write_opt_bool },
	[FIELD_OPT_INT] = { has_opt_int, write_opt_int },
	[FIELD_TEXTS] = { has_texts, write_texts },
	[FIELD_INTS] = { has_ints, write_ints },
	[FIELD_TEXT_MAP] = { has_text_map, write_text_map },
	[FIELD_OBJECT] = { has_object, write_object },
	[FIELD_LIST] = { has_list, write_list },
	[FIELD_MAP] = { has_list, write_map },
};
_Static_assert(ARRAY_LEN(classes) == FIELD_KINDS, "every field kind can be encoded");

/* Whether the member of @f in the structure at @from is written. */
static bool is_written(const struct field *f, const void *from)
{
	return f->required || f->always || classes[f->kind].has(f, (const char *)from + f->at);
}

/* An object that says itself whether it is there is believed; any other is there if something in it
 * is. */
static bool has_object(const struct field *f, const void *at)
{
	if (f->of->present)
		return *(const bool *)at;
	for (size_t i = 0; i < f->of->n; i++)
		if (is_written(&f->of->fields[i], at))
			return true;
	return false;
}

void encode(const void *from, const struct schema *s, const char *key, struct json_writer *w)
{
	json_open(w, key, '{');
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if (is_written(f, from))
			classes[f->kind].write(f, (const char *)from + f->at, w);
	}
	json_close(w, '}');
}

void encode_text(const void *from, const struct schema *s, enum json_style style, struct buf *out)
{
	struct json_writer w = { .out = out, .style = style };
	encode(from, s, NULL, &w);
	buf_add(out, "\n");
}
