#include "base/test.h"
#include "cli/format.h"

static const struct format_column columns[] = {
	{ "ID", "CONTAINER ID" },
	{ "Name", "NAMES" },
};
static const struct format list = { "table {{.ID}}\t{{.Name}}", "{{.ID}}", FORMAT(columns) };

static void add_row(struct format_rows *rows, const char *id, const char *name)
{
	struct json_writer *w = format_row(rows);
	json_text(w, "ID", id);
	json_text(w, "Name", name);
	json_open(w, "@Label", '{');
	json_text(w, "org.my-tier", name);
	json_close(w, '}');
}

static const struct sample {
	const char *format;
	bool quiet;
	const char *want;
} samples[] = {
	{ NULL, false, "CONTAINER ID   NAMES\n01             web\n02             db\n" },
	{ "", false, "CONTAINER ID   NAMES\n01             web\n02             db\n" },
	{ "table", false, "CONTAINER ID   NAMES\n01             web\n02             db\n" },
	{ "table {{.Name}}\\t{{.ID}}", false,
		"NAMES     CONTAINER ID\nweb       01\ndb        02\n" },
	{ "table {{upper .Name}}", false, "NAMES\nWEB\nDB\n" },
	{ "table {{.Label \"org.my-tier\"}}", false, "my tier\nweb\ndb\n" },
	{ "table {{json .ID}}", false, "CONTAINER ID\n\"01\"\n\"02\"\n" },
	{ "{{.ID}}\\n{{.Name}}", false, "01\nweb\n02\ndb\n" },
	{ "{{.Label \"org.my-tier\"}}", false, "web\ndb\n" },
	{ "json", false, "{\"ID\":\"01\",\"Name\":\"web\"}\n{\"ID\":\"02\",\"Name\":\"db\"}\n" },
	{ "{{json .}}", false,
		"{\"ID\":\"01\",\"Name\":\"web\"}\n{\"ID\":\"02\",\"Name\":\"db\"}\n" },
	{ NULL, true, "01\n02\n" },
	{ "{{.Name}}", true, "web\ndb\n" },
};

TEST(lists_print_in_every_form)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(format_rows_done) struct format_rows rows = { .arena = &a };
		cleanup(buf_done) struct buf out = {};
		add_row(&rows, "01", "web");
		add_row(&rows, "02", "db");
		cleanup(err_free) struct err *e =
			format_print(&list, &rows, samples[i].format, samples[i].quiet, &out);
		CHECK(!e);
		CHECK_TEXT(buf_text(&out), samples[i].want);
	}
}

TEST(a_list_of_nothing_has_its_headers)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = &a };
	cleanup(buf_done) struct buf out = {};
	cleanup(err_free) struct err *e = format_print(&list, &rows, NULL, false, &out);
	CHECK(!e);
	CHECK_TEXT(buf_text(&out), "CONTAINER ID   NAMES\n");
}

TEST(a_column_that_is_not_there_is_an_error)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = &a };
	cleanup(buf_done) struct buf out = {};
	add_row(&rows, "01", "web");
	cleanup(err_free) struct err *e = format_print(&list, &rows, "{{.Nope}}", false, &out);
	CHECK(e);
}

TEST(inspect_prints_a_list_with_four_blanks_a_level)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = &a };
	cleanup(buf_done) struct buf out = {};
	struct json_writer *w = format_row(&rows);
	json_text(w, "Id", "01");
	json_open(w, "None", '{');
	json_close(w, '}');
	json_open(w, "Args", '[');
	json_int(w, NULL, 1);
	json_bool(w, NULL, false);
	json_close(w, ']');
	json_text(w, "@Health", NULL);
	cleanup(err_free) struct err *e = format_inspect(&rows, NULL, &out);
	CHECK(!e);
	CHECK_TEXT(buf_text(&out),
		"[\n    {\n        \"Id\": \"01\",\n        \"None\": {},\n        \"Args\": [\n"
		"            1,\n            false\n        ]\n    }\n]\n");
}

TEST(inspect_takes_templates)
{
	static const struct sample rows_of[] = {
		{ "{{.Id}}{{if .Health}}sick{{end}}", false, "01\n" },
		{ "json", false, "{\"Id\":\"01\"}\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows_of); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(format_rows_done) struct format_rows rows = { .arena = &a };
		cleanup(buf_done) struct buf out = {};
		struct json_writer *w = format_row(&rows);
		json_text(w, "Id", "01");
		json_text(w, "@Health", NULL);
		cleanup(err_free) struct err *e = format_inspect(&rows, rows_of[i].format, &out);
		CHECK(!e);
		CHECK_TEXT(buf_text(&out), rows_of[i].want);
	}
}
