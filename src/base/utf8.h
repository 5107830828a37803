/* utf8.h - characters of UTF-8 text: how long they are and how they are spelt (RFC 3629). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for a byte that continues a character and does not begin one. */
static inline bool utf8_continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The length of the character at @p in bytes; 0 if what is there is not one. Reads no further than
 * the first byte that does not belong to it, so NUL-terminated text is safe. */
size_t utf8_length(const char *p);

/* Writes @c, at most U+10FFFF, to @to and returns its length: one to four bytes. */
size_t utf8_put(char *to, uint32_t c);
