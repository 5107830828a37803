/*
 * seccomp_rules.h - a profile with its words understood: what seccomp_gen.h makes a program of.
 * All memory is the arena's.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/words.h"
#include "seccomp/abi.h"
#include "seccomp/filter_profile.h"

/* The words of profiles and their numbers: for `features` and for messages. */
extern const struct words seccomp_actions;   /* "SCMP_ACT_ERRNO": SECCOMP_RET_* */
extern const struct words seccomp_operators; /* "SCMP_CMP_MASKED_EQ" */
extern const struct words seccomp_flags;     /* "SECCOMP_FILTER_FLAG_LOG" */

/* One comparison of an argument. */
struct seccomp_cond {
	uint8_t arg;
	uint8_t test; /* BPF_JEQ, BPF_JGE or BPF_JGT */
	bool negated;
	uint64_t mask, value; /* the argument is masked first */
};

/* Comparisons that must all hold. */
struct seccomp_match {
	const struct seccomp_cond *conds;
	size_t n;
};

struct seccomp_case {
	struct text_list names;
	uint32_t action;                 /* SECCOMP_RET_*, with its data */
	const struct seccomp_match *any; /* one of these must hold; none: always */
	size_t n_any;
};

struct seccomp_rules {
	const struct abi *abis[ABIS]; /* those of the native kernel that are filtered */
	size_t n_abis;
	uint32_t default_action, flags;
	bool notify;
	bool answer_enosys; /* to numbers above the newest that is named */
	const struct seccomp_case *cases;
	size_t n_cases;
};

/* Understands @p for kernels that serve @native. */
[[nodiscard]] struct err *seccomp_rules_read(const struct seccomp_profile *p,
	const struct abi *native, struct arena *a, struct seccomp_rules *out);
