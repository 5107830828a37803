/* time.h - moments as text (RFC 3339), and clocks. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

/* A moment: seconds since 1970 in UTC, and nanoseconds from 0 to 999999999. */
struct moment {
	int64_t s;
	int32_t ns;
};

/* The wall clock. */
struct moment time_now(void);

/* Nanoseconds that only grow: for measuring, and for deadlines. */
int64_t time_steady(void);

/* Appends "2025-11-29T12:01:02.345678901Z"; zeros at the end of the fraction, and a fraction of
 * nothing, are left out. Years from 0 to 9999. */
void time_show(struct moment t, struct buf *out);

/* Reads what time_show() writes, and offsets such as +02:00. */
[[nodiscard]] struct err *time_parse(struct str text, struct moment *out);
