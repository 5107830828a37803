#include "base/json.h"
#include "base/json_write.h"
#include "base/test.h"

static void write_sample(struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_text(w, "id", "web");
	json_open(w, "pids", '[');
	json_int(w, NULL, -7);
	json_uint(w, NULL, UINT64_MAX);
	json_close(w, ']');
	json_open(w, "none", '{');
	json_close(w, '}');
	json_bool(w, "tty", false);
	json_text(w, "bundle", NULL);
	json_raw(w, "size", STR("1.50"));
	json_close(w, '}');
}

TEST(json_is_written_on_one_line_or_many)
{
	cleanup(buf_done) struct buf compact = {}, indented = {};
	write_sample(&(struct json_writer){ .out = &compact });
	write_sample(&(struct json_writer){ .out = &indented, .style = JSON_INDENTED });
	CHECK_TEXT(buf_text(&compact), "{\"id\":\"web\",\"pids\":[-7,18446744073709551615],"
				       "\"none\":{},\"tty\":false,\"bundle\":null,\"size\":1.50}");
	CHECK_TEXT(buf_text(&indented),
		"{\n\t\"id\": \"web\",\n\t\"pids\": [\n\t\t-7,\n"
		"\t\t18446744073709551615\n\t],\n\t\"none\": {},\n"
		"\t\"tty\": false,\n\t\"bundle\": null,\n\t\"size\": 1.50\n}");
}

TEST(text_is_quoted_so_that_it_can_be_read)
{
	static const char odd[] = "a\"b\\c\b\f\n\r\t\x01\x1f\x7f/\xc3\xa9\xf0\x9f\x98\x80";
	cleanup(buf_done) struct buf out = {};
	json_quote(&out, odd);
	CHECK_TEXT(buf_text(&out), "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/"
				   "\xc3\xa9\xf0\x9f\x98\x80\"");

	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	cleanup(err_free) struct err *e = json_read((struct str){ out.p, out.n }, "x", &a, &doc);
	CHECK(!e);
	CHECK_TEXT(doc->text.p, odd);
}

TEST(what_is_not_utf8_is_replaced)
{
	cleanup(buf_done) struct buf out = {};
	json_quote(&out, "a\xff\xc3(\xe2\x82");
	CHECK_TEXT(buf_text(&out), "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"");
}
