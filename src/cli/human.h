/* human.h - sizes and spans of time as Docker's commands print them: people and scripts read both.
 */
#pragma once
#include "base/buf.h"
#include "base/time.h"
#include <stdint.h>

/* Appends @bytes in units of 1000 with three digits: "7.81MB", "0B". */
void human_size(int64_t bytes, struct buf *out);

/* Appends @bytes in units of 1024 with four digits: "1.944GiB". */
void human_size_1024(int64_t bytes, struct buf *out);

/* Appends how long @seconds are: "Less than a second", "About an hour", "3 weeks". */
void human_span(int64_t seconds, struct buf *out);

/* Appends how long ago @then was at @now: "3 minutes ago". */
void human_ago(struct moment then, struct moment now, struct buf *out);
