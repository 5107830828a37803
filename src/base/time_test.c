#include "base/test.h"
#include "base/time.h"
#include <time.h>

static const struct sample {
	const char *text;
	struct moment t;
} samples[] = {
	{ "1970-01-01T00:00:00Z", { 0, 0 } },
	{ "2025-11-29T12:01:02.345678901Z", { 1764417662, 345678901 } },
	{ "2000-02-29T23:59:59.5Z", { 951868799, 500000000 } },
	{ "1969-12-31T23:59:59.000000001Z", { -1, 1 } },
	{ "9999-12-31T23:59:59Z", { 253402300799, 0 } },
	{ "0000-01-01T00:00:00Z", { -62167219200, 0 } },
};

TEST(moments_are_written_and_read_back)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		cleanup(buf_done) struct buf out = {};
		time_show(samples[i].t, &out);
		CHECK_TEXT(buf_text(&out), samples[i].text);
		struct moment t;
		cleanup(err_free) struct err *e = time_parse(str_of(samples[i].text), &t);
		CHECK(!e && t.s == samples[i].t.s && t.ns == samples[i].t.ns);
	}
}

TEST(offsets_are_taken_off)
{
	struct moment t;
	cleanup(err_free) struct err *e = time_parse(STR("2025-11-29T14:01:02.25+02:00"), &t);
	CHECK(!e && t.s == 1764417662 && t.ns == 250000000);
	cleanup(err_free) struct err *west = time_parse(STR("2025-11-29T06:31:02-05:30"), &t);
	CHECK(!west && t.s == 1764417662 && t.ns == 0);
	cleanup(err_free) struct err *fine = time_parse(STR("1970-01-01T00:00:00.1234567899Z"), &t);
	CHECK(!fine && t.ns == 123456789);
}

TEST(what_is_no_moment_is_refused)
{
	static const char *const bad[] = { "", "2025-11-29", "2025-11-29 12:01:02Z",
		"2025-11-29T12:01:02", "2025-13-29T12:01:02Z", "2025-02-30T12:01:02Z",
		"2025-11-29T24:00:00Z", "2025-11-29T12:01:02.Z", "2025-11-29T12:01:02Zx",
		"2025-11-29T12:01:02+2:00", "2025-11-29T12:01:02.5", "25-11-29T12:01:02Z",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct moment t;
		cleanup(err_free) struct err *e = time_parse(str_of(bad[i]), &t);
		if (!e || e->kind != ERR_USAGE)
			test_failed(__FILE__, __LINE__, "'%s' was taken", bad[i]);
	}
}

TEST(steady_time_grows)
{
	int64_t before = time_steady();
	CHECK(time_steady() >= before && time_now().s > 1700000000);
}

TEST(days_are_those_of_the_calendar)
{
	enum { STEP = 61 * 86400 + 3661 };
	for (int64_t s = -62167219200; s < 253402300799; s += STEP) {
		cleanup(buf_done) struct buf out = {};
		struct tm tm;
		time_t t = s;
		char want[64];
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "-%m-%dT%H:%M:%SZ", &tm);
		time_show((struct moment){ s }, &out);
		CHECK_TEXT(buf_text(&out) + 4, want);
		CHECK(atoi(buf_text(&out)) == tm.tm_year + 1900);
	}
}
