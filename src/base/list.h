/* list.h - arrays with a length, as documents have them. Memory belongs to an arena. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Structures of one type, one after the other. */
struct list {
	void *items;
	size_t n;
};

/* Texts; items[n] is NULL, so that it can serve as an argument vector. */
struct text_list {
	const char **items;
	size_t n;
};

struct arena;
/* Appends @text, which has to live as long as the arena. The list grows in @a alone. */
void text_list_add(struct text_list *l, struct arena *a, const char *text);

/* Whole numbers. */
struct int_list {
	int64_t *items;
	size_t n;
};

/* The members of a JSON object that serves as a table from text to text, in document order. */
struct text_pair {
	const char *key, *value;
};
struct text_map {
	struct text_pair *items;
	size_t n;
};

/* A number that may be absent. */
struct opt_int {
	bool set;
	int64_t value;
};
/* A truth value that may be absent. */
struct opt_bool {
	bool set, value;
};

/* for (list_each(struct spec_mount, m, spec->mounts)) visits every item. */
#define list_each(type, it, list)                                                                  \
	type *it = (type *)(list).items;                                                           \
	it &&it < (type *)(list).items + (list).n;                                                 \
	it++
