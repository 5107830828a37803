#include "base/num.h"
#include "base/test.h"

static const struct sample {
	const char *text;
	int64_t value; /* or BAD */
} sizes[] = {
	{ "0", 0 },
	{ "100", 100 },
	{ "100b", 100 },
	{ "1k", 1024 },
	{ "512m", 512 << 20 },
	{ "512MB", 512 << 20 },
	{ "1.5GiB", 1536LL << 20 },
	{ "2 g", 2LL << 30 },
	{ ".5k", 512 },
	{ "1t", 1LL << 40 },
	{ "-1", -1 },
};

static const char *const not_sizes[] = { "", "m", "-5m", "5x", "5kbb", "5bb", "5kii", "1..5m",
	"9999999999999999999", "99999999p", "5 m " };

static const struct sample durations[] = {
	{ "0", 0 },
	{ "5s", 5000000000 },
	{ "1m30s", 90000000000 },
	{ "1.5h", 5400000000000 },
	{ "500ms", 500000000 },
	{ "7us", 7000 },
	{ "7\302\265s", 7000 },
};

static const char *const not_durations[] = { "", "5", "s", "5x", "5s3", "-5s", "999999999h" };

TEST(sizes_are_read_in_units_of_1024)
{
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int64_t n = 77;
		cleanup(err_free) struct err *e = num_size(str_of(sizes[i].text), &n);
		if (e || n != sizes[i].value)
			test_failed(
				__FILE__, __LINE__, "%s gave %lld", sizes[i].text, (long long)n);
	}
}

TEST(what_is_no_size_is_refused)
{
	for (size_t i = 0; i < ARRAY_LEN(not_sizes); i++) {
		int64_t n = 77;
		cleanup(err_free) struct err *e = num_size(str_of(not_sizes[i]), &n);
		if (!e || n != 77 || e->kind != ERR_USAGE)
			test_failed(__FILE__, __LINE__, "'%s' was taken", not_sizes[i]);
	}
}

TEST(durations_are_read_in_nanoseconds)
{
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		int64_t n = 77;
		cleanup(err_free) struct err *e = num_duration(str_of(durations[i].text), &n);
		if (e || n != durations[i].value)
			test_failed(__FILE__, __LINE__, "%s gave %lld", durations[i].text,
				(long long)n);
	}
	for (size_t i = 0; i < ARRAY_LEN(not_durations); i++) {
		int64_t n = 77;
		cleanup(err_free) struct err *e = num_duration(str_of(not_durations[i]), &n);
		if (!e || n != 77)
			test_failed(__FILE__, __LINE__, "'%s' was taken", not_durations[i]);
	}
}

TEST(whole_numbers_keep_their_range)
{
	int64_t n;
	cleanup(err_free) struct err *fits = num_parse(STR("-9223372036854775807"), &n);
	CHECK(!fits && n == -INT64_MAX);
	cleanup(err_free) struct err *large = num_parse(STR("9223372036854775808"), &n);
	CHECK_TEXT(large->text, "'9223372036854775808' is too large");
	cleanup(err_free) struct err *word = num_parse(STR("12x"), &n);
	CHECK_TEXT(word->text, "'12x' is not a whole number");
	cleanup(err_free) struct err *none = num_parse(STR("-"), &n);
	CHECK_TEXT(none->text, "'-' is not a whole number");
}

TEST(ranges_are_kept)
{
	static const struct {
		const char *text, *error;
		int64_t min, max, value;
	} samples[] = {
		{ "0", NULL, 0, 65535, 0 },
		{ "65535", NULL, 0, 65535, 65535 },
		{ "65536", "65536 is out of range (0 to 65535)", 0, 65535, 0 },
		{ "-1", "-1 is out of range (0 to 65535)", 0, 65535, 0 },
		{ "-9223372036854775808", NULL, INT64_MIN, INT64_MAX, INT64_MIN },
		{ "9223372036854775807", NULL, INT64_MIN, INT64_MAX, INT64_MAX },
		{ "99999999999999999999", "99999999999999999999 is out of range (-5 to 5)", -5, 5,
			0 },
		{ "1.5", "'1.5' is not a whole number", 0, 9, 0 },
		{ "", "'' is not a whole number", 0, 9, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		int64_t n = 0;
		cleanup(err_free) struct err *e =
			num_range(str_of(samples[i].text), samples[i].min, samples[i].max, &n);
		CHECK_TEXT(e ? e->text : "", samples[i].error ? samples[i].error : "");
		CHECK(n == samples[i].value);
	}
}

TEST(sixty_four_bits_are_read_whole)
{
	uint64_t n;
	cleanup(err_free) struct err *most = num_u64(STR("18446744073709551615"), &n);
	CHECK(!most && n == UINT64_MAX);
	cleanup(err_free) struct err *more = num_u64(STR("18446744073709551616"), &n);
	CHECK_TEXT(more->text, "18446744073709551616 is out of range (0 to 18446744073709551615)");
	cleanup(err_free) struct err *less = num_u64(STR("-1"), &n);
	CHECK_TEXT(less->text, "-1 is out of range (0 to 18446744073709551615)");
}

TEST(truth_is_spelt_as_in_go)
{
	bool yes = false, no = true;
	cleanup(err_free) struct err *a = num_truth(STR("True"), &yes);
	cleanup(err_free) struct err *b = num_truth(STR("0"), &no);
	CHECK(!a && !b && yes && !no);
	cleanup(err_free) struct err *c = num_truth(STR("yes"), &yes);
	CHECK_TEXT(c->text, "'yes' is not true or false");
}
