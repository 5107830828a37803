/* text.h - the little that executors do with text, without a C library. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length without the NUL. */
size_t text_len(const char *text);
/* Whether the first strlen(@start) bytes of @text are @start. */
bool text_starts(const char *text, const char *start);
/* Whether both are the same. */
bool text_same(const char *a, const char *b);
/* What follows the last slash; the whole text if there is none. */
const char *text_base(const char *path);

/* Text of limited size that is written from the left; always ends with NUL. */
struct text {
	char *p;
	size_t room, n;
	bool full; /* something did not fit */
};
/* An empty text in the array @array. */
#define TEXT_IN(array)                                                                             \
	{                                                                                          \
		.p = (array), .room = sizeof(array)                                                \
	}
/* Appends the first @n bytes of @from, or as many as fit. */
void text_add_some(struct text *t, const char *from, size_t n);
/* Appends @from, or what of it fits. */
void text_add(struct text *t, const char *from);
/* Appends a number in @base, 8 or 10. */
void text_add_number(struct text *t, uint64_t number, unsigned int base);
