#include "base/test.h"
#include "cli/filter.h"

static struct filters read_filters(struct arena *a, const char *const *given, size_t n)
{
	struct text_list l = {};
	struct filters f = {};
	for (size_t i = 0; i < n; i++)
		text_list_add(&l, a, given[i]);
	cleanup(err_free) struct err *e =
		filters_read(&l, "id label label! name status until dangling", a, &f);
	CHECK(!e);
	return f;
}
#define FILTERS(a, ...)                                                                            \
	read_filters(a, (const char *const[]){ __VA_ARGS__ },                                      \
		ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

static struct text_pair pairs[] = { { "tier", "web" }, { "empty", "" } };
static const struct text_map labels = { pairs, ARRAY_LEN(pairs) };

TEST(filters_with_one_key_are_alternatives)
{
	cleanup(arena_done) struct arena a = {};
	struct filters f = FILTERS(&a, "Status = running", "status=paused", "id=01", "name=^w.b$");
	CHECK(filters_same(&f, "status", "running") && filters_same(&f, "status", "paused"));
	CHECK(!filters_same(&f, "status", "exited"));
	CHECK(filters_start(&f, "id", "0123") && !filters_start(&f, "id", "1012"));
	CHECK(filters_match(&f, "name", "web") && !filters_match(&f, "name", "web2"));
	CHECK(filters_same(&f, "label", "anything"));
	CHECK_TEXT(filters_first(&f, "status"), "running");
	CHECK(!filters_first(&f, "until"));
}

TEST(what_is_no_expression_is_looked_for_as_it_is)
{
	cleanup(arena_done) struct arena a = {};
	struct filters f = FILTERS(&a, "name=a[b");
	CHECK(filters_match(&f, "name", "xa[by") && !filters_match(&f, "name", "ab"));
}

TEST(labels_all_have_to_fit)
{
	cleanup(arena_done) struct arena a = {};
	static const struct {
		const char *filter;
		bool fits;
	} rows[] = {
		{ "label=tier", true },
		{ "label=tier=web", true },
		{ "label=tier=db", false },
		{ "label=none", false },
		{ "label=empty=", true },
		{ "label=tier=", false },
		{ "label!=tier", false },
		{ "label!=tier=db", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct filters f = FILTERS(&a, "label=empty", rows[i].filter);
		CHECK(filters_labels(&f, &labels) == rows[i].fits);
	}
}

TEST(unknown_and_malformed_filters_are_refused)
{
	static const char *const wrong[][2] = {
		{ "running", "bad format of filter (expected name=value)" },
		{ "colour=red", "invalid filter 'colour'" },
		{ "=x", "invalid filter ''" },
	};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf text = {};
		struct text_list l = {};
		struct filters f;
		text_list_add(&l, &a, wrong[i][0]);
		cleanup(err_free) struct err *e = filters_read(&l, "id label", &a, &f);
		CHECK(e && e->kind == ERR_USAGE);
		err_show(e, &text);
		CHECK(strstr(buf_text(&text), wrong[i][1]));
	}
}

TEST(filters_hold_truth_values)
{
	cleanup(arena_done) struct arena a = {};
	struct filters yes = FILTERS(&a, "dangling=1"), no = FILTERS(&a, "dangling=false"),
		       odd = FILTERS(&a, "dangling=maybe"), none = FILTERS(&a, "id=1");
	struct opt_bool v = {};
	CHECK(!filters_truth(&yes, "dangling", &v) && v.set && v.value);
	CHECK(!filters_truth(&no, "dangling", &v) && v.set && !v.value);
	CHECK(!filters_truth(&none, "dangling", &v) && !v.set);
	cleanup(err_free) struct err *e = filters_truth(&odd, "dangling", &v);
	CHECK_TEXT(e->text, "invalid filter 'dangling=maybe'");
}

TEST(filters_hold_moments)
{
	static const struct {
		const char *filter;
		struct moment want;
	} rows[] = {
		{ "until=1000", { 1000, 0 } },
		{ "until=1m30s", { 910, 200 } },
		{ "until=500ns", { 999, 999999700 } },
		{ "until=1970-01-01T00:01:00Z", { 60, 0 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		struct filters f = FILTERS(&a, rows[i].filter);
		struct moment m = {};
		bool set;
		cleanup(err_free) struct err *e =
			filters_moment(&f, "until", (struct moment){ 1000, 200 }, &m, &set);
		CHECK(!e && set && m.s == rows[i].want.s && m.ns == rows[i].want.ns);
	}
	cleanup(arena_done) struct arena a = {};
	struct filters f = FILTERS(&a, "until=tomorrow");
	struct moment m;
	bool set;
	cleanup(err_free) struct err *e = filters_moment(&f, "until", (struct moment){}, &m, &set);
	CHECK(e);
}
