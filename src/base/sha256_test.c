#include "base/sha256.h"
#include "base/test.h"

static void digest_is(const char *text, size_t piece, const char *want)
{
	struct sha256 s;
	uint8_t digest[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];
	sha256_init(&s);
	for (size_t at = 0, n = strlen(text); at < n; at += piece)
		sha256_add(&s, text + at, n - at < piece ? n - at : piece);
	sha256_end(&s, digest);
	sha256_hex(digest, hex);
	CHECK_TEXT(hex, want);
}

/* Examples of FIPS 180-2. */
TEST(sha256_is_sha256)
{
	digest_is("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_is("abc", 9, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	for (size_t piece = 1; piece < 60; piece++)
		digest_is(two_blocks, piece,
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
