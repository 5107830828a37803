/*
 * mutate.h - protections that can be switched off at build time, one at a time, to see the test of
 * each fail: tools/mutate, meson's -Dmutate=NAME. A usual build has MUTATE_NONE, and nothing of
 * this is in it.
 */
#pragma once
#include "config.h"
#include <stdbool.h>

enum mutation {
	MUTATE_NONE,
	MUTATE_SEALS, /* the child program's file can be written */
	MUTATE_SLOTS, /* descriptors of the host stay open at the gate */
	MUTATE_PROC,  /* /proc of the image may be a link */
	MUTATE_ROOT,  /* paths of the container are resolved as the host's */
	MUTATE_NAMES, /* a joined namespace of the host's is renamed */
	MUTATE_THAW,  /* the v1 freezer stays as it is when the container is killed */
};

/* False in every build but one that was made to break @m. */
static inline bool mutated(enum mutation m)
{
	return m == ONGGI_MUTATE;
}
