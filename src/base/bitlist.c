#include "base/bitlist.h"
#include "base/attr.h"
#include <limits.h>

enum { LONG_BITS = sizeof(unsigned long) * CHAR_BIT };

struct mask {
	unsigned long words[(BITLIST_MAX + 1) / LONG_BITS];
	size_t used;
};

static void set_bit(struct mask *m, size_t bit)
{
	m->words[bit / LONG_BITS] |= 1UL << bit % LONG_BITS;
	if (bit / LONG_BITS >= m->used)
		m->used = bit / LONG_BITS + 1;
}

/* Takes a number that is not over BITLIST_MAX off the front. */
static bool cut_number(struct str *s, size_t *out)
{
	size_t n = 0, value = 0;
	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9' && value <= BITLIST_MAX; n++)
		value = value * 10 + (size_t)(s->p[n] - '0');
	if (n == 0 || value > BITLIST_MAX)
		return false;
	*s = (struct str){ s->p + n, s->n - n };
	*out = value;
	return true;
}

static struct str trim(struct str s)
{
	while (s.n && strchr(" \t\n", s.p[0]))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && strchr(" \t\n", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* "3" or "0-3". */
static bool add_range(struct mask *m, struct str range)
{
	size_t first, last;
	if (!cut_number(&range, &first))
		return false;
	last = first;
	if (range.n && range.p[0] == '-') {
		range = (struct str){ range.p + 1, range.n - 1 };
		if (!cut_number(&range, &last))
			return false;
	}
	for (size_t bit = first; bit <= last; bit++)
		set_bit(m, bit);
	return !range.n && first <= last;
}

struct err *bitlist_parse(struct str text, struct arena *a, struct bytes *out)
{
	struct mask m = {};
	for (struct str rest = trim(text); rest.n;) {
		struct str range = trim(str_cut(&rest, ','));
		if (!add_range(&m, range))
			return err_new(
				ERR_USAGE, "'" STR_FMT "' is not a list like 0-3,7", STR_ARG(text));
	}
	unsigned long *words = anew(a, unsigned long, m.used);
	memcpy(words, m.words, m.used * sizeof(*words));
	*out = (struct bytes){ words, m.used * sizeof(*words) };
	return NULL;
}
