#include "base/arena.h"
#include "base/list.h"
#include "base/test.h"

TEST(a_list_grows_and_stays_an_argument_vector)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list l = {};
	for (size_t i = 0; i < 100; i++) {
		text_list_add(&l, &a, arena_fmt(&a, "%zu", i));
		CHECK(l.n == i + 1 && !l.items[l.n]);
	}
	CHECK_TEXT(l.items[0], "0");
	CHECK_TEXT(l.items[63], "63");
	CHECK_TEXT(l.items[99], "99");
}
