/*
 * seccomp.h - from a profile's words to a BPF program.
 *
 * The program comes from libseccomp, with two additions of ours: system calls that are newer than
 * the library are known by our own table, and numbers above the newest one known answer ENOSYS
 * instead of the default action, so that C libraries fall back. Compiling takes milliseconds;
 * compiled programs are kept in a directory by the digest of what they were made from.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/bytes.h"

struct seccomp_arg {
	uint32_t index;
	const char *op; /* "SCMP_CMP_MASKED_EQ" */
	uint64_t value, value_two;
};
struct seccomp_rule {
	struct text_list names;
	const char *action;
	struct opt_int errno_ret;
	const struct seccomp_arg *args;
	size_t n_args;
};
struct seccomp_profile {
	const char *default_action;
	struct opt_int default_errno_ret;
	struct text_list architectures; /* "SCMP_ARCH_X86_64"; none is the native one */
	struct text_list flags;         /* "SECCOMP_FILTER_FLAG_LOG" */
	const struct seccomp_rule *rules;
	size_t n_rules;
};

struct seccomp_program {
	struct bytes filter; /* of struct sock_filter, in the arena */
	uint32_t flags;      /* for seccomp(2): SECCOMP_FILTER_FLAG_* */
	bool notify;         /* some rule asks a listener */
};

/*
 * Compiles @p, or reads it from @cache (a directory's path, made if it is not there; NULL for no
 * cache) where the same profile was compiled before. Unknown system call names are ignored;
 * unknown actions, flags, operators and architectures are errors that name the word and its place.
 */
[[nodiscard]] struct err *seccomp_compile(const struct seccomp_profile *p, const char *cache,
	struct arena *a, struct seccomp_program *out);
