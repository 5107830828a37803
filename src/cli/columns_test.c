#include "base/test.h"
#include "cli/columns.h"

static const struct row {
	const char *text, *aligned;
} rows[] = {
	{ "", "" },
	{ "one line\n", "one line\n" },
	{ "no break", "no break" },
	{ "ID\tNAME\nx\ty\n", "ID        NAME\nx         y\n" },
	{ "CONTAINER ID\tNAMES\n0123456789ab\tweb\n",
		"CONTAINER ID   NAMES\n0123456789ab   web\n" },
	{ "a\t\tc\n", "a                   c\n" },
	/* characters are counted, not bytes */
	{ "\xc3\xa4\xc3\xb6\xc3\xbc-seven-8\tx\n123456789\ty\n",
		"\xc3\xa4\xc3\xb6\xc3\xbc-seven-8   x\n123456789     y\n" },
	/* a column ends where a line has no such cell */
	{ "long long long\tx\nplain\nb\ty\n", "long long long   x\nplain\nb         y\n" },
	{ "a\tend\t\n", "a         end       \n" },
	{ "\n\na\tb\n", "\n\na         b\n" },
};

TEST(columns_are_aligned_like_dockers)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(buf_done) struct buf got = {};
		columns_align(str_of(rows[i].text), &got);
		CHECK_TEXT(buf_text(&got), rows[i].aligned);
	}
}
