#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"
#include <openssl/sha.h>

_Static_assert(sizeof(struct sha256) >= sizeof(SHA256_CTX), "there is room for libcrypto's state");
_Static_assert(SHA256_BYTES == SHA256_DIGEST_LENGTH, "both mean SHA-256");

static SHA256_CTX *context(struct sha256 *s)
{
	return (SHA256_CTX *)(void *)s->state;
}

/* They can't fail: libcrypto returns 1 always. */
void sha256_init(struct sha256 *s)
{
	SHA256_Init(context(s));
}

void sha256_add(struct sha256 *s, const void *p, size_t n)
{
	SHA256_Update(context(s), p, n);
}

void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES])
{
	SHA256_Final(out, context(s));
}

void sha256_hex(const uint8_t digest[SHA256_BYTES], char out[2 * SHA256_BYTES + 1])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * SHA256_BYTES] = '\0';
}
