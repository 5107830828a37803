#include "base/json.h"
#include "base/json_oracle.h"
#include "base/test.h"

TEST(a_document_becomes_a_tree)
{
	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	struct str text =
		STR(" {\"a\" : [1, -2.5e3, true, null], \"b\":{\"\":\"x\"},\"b\":\"last\"} ");
	cleanup(err_free) struct err *e = json_read(text, "x", &a, &doc);
	CHECK(!e && doc->type == JSON_OBJECT && doc->n == 3);
	const struct json *list = json_get(doc, "a");
	CHECK(list->type == JSON_LIST && list->n == 4);
	CHECK(str_eq(list->first->next->text, STR("-2.5e3")));
	CHECK(list->first->next->next->yes);
	CHECK_TEXT(json_get(doc, "b")->text.p, "last");
	CHECK(!json_get(doc, "c"));
}

TEST(escapes_become_characters)
{
	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	struct str text =
		STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t \\u0041\\u00e9\\u20AC\\ud83d\\ude00 \xc3\xa9\"");
	cleanup(err_free) struct err *e = json_read(text, "x", &a, &doc);
	CHECK(!e);
	CHECK_TEXT(doc->text.p, "\"\\/\b\f\n\r\t A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9");
}

/* Texts that exercise every branch of the reader, good and bad. */
static const char *const texts[] = { "{}", "[]", "0", "-0", "-1.5E+3", "1e5", "01", "-", "1.", ".5",
	"1.e3", "1e", "+1", "NaN", "tru", "true", "falsey", "null", "nul", "", " ", "\"\"", "\"",
	"\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
	"\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\uD834\\uDD1E\"", "\"\\u0000\"", "\"\x01\"",
	"\"a\nb\"", "\"\x7f\"", "\"\x80\"", "\"\xc0\x80\"", "\"\xc3\"", "\"\xc3\xa9\"",
	"\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"", "\"\xef\xbf\xbf\"", "\"\xf4\x8f\xbf\xbf\"",
	"\"\xf4\x90\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "[1,2]", "[1,]", "[,1]", "[1 2]", "[1",
	"[", "]", "{\"a\":1}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1 \"b\":2}",
	"{\"a\":1", "{", "}", "{,}", "{\"a\":1,\"a\":[2]}", "{\"\":1}", "{} {}", "1 2", "[[[[]]]]",
	"[{},[]]", "/* */ 1", "'a'", "\xef\xbb\xbf{}", "\t\r\n{\t\r\n}\t\r\n", "\v1", "[1e5,2E-7]",
	"123456789012345678901" };

TEST(what_is_json_is_what_jansson_takes)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		cleanup(arena_done) struct arena a = {};
		const struct json *doc = NULL;
		cleanup(err_free) struct err *e = json_read(str_of(texts[i]), "x", &a, &doc);
		if (json_oracle(str_of(texts[i]), doc) != SAME)
			test_failed(__FILE__, __LINE__, "%s: %s", texts[i], e ? e->text : "taken");
	}
}

static void refused(struct str text, const char *why)
{
	cleanup(arena_done) struct arena a = {};
	const struct json *doc = NULL;
	cleanup(err_free) struct err *e = json_read(text, "config.json", &a, &doc);
	CHECK(e && !doc && e->kind == ERR_USAGE);
	CHECK_TEXT(e->text, why);
}

TEST(mistakes_have_line_and_column)
{
	refused(STR("{\n  \"a\": 1\n  \"b\": 2\n}"), "config.json:3:3: expected ',' or '}'");
	refused(STR("[1, 2"), "config.json:1:6: the document ends where ',' or ']' should be");
	refused(STR("{\"a\": }"), "config.json:1:7: expected a value");
	refused(STR("{1: 2}"), "config.json:1:2: expected a key in quotes");
	refused(STR("{\"a\", 2}"), "config.json:1:5: expected ':'");
	refused(STR("{\"a\": 1,}"), "config.json:1:9: expected a key in quotes");
	refused(STR("[1,]"), "config.json:1:4: expected a value");
	refused(STR("[01]"), "config.json:1:4: expected a number as JSON spells it");
	refused(STR("[-]"), "config.json:1:3: expected a number as JSON spells it");
	refused(STR(""), "config.json:1:1: the document ends where a value should be");
	refused(STR("{}x"), "config.json:1:3: something follows the document");
	refused(STR("\"abc"), "config.json:1:5: the document ends inside text");
	refused(STR("\"a\0b\""), "config.json:1:3: a control character in text");
	refused(STR("\"a\\u0000\""), "config.json:1:4: text with a NUL character");
	refused(STR("\"\\q\""), "config.json:1:3: unknown escape");
	refused(STR("\"\\u00g0\""), "config.json:1:3: \\u wants four hexadecimal digits");
	refused(STR("\"\\ud800x\""), "config.json:1:3: half of a surrogate pair");
	/* Columns count characters, in the text as it was before escapes were resolved. */
	refused(STR("{\"\\n\xc3\xa9\\n\": \"\xff\"}"), "config.json:1:12: not UTF-8");
}

TEST(size_and_depth_are_limited)
{
	static char deep[2 * JSON_MAX_DEPTH + 3];
	memset(deep, '[', JSON_MAX_DEPTH);
	memset(deep + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	cleanup(err_free) struct err *fits = json_read(str_of(deep), "x", &a, &doc);
	CHECK(!fits);
	memset(deep, '[', sizeof(deep) - 1);
	refused(str_of(deep), "config.json:1:101: nested too deep");

	static char large[JSON_MAX_SIZE + 1];
	refused((struct str){ large, sizeof(large) }, "config.json: larger than 16 MiB");
}
