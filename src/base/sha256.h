/*
 * sha256.h - SHA-256 of bytes that come in pieces, by libcrypto, which uses the processor's own
 * instructions for it.
 *
 * These are its old functions: the new interface (EVP) brings four megabytes of it into a static
 * program, these some twenty kilobytes.
 */
#pragma once
#include "base/bytes.h"
#include <stdint.h>

enum { SHA256_BYTES = 32 };

struct sha256 {
	uint64_t state[16]; /* opaque */
};

/* Begins a digest. */
void sha256_init(struct sha256 *s);
/* Adds to it. */
void sha256_add(struct sha256 *s, const void *p, size_t n);
/* Ends it. */
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

/* The digest as 64 hexadecimal digits and NUL. */
void sha256_hex(const uint8_t digest[SHA256_BYTES], char out[2 * SHA256_BYTES + 1]);
