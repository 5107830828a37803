#include "base/utf8.h"
#include "base/attr.h"

/* What may begin a character: the bits that say so, how many bytes follow, and the smallest
 * character that needs that many (a longer spelling of a smaller one is not UTF-8). */
static const struct lead {
	unsigned char mask, bits, more;
	uint32_t least;
} leads[] = {
	{ 0x80, 0x00, 0, 0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

size_t utf8_length(const char *p)
{
	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		const struct lead *l = &leads[i];
		if (((unsigned char)*p & l->mask) != l->bits)
			continue;
		uint32_t c = (unsigned char)*p & (unsigned char)~l->mask;
		for (size_t k = 1; k <= l->more; k++) {
			if (!utf8_continues(p[k]))
				return 0;
			c = c << 6 | ((unsigned char)p[k] & 0x3f);
		}
		bool surrogate = c >= 0xd800 && c < 0xe000;
		return c >= l->least && c <= 0x10ffff && !surrogate ? l->more + 1u : 0;
	}
	return 0;
}

size_t utf8_put(char *to, uint32_t c)
{
	size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	to[0] = (char)(leads[more].bits | c >> (6 * more));
	for (size_t k = 1; k <= more; k++)
		to[k] = (char)(0x80 | (c >> (6 * (more - k)) & 0x3f));
	return more + 1;
}
