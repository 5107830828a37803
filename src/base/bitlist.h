/* bitlist.h - lists of small numbers as the kernel writes them, "0-3,7": processors and memory
 * nodes. */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/str.h"

/* The highest number that can be in a list: as many processors as Linux can be built for. */
enum { BITLIST_MAX = 8191 };

/* Reads @text into a bit mask in the arena, number 0 the lowest bit of the first long, and as many
 * longs as the highest number needs. Spaces and line ends are passed over; an empty list is an
 * empty mask. */
[[nodiscard]] struct err *bitlist_parse(struct str text, struct arena *a, struct bytes *out);
