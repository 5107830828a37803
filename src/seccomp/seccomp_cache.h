/*
 * seccomp_cache.h - compiled programs, kept by the digest of what they were made from.
 *
 * The key covers everything a program depends on: every word of the profile, the native interface,
 * the library's version, and ours. An entry is believed only if it and its directory belong to us
 * and nobody else can write there, and if it has the key it is named by and the digest it was
 * written with; else it is as if it weren't there, and the next store replaces it. A process that
 * may not write there does without.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "seccomp/abi.h"
#include "seccomp/filter_profile.h"

struct seccomp_key {
	uint8_t digest[SHA256_BYTES];
};

/* The key of @p on kernels that serve @native. */
struct seccomp_key seccomp_cache_key(const struct seccomp_profile *p, const struct abi *native);

/* True if there was a sound entry in @dir; the program's memory is the arena's. */
bool seccomp_cache_load(const char *dir, const struct seccomp_key *key, struct arena *a,
	struct seccomp_program *out);

/* Keeps @p in @dir, which is made if it is not there. */
[[nodiscard]] struct err *seccomp_cache_store(
	const char *dir, const struct seccomp_key *key, const struct seccomp_program *p);
