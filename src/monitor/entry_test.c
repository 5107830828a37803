#include "base/json.h"
#include "base/test.h"
#include "monitor/entry.h"

static const char *show(entry_form *form, struct str text, bool whole, const char *attrs)
{
	static struct buf out;
	struct entry e = { "stdout", STR("2025-11-29T12:01:02Z"), text, whole };
	buf_done(&out);
	form(&e, attrs, &out);
	return out.p;
}

#define HEAD "{\"log\":\""
#define TAIL "\",\"stream\":\"stdout\",\"time\":\"2025-11-29T12:01:02Z\"}\n"

TEST(entries_of_json_file)
{
	CHECK_TEXT(show(entry_json, STR("hello"), true, NULL), HEAD "hello\\n" TAIL);
	CHECK_TEXT(show(entry_json, STR("hel"), false, NULL), HEAD "hel" TAIL);
	CHECK_TEXT(show(entry_json, STR(""), true, NULL), HEAD "\\n" TAIL);
	CHECK_TEXT(show(entry_json, STR("a\0\x1b[1m\t\r\"\\\x7f"), false, NULL),
		HEAD "a\\u0000\\u001b[1m\\t\\r\\\"\\\\\x7f" TAIL);
	CHECK_TEXT(show(entry_json, STR("\xed\x95\x9c <&>"), false, NULL),
		HEAD "\xed\x95\x9c <&>" TAIL);
	/* Half a character, a surrogate, a byte that begins nothing. */
	CHECK_TEXT(show(entry_json, STR("x\xed\x95"), false, NULL),
		HEAD "x\xef\xbf\xbd\xef\xbf\xbd" TAIL);
	CHECK_TEXT(show(entry_json, STR("\xff|"), false, NULL), HEAD "\xef\xbf\xbd|" TAIL);
	CHECK_TEXT(show(entry_json, STR("x"), true, "{\"tag\":\"web\"}"),
		"{\"log\":\"x\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"web\"},"
		"\"time\":\"2025-11-29T12:01:02Z\"}\n");
}

/* The character goes on behind the text: no byte of that may be looked at as if it were ours. */
TEST(an_entry_ends_where_its_text_ends)
{
	CHECK_TEXT(show(entry_json, (struct str){ "\xed\x95\x9c", 2 }, false, NULL),
		HEAD "\xef\xbf\xbd\xef\xbf\xbd" TAIL);
}

TEST(any_bytes_make_one_line_of_json)
{
	char all[512];
	for (int i = 0; i < 512; i++)
		all[i] = (char)(i < 256 ? i : 767 - i);
	const char *line = show(entry_json, (struct str){ all + 1, 511 }, true, NULL);
	CHECK(strchr(line, '\n') == line + strlen(line) - 1);
	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	/* Text with U+0000 is refused by our reader: it is in the middle here. */
	const char *nul = show(entry_json, (struct str){ all + 1, 255 }, true, NULL);
	CHECK(!json_read(str_of(nul), "entry", &a, &doc) && json_get(doc, "log"));
}

TEST(entries_of_k8s_file)
{
	CHECK_TEXT(
		show(entry_k8s, STR("hello"), true, NULL), "2025-11-29T12:01:02Z stdout F hello\n");
	CHECK_TEXT(show(entry_k8s, STR("\x80\"\t"), false, NULL),
		"2025-11-29T12:01:02Z stdout P \x80\"\t\n");
}

static void check_back(entry_form *form, entry_parser *parse, struct str text, bool whole)
{
	cleanup(buf_done) struct buf line = {}, room = {};
	struct entry e = { "stderr", STR("2025-11-29T12:01:02Z"), text, whole };
	struct entry_read got;
	form(&e, NULL, &line);
	CHECK(parse((struct str){ line.p, line.n - 1 }, &room, &got));
	CHECK(str_eq(got.text, text) && got.whole == whole && got.errors);
	CHECK(str_eq(got.time, e.time));
}

TEST(entries_are_read_back)
{
	static const struct str texts[] = { STR(""), STR("x"), STR("a\"b\\c"),
		STR("\t\r\b\f\x01\0\x7f"), STR("\xed\x95\x9c\xf0\x9f\x8d\xaf"),
		STR("\",\"stream\":\"stdout\",\"time\":\"1"), STR("2025 stdout F x") };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		for (int whole = 0; whole < 2; whole++) {
			check_back(entry_json, entry_parse_json, texts[i], whole);
			check_back(entry_k8s, entry_parse_k8s, texts[i], whole);
		}
}

TEST(entries_of_other_writers_are_read)
{
	cleanup(buf_done) struct buf room = {};
	struct entry_read got;
	CHECK(entry_parse_json(STR("{\"log\":\"\\u003ca\\u003e\\ud83c\\udf6f\\ud83c\\/"
				   "\\n\",\"stream\":\"stdout\",\"attrs\":"
				   "{\"a\":\"b\"},\"time\":\"2025-11-29T12:01:02.5Z\"}"),
		&room, &got));
	CHECK(str_eq(got.text, STR("<a>\xf0\x9f\x8d\xaf\xef\xbf\xbd/")) && !got.errors);
	CHECK(str_eq(got.time, STR("2025-11-29T12:01:02.5Z")));
}
