/*
 * seccomp_spec.h - linux.seccomp of config.json as a filter.
 */
#pragma once
#include "seccomp/filter_profile.h"
#include "spec/spec.h"

/* The profile that @s describes, in the arena. Refuses what can't work: a rule that asks a
 * listener without a listenerPath, metadata for no listener. */
[[nodiscard]] struct err *seccomp_spec_profile(
	const struct spec_seccomp *s, struct arena *a, struct seccomp_profile *out);

/* The same, compiled; @cache as for seccomp_compile(). Messages begin with "linux.seccomp". Also
 * refuses flags that this kernel doesn't know. */
[[nodiscard]] struct err *seccomp_spec_compile(const struct spec_seccomp *s, const char *cache,
	struct arena *a, struct seccomp_program *out);
