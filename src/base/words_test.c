#include "base/test.h"
#include "base/words.h"

static const struct word rows[] = {
	{ "one", 1 },
	{ "two", 2 },
	{ "both", 3 },
	{ "eins", 1 },
};
static const struct words table = WORDS(rows);

TEST(words_are_found_by_name_and_by_value)
{
	CHECK(words_find(&table, STR("two"))->value == 2);
	CHECK(words_find(&table, STR("eins"))->value == 1);
	CHECK(!words_find(&table, STR("tw")) && !words_find(&table, STR("")));
	CHECK_TEXT(words_name(&table, 1), "one");
	CHECK(!words_name(&table, 4));
}

TEST(words_are_put_together_or_the_unknown_one_is_named)
{
	uint64_t bits = 99;
	struct text_list names = { (const char *[]){ "one", "both" }, 2 };
	CHECK(!words_or(&table, &names, "flag", &bits) && bits == 3);
	CHECK(!words_or(&table, &(struct text_list){}, "flag", &bits) && bits == 0);

	bits = 99;
	names = (struct text_list){ (const char *[]){ "one", "three" }, 2 };
	cleanup(err_free) struct err *e = words_or(&table, &names, "flag", &bits);
	CHECK_TEXT(e->text, "unknown flag 'three'");
	CHECK(bits == 99);
}

static void shown_as(uint64_t value, const char *want)
{
	cleanup(buf_done) struct buf out = {};
	words_show(&table, value, &out);
	CHECK_TEXT(buf_text(&out), want);
}

TEST(bits_are_shown_by_name_and_the_rest_as_a_number)
{
	shown_as(0, "0");
	shown_as(2, "two");
	shown_as(3, "one|two");
	shown_as(0x12, "two|0x10");
	shown_as(0x10, "0x10");
}
