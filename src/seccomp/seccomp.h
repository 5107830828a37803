/*
 * seccomp.h - from a profile's words to a BPF program.
 *
 * Names of system calls are known to libseccomp and to a table of ours for what is newer
 * (abi.h); the program is written here (seccomp_gen.h), as a search tree over ranges of numbers
 * and not as a list, because the kernel runs it once for every system call number while it is
 * loaded. Numbers above the newest one that the profile names answer ENOSYS where the default
 * action would deny them, so that C libraries fall back to older calls.
 *
 * Programs are kept in a directory by the digest of what they were made from (seccomp_cache.h).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "seccomp/filter_profile.h"
#include <stdbool.h>

/*
 * Compiles @p, or reads it from @cache (a directory's path, made if it is not there; NULL for no
 * cache) where the same profile was compiled before. A cache that can't be used is passed over.
 * Unknown system call names are ignored; unknown actions, flags, operators and architectures are
 * errors that name the word and its place in the profile.
 */
[[nodiscard]] struct err *seccomp_compile(const struct seccomp_profile *p, const char *cache,
	struct arena *a, struct seccomp_program *out);

/* True if the kernel knows the SECCOMP_FILTER_FLAG_*. */
bool seccomp_kernel_has_flag(uint32_t flag);
