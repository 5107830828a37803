#include "cli/human.h"
#include <inttypes.h>

struct unit_row {
	const char *const *names;
	size_t n;
	double step;
	int digits;
};

static void show_size(int64_t bytes, const struct unit_row *row, struct buf *out)
{
	double size = (double)bytes;
	size_t unit = 0;
	for (; size >= row->step && unit + 1 < row->n; unit++)
		size /= row->step;
	buf_add(out, "%.*g%s", row->digits, size, row->names[unit]);
}

void human_size(int64_t bytes, struct buf *out)
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	show_size(bytes, &(struct unit_row){ names, ARRAY_LEN(names), 1000, 3 }, out);
}

void human_size_1024(int64_t bytes, struct buf *out)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	show_size(bytes, &(struct unit_row){ names, ARRAY_LEN(names), 1024, 4 }, out);
}

/* Up to which number of @per seconds a unit is used, and how. A span just above one unit has words
 * of its own. */
static const struct span {
	int64_t below; /* seconds */
	int64_t per;
	const char *one, *many;
} spans[] = {
	{ 1, 1, "Less than a second", NULL },
	{ 60, 1, "1 second", "seconds" },
	{ 3600, 60, "About a minute", "minutes" },
	{ 48 * 3600 - 1800, 3600, "About an hour", "hours" },
	{ 14 * 86400 - 1800, 86400, NULL, "days" },
	{ 60 * 86400 - 1800, 7 * 86400, NULL, "weeks" },
	{ 730 * 86400 - 1800, 30 * 86400, NULL, "months" },
	{ INT64_MAX, 365 * 86400, NULL, "years" },
};

void human_span(int64_t seconds, struct buf *out)
{
	const struct span *s = spans;
	while (seconds >= s->below && s->below != INT64_MAX)
		s++;
	/* hours are rounded, and days and more are counted in rounded hours; years are cut off */
	bool rounded = s->per >= 3600 && s->below != INT64_MAX;
	int64_t n = (rounded ? (seconds + 1800) / 3600 * 3600 : seconds) / s->per;
	if (!s->many || (n == 1 && s->one))
		buf_add(out, "%s", s->one);
	else
		buf_add(out, "%" PRId64 " %s", n, s->many);
}

void human_ago(struct moment then, struct moment now, struct buf *out)
{
	human_span(now.s - then.s - (now.ns < then.ns), out);
	buf_add(out, " ago");
}
