#include "cli/columns.h"
#include "base/arena.h"
#include "base/utf8.h"

enum { COLUMN_GAP = 3, COLUMN_MIN = 10 };

/* One line, and how wide the column is in which each of its cells stands. */
struct line {
	struct str text;
	size_t n; /* cells that a tab ends */
	size_t *widths;
	bool ended; /* by a line break */
};

static size_t characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += !utf8_continues(s.p[i]);
	return n;
}

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

/* The lines of @text, each cell with the width that it alone would want. */
static struct line *split(struct str text, size_t *n, struct arena *a)
{
	struct line *lines = anew(a, struct line, count(text, '\n') + 1);
	for (*n = 0; text.n; (*n)++) {
		struct line *l = &lines[*n];
		size_t before = text.n;
		l->text = str_cut(&text, '\n');
		l->ended = before > l->text.n;
		l->n = count(l->text, '\t');
		l->widths = anew(a, size_t, l->n);
		struct str rest = l->text;
		for (size_t i = 0; i < l->n; i++) {
			size_t width = characters(str_cut(&rest, '\t')) + COLUMN_GAP;
			l->widths[i] = width > COLUMN_MIN ? width : COLUMN_MIN;
		}
	}
	return lines;
}

/* Gives the cells of column @c the width of the widest, from line @from on as far as the column
 * reaches; returns the line behind. */
static size_t level(struct line *lines, size_t n, size_t from, size_t c)
{
	size_t end = from, width = 0;
	for (; end < n && lines[end].n > c; end++)
		width = lines[end].widths[c] > width ? lines[end].widths[c] : width;
	for (size_t i = from; i < end; i++)
		lines[i].widths[c] = width;
	return end > from ? end : from + 1;
}

static void show(const struct line *l, struct buf *out)
{
	struct str rest = l->text;
	for (size_t i = 0; i < l->n; i++) {
		struct str cell = str_cut(&rest, '\t');
		buf_put(out, cell.p, cell.n);
		buf_add(out, "%*s", (int)(l->widths[i] - characters(cell)), "");
	}
	buf_put(out, rest.p, rest.n);
	if (l->ended)
		buf_put(out, "\n", 1);
}

void columns_align(struct str text, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	size_t n, most = 0;
	struct line *lines = split(text, &n, &a);
	for (size_t i = 0; i < n; i++)
		most = lines[i].n > most ? lines[i].n : most;
	for (size_t c = 0; c < most; c++)
		for (size_t i = 0; i < n;)
			i = level(lines, n, i, c);
	for (size_t i = 0; i < n; i++)
		show(&lines[i], out);
}
