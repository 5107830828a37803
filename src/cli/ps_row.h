/* ps_row.h - containers as `ps` lists them: which fit its filters, and what their rows say. */
#pragma once
#include "base/json_write.h"
#include "cli/filter.h"
#include "engine/find.h"

/* The keys of its --filter. */
#define PS_FILTERS "ancestor before exited health id label label! name network since status volume"

/* What the filters `before` and `since` name, found by the caller; NULL for none. */
struct ps_limits {
	const struct engine_container *before, *since;
};

/* The filters hold only values that can be; ERR_USAGE for others. */
[[nodiscard]] struct err *ps_check_filters(const struct filters *f);

/* True if @c fits all of them. */
bool ps_fits(const struct engine_container *c, const struct filters *f, const struct ps_limits *l,
	struct arena *a);

/* Writes the members of its row. With @whole nothing is abbreviated. */
void ps_row_write(struct json_writer *w, const struct engine_container *c, bool whole,
	struct moment now, struct arena *a);
