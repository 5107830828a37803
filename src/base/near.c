#include "base/near.h"
#include "base/attr.h"

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* How many letters must be inserted, removed, replaced, or swapped with their neighbour. */
static size_t distance(struct str a, struct str b)
{
	size_t d[LONGEST + 1][LONGEST + 1];
	for (size_t i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = a.p[i - 1] != b.p[j - 1];
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1, d[i][j]);
		}
	}
	return d[a.n][b.n];
}

void near_offer(struct near *n, struct str typed, const char *candidate)
{
	struct str word = str_of(candidate);
	if (!typed.n || typed.n > LONGEST || word.n > LONGEST)
		return;
	bool begins = word.n > typed.n && typed.n > 2 && memcmp(word.p, typed.p, typed.n) == 0;
	size_t d = begins ? 1 : distance(typed, word);
	if (d > 2 || d * 3 > typed.n + 1 || (n->best && d >= n->distance))
		return;
	*n = (struct near){ candidate, d };
}
