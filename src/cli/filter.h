/*
 * filter.h - --filter of list and prune commands: "status=running", "label=tier=web".
 *
 * Of several filters with the same key one has to fit, of different keys all; labels all have to
 * fit. That is Docker's rule.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/time.h"

struct filters {
	struct text_pair *items; /* in the order in which they were given */
	size_t n;
};

/* Reads what was given. @keys are the known ones, separated by blanks: "id label name". */
[[nodiscard]] struct err *filters_read(
	const struct text_list *given, const char *keys, struct arena *a, struct filters *out);

/* The value of the first with that key, or NULL. */
const char *filters_first(const struct filters *f, const char *key);

/* All of these are true if there is no filter with that key. */

/* One of the values is @value. */
bool filters_same(const struct filters *f, const char *key, const char *value);
/* @value begins with one of the values. */
bool filters_start(const struct filters *f, const char *key, const char *value);
/* One of the values, a regular expression, is found in @value. */
bool filters_match(const struct filters *f, const char *key, const char *value);
/* The labels have each "key" and "key=value" that `label` names, and lack one that `label!` does.
 */
bool filters_labels(const struct filters *f, const struct text_map *labels);

/* A truth value with that key, *@set if there is one. */
[[nodiscard]] struct err *filters_truth(
	const struct filters *f, const char *key, struct opt_bool *out);

/* The moment of `until` or `since`: RFC 3339, seconds since 1970, or how long ago ("1h30m"). *@set
 * is false if there is none. */
[[nodiscard]] struct err *filters_moment(
	const struct filters *f, const char *key, struct moment now, struct moment *out, bool *set);
