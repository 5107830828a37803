/*
 * encode.h - from C structures to JSON, by the schema that also reads them (decode.h).
 *
 * What is not set is left out: false, 0, NULL, an empty list, an object with nothing in it; unless
 * its row says `required` or `always`. So what decode() read comes out as it was, but for order,
 * spelling, unknown members and members that said nothing.
 */
#pragma once
#include "base/decode.h"
#include "base/json_write.h"

/* Writes the structure at @from as an object, under @key if it goes into another. */
void encode(const void *from, const struct schema *s, const char *key, struct json_writer *w);

/* Appends a whole document and a line break. */
void encode_text(const void *from, const struct schema *s, enum json_style style, struct buf *out);
