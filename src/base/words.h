/*
 * words.h - tables from names to numbers and back: capabilities, signals, flags. One table serves
 * parsing, printing and what a program says it supports.
 */
#pragma once
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

struct word {
	const char *name;
	uint64_t value;
};

struct words {
	const struct word *rows;
	size_t n;
};
#define WORDS(table)                                                                               \
	{                                                                                          \
		(table), ARRAY_LEN(table)                                                          \
	}

/* The row called exactly @name, or NULL. */
const struct word *words_find(const struct words *w, struct str name);

/* The first name of @value, or NULL. */
const char *words_name(const struct words *w, uint64_t value);

/* Puts the values of all @names together, as bits. The error names the first that is not in the
 * table: "unknown <what> 'x'". */
[[nodiscard]] struct err *words_or(
	const struct words *w, const struct text_list *names, const char *what, uint64_t *out);

/* Appends the names of the bits in @value, "nosuid|nodev", and what is left as a number; "0" for
 * none. */
void words_show(const struct words *w, uint64_t value, struct buf *out);
