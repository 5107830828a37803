/* Every value of a document that has every field is replaced, one by one, by values of other kinds:
 * nothing but a sentence with the right place may come of it. */
#include "base/encode.h"
#include "base/test.h"
#include "kernel/file.h"
#include "spec/spec.h"
#include <fcntl.h>

/* A walk over a tree that writes it again, with value number @chosen replaced. */
struct walk {
	struct json_writer w;
	const char *replacement;
	size_t chosen, at;
	struct buf place, found; /* where the walk is; where the chosen value was */
	const struct json *was;  /* the chosen value; NULL if the document has fewer */
};

static void enter(struct walk *k, const struct json *parent, const struct json *v, size_t i)
{
	if (parent->type == JSON_LIST)
		buf_add(&k->place, "[%zu]", i);
	else if (strchr(v->key.p, '.'))
		buf_add(&k->place, "['%s']", v->key.p);
	else
		buf_add(&k->place, "%s%s", k->place.n ? "." : "", v->key.p);
}

static void write_scalar(struct walk *k, const char *key, const struct json *v)
{
	if (v->type == JSON_TEXT)
		json_text(&k->w, key, v->text.p);
	else if (v->type == JSON_NUMBER)
		json_raw(&k->w, key, v->text);
	else
		json_bool(&k->w, key, v->yes);
}

static void write_value(struct walk *k, const struct json *v)
{
	const char *key = v->key.p;
	bool object = v->type == JSON_OBJECT;
	if (k->at++ == k->chosen) {
		json_raw(&k->w, key, str_of(k->replacement));
		buf_add(&k->found, "%s", buf_text(&k->place));
		k->was = v;
		return;
	}
	if (!object && v->type != JSON_LIST) {
		write_scalar(k, key, v);
		return;
	}
	size_t i = 0, before = k->place.n;
	json_open(&k->w, key, object ? '{' : '[');
	for (const struct json *m = v->first; m; m = m->next, i++) {
		enter(k, v, m, i);
		write_value(k, m);
		k->place.n = before;
		if (k->place.p)
			k->place.p[before] = 0;
	}
	json_close(&k->w, object ? '}' : ']');
}

/* What a value of @type in place of @was is answered with; NULL: it may be fine. */
static const char *complaint(const struct walk *k, enum json_type type, struct arena *a)
{
	if (type == JSON_NULL || k->was->type == type)
		return NULL;
	bool absent = strcmp(k->replacement, "\"\"") == 0 && k->was->key.p;
	if (absent) /* empty text is no text */
		return NULL;
	return arena_fmt(a, "%s%sexpected %s, found %s", buf_text(&k->found),
		k->found.n ? ": " : "", json_type_name(k->was->type), json_type_name(type));
}

static void check_mutant(const struct walk *k, enum json_type type, const char *text)
{
	cleanup(arena_done) struct arena a = {};
	struct spec spec;
	cleanup(err_free) struct err *e = spec_parse(text, strlen(text), "x", &a, &spec);
	CHECK(!e || (e->kind == ERR_USAGE && strcmp(e->text, "x") == 0 && e->cause));
	const char *want = complaint(k, type, &a);
	if (want && !e)
		test_failed(__FILE__, __LINE__, "taken: %s at %s", k->replacement, k->found.p);
	if (want)
		CHECK_TEXT(e->cause->text, want);
}

/* False if the document has no value of that number. */
static bool try_one(
	const struct json *doc, size_t chosen, const char *replacement, enum json_type type)
{
	cleanup(buf_done) struct buf text = {};
	struct walk k = { .w = { .out = &text }, .replacement = replacement, .chosen = chosen };
	write_value(&k, doc);
	if (k.was)
		check_mutant(&k, type, buf_text(&text));
	buf_done(&k.place);
	buf_done(&k.found);
	return k.was;
}

TEST(a_value_of_another_kind_is_refused_with_its_place)
{
	static const struct {
		const char *text;
		enum json_type type;
	} values[] = {
		{ "null", JSON_NULL },
		{ "true", JSON_BOOL },
		{ "-1", JSON_NUMBER },
		{ "0.5", JSON_NUMBER },
		{ "99999999999999999999999", JSON_NUMBER },
		{ "\"\"", JSON_TEXT },
		{ "\"\\u00e9/../\\n%s\"", JSON_TEXT },
		{ "[]", JSON_LIST },
		{ "[[],{}]", JSON_LIST },
		{ "{}", JSON_OBJECT },
		{ "{\"\":{\"\":[]}}", JSON_OBJECT },
	};
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	const struct json *doc;
	cleanup(err_free) struct err *e = file_read(
		AT_FDCWD, TEST_DOCUMENTS "/documents/everything.json", JSON_MAX_SIZE, &text);
	CHECK(!e);
	cleanup(err_free) struct err *f = json_read((struct str){ text.p, text.n }, "x", &a, &doc);
	CHECK(!f);
	size_t n = 0;
	while (try_one(doc, n, values[0].text, values[0].type))
		n++;
	CHECK(n > 300);
	for (size_t i = 1; i < ARRAY_LEN(values); i++)
		for (size_t chosen = 0; chosen < n; chosen++)
			CHECK(try_one(doc, chosen, values[i].text, values[i].type));
}
