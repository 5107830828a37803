/*
 * digest.h - content digests as text: "sha256:" and 64 hexadecimal digits in lower case.
 *
 * A digest names a file in the store, so nothing is called one before it has been checked. SHA-256
 * is the one algorithm the store takes.
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"

enum { DIGEST_HEX = 64, DIGEST_TEXT = 7 + DIGEST_HEX };

/* A digest, NUL-terminated. */
struct digest {
	char text[DIGEST_TEXT + 1];
};

/* Refuses what is not a digest that the store can keep. */
[[nodiscard]] struct err *digest_check(struct str text);

/* True for 1 to 64 digits in lower case: a digest's hexadecimal half, or the beginning of it. */
bool digest_is_hex(struct str text);

/* The 64 digits behind "sha256:"; @digest has been checked. */
static inline const char *digest_hex(const char *digest)
{
	return digest + 7;
}

/* Ends @s as a digest. */
void digest_end(struct sha256 *s, struct digest *out);

/* The digest of @data. */
void digest_of(struct bytes data, struct digest *out);

/* The id of a layer on top of others: @below is the id of those, NULL if there are none. */
void digest_chain(const char *below, const char *diff_id, struct digest *out);
