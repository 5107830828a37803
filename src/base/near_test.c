#include "base/near.h"
#include "base/test.h"

static const char *guess(const char *typed)
{
	static const char *const words[] = { "create", "start", "state", "kill", "delete", "exec" };
	struct near n = {};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		near_offer(&n, str_of(typed), words[i]);
	return n.best ? n.best : "-";
}

TEST(near_misses_are_recognised)
{
	CHECK_TEXT(guess("craete"), "create");
	CHECK_TEXT(guess("strat"), "start");
	CHECK_TEXT(guess("stat"), "start");
	CHECK_TEXT(guess("del"), "delete");
	CHECK_TEXT(guess("exce"), "exec");
}

TEST(far_misses_get_no_suggestion)
{
	CHECK_TEXT(guess("banana"), "-");
	CHECK_TEXT(guess("ls"), "-");
	CHECK_TEXT(guess(""), "-");
	CHECK_TEXT(guess("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		"-");
}
