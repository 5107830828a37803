/* usage_files.h - the shapes of files that control groups count in; serves usage_v1 and usage_v2.
 */
#pragma once
#include "runtime/usage.h"

/* What reading a group's files needs; the first error stays, and what follows does nothing. */
struct usage_reader {
	const char *dir; /* of the controller; NULL: nothing is read */
	struct arena *arena;
	struct err *error;
};

/* The content of @file, in the arena; NULL if there is no such file. */
const char *usage_text(struct usage_reader *r, const char *file);

/* A number; "max" is UINT64_MAX, no file 0. */
uint64_t usage_number(struct usage_reader *r, const char *file);

/* Lines of a name and a number. */
struct list usage_counters(struct usage_reader *r, const char *file); /* of usage_counter */
uint64_t usage_counter(const struct list *counters, const char *name);

/* Numbers and ranges: "0-2,7"; or numbers between blanks. */
struct int_list usage_numbers(struct usage_reader *r, const char *file);

/* A *.pressure file. */
struct usage_pressure usage_pressure(struct usage_reader *r, const char *file);

/* A list that grows. */
#define USAGE_ADD(list, type, arena, ...)                                                          \
	(*(type *)usage_grow(&(list), sizeof(type), (arena)) = (type)__VA_ARGS__)
/* What USAGE_ADD calls: room for one more. */
void *usage_grow(struct list *l, size_t size, struct arena *a);

/* The page sizes that hugetlb counts in @dir: names of files "hugetlb.<size>.<suffix>". */
struct text_list usage_page_sizes(struct usage_reader *r, const char *suffix);

/* The two ways; each fills what its files count. */
void usage_read_v1(const struct cgroup *c, struct usage_reader *r, struct usage *out);
void usage_read_v2(struct usage_reader *r, struct usage *out);
/* What a v2 hierarchy counts also where v1 has the main controllers: pressure, huge pages. */
void usage_read_v2_extras(struct usage_reader *r, struct usage *out);
