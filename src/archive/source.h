/*
 * source.h - a stream of bytes, decompressed on the way: as it is, gzip, zstd, xz or bzip2, told by
 * its first bytes.
 *
 * What it delivers is bounded: more than SOURCE_MODEST bytes of which each compressed one made more
 * than SOURCE_RATIO are a bomb and an error. zstd's window is limited to 128 MiB.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "image/digest.h"
#include <stdint.h>

enum { SOURCE_BLOCK = 128 << 10, SOURCE_RATIO = 200 };
#define SOURCE_MODEST (INT64_C(2) << 30)

enum source_form { SOURCE_PLAIN, SOURCE_GZIP, SOURCE_ZSTD, SOURCE_XZ, SOURCE_BZIP2, SOURCE_FORMS };

struct source;

/* Opens a stream over @fd (borrowed). Memory is the arena's; source_close() is needed besides. */
[[nodiscard]] struct err *source_open(int fd, struct arena *a, struct source **out);
void source_close(struct source **s);

/* How it is compressed. */
enum source_form source_form(const struct source *s);

/* The next bytes, valid until the next call; *@n is 0 at the end. */
[[nodiscard]] struct err *source_next(struct source *s, const void **p, size_t *n);

/* Reads to the end, and tells the digest of all that was delivered. */
[[nodiscard]] struct err *source_end(struct source *s, struct digest *out);
