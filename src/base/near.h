/* near.h - guesses what somebody meant who mistyped a word. */
#pragma once
#include "base/str.h"
#include <stddef.h>

/*
 * The best guess so far: start with a zeroed one, offer it every word there is, read `best`, which
 * stays NULL unless some word is near enough to be worth suggesting.
 */
struct near {
	const char *best;
	size_t distance;
};

/* Keeps @candidate if it is nearer to @typed than what was offered before. */
void near_offer(struct near *n, struct str typed, const char *candidate);
