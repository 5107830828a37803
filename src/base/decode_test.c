#include "base/decode.h"
#include "base/encode.h"
#include "base/test.h"

struct part {
	const char *key, *name;
	int64_t bits;
};
struct inner {
	bool present;
	int64_t count;
	struct list parts, keyed; /* of struct part */
};
struct outer {
	bool yes;
	int64_t port, flat;
	const char *text;
	struct opt_bool maybe;
	struct opt_int limit;
	struct text_list words;
	struct int_list ids;
	struct text_map map;
	struct inner inner;
};

static const struct field part_fields[] = {
	{ "name", MEMBER(struct part, name), .required = true },
	{ "bits", FIELD_UINT64, offsetof(struct part, bits) },
};
static const struct schema part_schema = { SCHEMA(struct part, part_fields) };
static const struct schema keyed_schema = { SCHEMA(struct part, part_fields),
	.key_at = offsetof(struct part, key) };

static const struct field inner_fields[] = {
	{ "count", MEMBER(struct inner, count), .always = true },
	{ "parts", MEMBER(struct inner, parts), .of = &part_schema },
	{ "keyed", FIELD_MAP, offsetof(struct inner, keyed), .of = &keyed_schema },
};
static const struct schema inner_schema = { SCHEMA(struct inner, inner_fields), .present = true };

/* An object of the document whose member lies in the outer structure. */
static const struct field flat_fields[] = {
	{ "value", MEMBER(struct outer, flat) },
};
static const struct schema flat_schema = { SCHEMA(struct outer, flat_fields) };

static const struct field outer_fields[] = {
	{ "yes", MEMBER(struct outer, yes) },
	{ "port", MEMBER(struct outer, port), .min = 0, .max = 65535 },
	{ "flat", FIELD_OBJECT, 0, .of = &flat_schema },
	{ "text", MEMBER(struct outer, text) },
	{ "maybe", MEMBER(struct outer, maybe) },
	{ "limit", MEMBER(struct outer, limit), .min = -1, .max = INT64_MAX },
	{ "words", MEMBER(struct outer, words) },
	{ "ids", MEMBER(struct outer, ids), .min = 0, .max = UINT32_MAX },
	{ "map", MEMBER(struct outer, map) },
	{ "inner", MEMBER(struct outer, inner), .of = &inner_schema },
};
static const struct schema outer_schema = { SCHEMA(struct outer, outer_fields) };
static const struct schema strict_schema = { SCHEMA(struct outer, outer_fields), .strict = true };

static const char everything[] =
	"{\"yes\":true,\"port\":65535,\"flat\":{\"value\":5},\"text\":\"t\",\"maybe\":false,"
        "\"limit\":0,"
	"\"words\":[\"a\",\"\"],\"ids\":[0,4294967295],\"map\":{\"k\":\"v\",\"\":\"\"},"
	"\"inner\":{\"count\":0,\"parts\":[{\"name\":\"p\",\"bits\":18446744073709551615}],"
	"\"keyed\":{\"eth0\":{\"name\":\"e\"}}}}\n";

static struct err *fill(
	const char *text, const struct schema *s, struct outer *out, struct arena *a)
{
	return decode_text(str_of(text), "doc", s, out, a);
}

TEST(every_kind_is_decoded)
{
	cleanup(arena_done) struct arena a = {};
	struct outer o = {};
	cleanup(err_free) struct err *e = fill(everything, &outer_schema, &o, &a);
	CHECK(!e && o.yes && o.port == 65535 && o.flat == 5);
	CHECK_TEXT(o.text, "t");
	CHECK(o.maybe.set && !o.maybe.value && o.limit.set && o.limit.value == 0);
	CHECK(o.words.n == 2 && !o.words.items[2] && !*o.words.items[1]);
	CHECK(o.ids.n == 2 && o.ids.items[1] == UINT32_MAX);
	CHECK(o.map.n == 2 && strcmp(o.map.items[0].value, "v") == 0);
	const struct part *part = o.inner.parts.items, *keyed = o.inner.keyed.items;
	CHECK(o.inner.present && o.inner.parts.n == 1 && part->bits == -1);
	CHECK(o.inner.keyed.n == 1 && strcmp(keyed->key, "eth0") == 0 && keyed->bits == 0);
}

TEST(encoding_gives_the_document_back)
{
	cleanup(arena_done) struct arena a = {};
	struct outer o = {};
	cleanup(err_free) struct err *e = fill(everything, &outer_schema, &o, &a);
	CHECK(!e);
	cleanup(buf_done) struct buf out = {}, nothing = {};
	encode_text(&o, &outer_schema, JSON_COMPACT, &out);
	CHECK_TEXT(buf_text(&out), everything);
	encode_text(&(struct outer){}, &outer_schema, JSON_COMPACT, &nothing);
	CHECK_TEXT(buf_text(&nothing), "{}\n");
}

TEST(null_and_empty_text_say_nothing)
{
	cleanup(arena_done) struct arena a = {};
	struct outer o = {};
	cleanup(err_free) struct err *e =
		fill("{\"yes\":null,\"text\":\"\",\"inner\":null,\"limit\":"
		     "null,\"words\":null,\"port\":null}",
			&strict_schema, &o, &a);
	CHECK(!e && !o.text && !o.inner.present && !o.limit.set && !o.words.n);
	cleanup(err_free) struct err *empty =
		fill("{\"inner\":{\"parts\":[{\"name\":\"\"}]}}", &outer_schema, &o, &a);
	CHECK_TEXT(empty->cause->text, "inner.parts[0]: missing name");
}

TEST(of_members_with_one_key_the_last_counts)
{
	cleanup(arena_done) struct arena a = {};
	struct outer o = {};
	cleanup(err_free) struct err *e = fill(
		"{\"port\":1,\"words\":[\"a\"],\"port\":2,\"words\":[]}", &outer_schema, &o, &a);
	CHECK(!e && o.port == 2 && o.words.n == 0);
}

TEST(mistakes_are_located)
{
	static const struct {
		const char *text, *why;
	} samples[] = {
		{ "{\"yes\":1}", "yes: expected a boolean, found a number" },
		{ "{\"port\":\"80\"}", "port: expected a number, found text" },
		{ "{\"port\":65536}", "port: 65536 is out of range (0 to 65535)" },
		{ "{\"port\":8e1}", "port: '8e1' is not a whole number" },
		{ "{\"limit\":-2}", "limit: -2 is out of range (-1 to 9223372036854775807)" },
		{ "{\"text\":[]}", "text: expected text, found a list" },
		{ "{\"words\":{}}", "words: expected a list, found an object" },
		{ "{\"words\":[\"a\",null]}", "words[1]: expected text, found null" },
		{ "{\"ids\":[1,-1]}", "ids[1]: -1 is out of range (0 to 4294967295)" },
		{ "{\"map\":{\"a.b\":1}}", "map['a.b']: expected text, found a number" },
		{ "{\"flat\":{\"value\":true}}", "flat.value: expected a number, found a boolean" },
		{ "{\"inner\":{\"parts\":[{\"name\":\"a\"},{}]}}", "inner.parts[1]: missing name" },
		{ "{\"inner\":{\"keyed\":{\"eth0\":{\"name\":3}}}}",
			"inner.keyed.eth0.name: expected text, found a number" },
		{ "{\"inner\":{\"parts\":[{\"name\":\"a\",\"bits\":18446744073709551616}]}}",
			"inner.parts[0].bits: 18446744073709551616 is out of range "
			"(0 to 18446744073709551615)" },
		{ "[]", "expected an object, found a list" },
		{ "{\"colour\":1}", "colour: unknown field" },
	};
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		cleanup(arena_done) struct arena a = {};
		struct outer o = {};
		cleanup(err_free) struct err *e = fill(samples[i].text, &strict_schema, &o, &a);
		CHECK(e && e->kind == ERR_USAGE);
		CHECK_TEXT(e->text, "doc");
		CHECK_TEXT(e->cause->text, samples[i].why);
	}
	cleanup(arena_done) struct arena a = {};
	struct outer o = {};
	cleanup(err_free) struct err *e = fill("{\"colour\":1}", &outer_schema, &o, &a);
	CHECK(!e);
}
