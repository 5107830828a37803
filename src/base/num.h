/*
 * num.h - numbers as people and documents write them.
 *
 * Each function reads the whole text or refuses it with a message that quotes it: "'soon' is not a
 * whole number". Errors are of the kind ERR_USAGE; callers wrap them with the place.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

/* A decimal number: "-12". */
[[nodiscard]] struct err *num_parse(struct str text, int64_t *out);

/* A decimal number from @min to @max; another one is "out of range (0 to 65535)". */
[[nodiscard]] struct err *num_range(struct str text, int64_t min, int64_t max, int64_t *out);

/* A decimal number from 0 to 2^64-1. */
[[nodiscard]] struct err *num_u64(struct str text, uint64_t *out);

/* Bytes, in units of 1024: "512m", "1.5 GiB", "64kb", "100"; -1 is passed on. */
[[nodiscard]] struct err *num_size(struct str text, int64_t *out);

/* Nanoseconds: "1m30s", "1.5h", "500ms"; "0" needs no unit. */
[[nodiscard]] struct err *num_duration(struct str text, int64_t *out);

/* A truth value, in the twelve spellings of Go's flag library: "1", "t", "True", "FALSE". */
[[nodiscard]] struct err *num_truth(struct str text, bool *out);
