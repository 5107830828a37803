/* cap.h - capability names and numbers. A set is a uint64_t with bit number CAP_x for each. */
#pragma once
#include "base/words.h"

/* "CAP_CHOWN" and its number; the row's place is the number. */
extern const struct words cap_words;

/* The number of a capability as people write it: with or without "CAP_", in any case; -1 if there
 * is none of that name. Documents have exact names: words_find(&cap_words, ...). */
int cap_number(const char *name);

/* "CAP_CHOWN"; NULL for a number without a name. */
const char *cap_name(int number);

/* Appends the names of a set, "CAP_CHOWN CAP_KILL", with unnamed ones as numbers; "none" for an
 * empty one. */
void cap_show(uint64_t set, struct buf *out);
