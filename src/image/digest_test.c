#include "base/test.h"
#include "image/digest.h"

TEST(digests_are_checked_before_they_name_anything)
{
	static const char *const bad[] = { "", "sha256:", "sha256:../../etc/passwd", "sha256:ab",
		"sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/",
		"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(err_free) struct err *e = digest_check(str_of(bad[i]));
		CHECK(e && e->kind == ERR_USAGE);
	}
	CHECK(!digest_check(
		STR("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")));
}

/* The second is what `printf '%s %s' A B | sha256sum` says. */
TEST(chain_ids_fold)
{
	struct digest empty, chain;
	digest_of((struct bytes){ "", 0 }, &empty);
	CHECK_TEXT(empty.text,
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_chain(NULL, empty.text, &chain);
	CHECK_TEXT(chain.text, empty.text);
	digest_chain(empty.text, empty.text, &chain);
	CHECK_TEXT(chain.text,
		"sha256:de9d9016b852e46e9f3973e20d3a6d17e120f7144931d50cd6e2a8ad53e81960");
}
