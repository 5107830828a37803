#include "child/text.h"

size_t text_len(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

bool text_starts(const char *text, const char *start)
{
	while (*start && *text == *start) {
		text++;
		start++;
	}
	return !*start;
}

bool text_same(const char *a, const char *b)
{
	return text_starts(a, b) && text_starts(b, a);
}

const char *text_base(const char *path)
{
	const char *base = path;
	for (const char *p = path; *p; p++)
		if (*p == '/')
			base = p + 1;
	return base;
}

void text_add_some(struct text *t, const char *from, size_t n)
{
	size_t fits = t->room - 1 - t->n;
	if (n > fits) {
		t->full = true;
		n = fits;
	}
	for (size_t i = 0; i < n; i++)
		t->p[t->n++] = from[i];
	t->p[t->n] = 0;
}

void text_add(struct text *t, const char *from)
{
	text_add_some(t, from, text_len(from));
}

void text_add_number(struct text *t, uint64_t number, unsigned int base)
{
	char digits[24];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + number % base);
		number /= base;
	} while (number);
	text_add_some(t, digits + at, sizeof(digits) - at);
}
