#include "base/test.h"
#include "cli/human.h"

static const struct row {
	int64_t n;
	const char *text;
} sizes[] = {
	{ 0, "0B" },
	{ 999, "999B" },
	{ 1000, "1kB" },
	{ 7805000, "7.8MB" },
	{ 77834567, "77.8MB" },
	{ 1234567890, "1.23GB" },
	{ INT64_MAX, "9.22EB" },
};

static const struct row sizes_1024[] = {
	{ 0, "0B" },
	{ 1023, "1023B" },
	{ 1536, "1.5KiB" },
	{ 2087354368, "1.944GiB" },
};

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const struct row spans[] = {
	{ -5, "Less than a second" },
	{ 0, "Less than a second" },
	{ 1, "1 second" },
	{ 59, "59 seconds" },
	{ 60, "About a minute" },
	{ 119, "About a minute" },
	{ 120, "2 minutes" },
	{ 59 * MINUTE + 59, "59 minutes" },
	{ HOUR, "About an hour" },
	{ 89 * MINUTE, "About an hour" },
	{ 90 * MINUTE, "2 hours" },
	{ 47 * HOUR, "47 hours" },
	{ 48 * HOUR, "2 days" },
	{ 13 * DAY, "13 days" },
	{ 14 * DAY, "2 weeks" },
	{ 59 * DAY, "8 weeks" },
	{ 60 * DAY, "2 months" },
	{ 729 * DAY, "24 months" },
	{ 730 * DAY, "2 years" },
	{ 1100 * (int64_t)DAY, "3 years" },
};

static void check_rows(const struct row *rows, size_t n, void (*show)(int64_t, struct buf *))
{
	for (size_t i = 0; i < n; i++) {
		cleanup(buf_done) struct buf got = {};
		show(rows[i].n, &got);
		CHECK_TEXT(buf_text(&got), rows[i].text);
	}
}

TEST(sizes_are_rounded_like_dockers)
{
	check_rows(sizes, ARRAY_LEN(sizes), human_size);
	check_rows(sizes_1024, ARRAY_LEN(sizes_1024), human_size_1024);
}

TEST(spans_of_time_are_told_in_one_unit)
{
	check_rows(spans, ARRAY_LEN(spans), human_span);
}

TEST(an_age_ends_in_ago)
{
	cleanup(buf_done) struct buf got = {};
	human_ago((struct moment){ 1000, 500 }, (struct moment){ 1180, 400 }, &got);
	CHECK_TEXT(buf_text(&got), "2 minutes ago");
}
