#include "base/bitlist.h"
#include "base/test.h"

/* The mask as hexadecimal longs; "refused" for an error. */
static void check(const char *text, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct bytes mask = {};
	cleanup(buf_done) struct buf got = {};
	cleanup(err_free) struct err *e = bitlist_parse(str_of(text), &a, &mask);
	if (e)
		buf_add(&got, "refused");
	const unsigned long *words = mask.p;
	for (size_t i = 0; i < mask.n / sizeof(*words); i++)
		buf_add(&got, "%s%lx", i ? "," : "", words[i]);
	if (strcmp(buf_text(&got), want) != 0)
		test_failed(__FILE__, __LINE__, "'%s' gives %s", text, buf_text(&got));
}

TEST(lists_become_masks)
{
	check("", "");
	check(" \n", "");
	check("0", "1");
	check("0-3,7", "8f");
	check("7, 0-3\n", "8f");
	check("2,2,1-2", "6");
	check("63", "8000000000000000");
	check("64", "0,1");
	check("62-65", "c000000000000000,3");
	check("0,", "1");
}

TEST(what_is_no_list_is_refused)
{
	static const char *const bad[] = { "a", "-", "-1", "1-", "3-1", "1--2", "1-2-3", "0x1",
		"1;2", ",1", "1,,2", "8192", "0-8192", "99999999999999999999", "1 2", "1 -2" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check(bad[i], "refused");
	cleanup(arena_done) struct arena a = {};
	struct bytes mask;
	CHECK(!bitlist_parse(STR("8191"), &a, &mask) && mask.n == 1024);
}
