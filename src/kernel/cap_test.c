#include "base/test.h"
#include "kernel/cap.h"
#include "kernel/compat.h"

TEST(every_capability_has_its_place)
{
	CHECK(cap_words.n == 41);
	for (size_t i = 0; i < cap_words.n; i++)
		CHECK(cap_words.rows[i].value == i);
}

TEST(capabilities_are_written_in_many_ways)
{
	CHECK(cap_number("CAP_SYS_ADMIN") == CAP_SYS_ADMIN);
	CHECK(cap_number("sys_admin") == CAP_SYS_ADMIN);
	CHECK(cap_number("cap_chown") == 0 && cap_number("Chown") == 0);
	CHECK(cap_number("CAP_") == -1 && cap_number("") == -1 && cap_number("ALL") == -1);
	CHECK_TEXT(cap_name(40), "CAP_CHECKPOINT_RESTORE");
	CHECK(!cap_name(41) && !cap_name(-1));
}

TEST(a_set_is_shown_by_name)
{
	cleanup(buf_done) struct buf out = {};
	cap_show(1ull << CAP_CHOWN | 1ull << CAP_BPF | 1ull << 63, &out);
	buf_add(&out, ", ");
	cap_show(0, &out);
	CHECK_TEXT(buf_text(&out), "CAP_CHOWN CAP_BPF 63, none");
}
