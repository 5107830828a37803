/*
 * filter_profile.h - what a seccomp filter is asked to do, in the words of config.json, and the
 * program that comes of it. Memory belongs to an arena.
 */
#pragma once
#include "base/bytes.h"
#include "base/list.h"
#include <stdbool.h>
#include <stdint.h>

struct seccomp_arg {
	uint32_t index;
	const char *op; /* "SCMP_CMP_MASKED_EQ" */
	uint64_t value, value_two;
};

/* What happens to some system calls. Of several rules for one call, a rule without arguments
 * decides; else the first one that fits. Arguments must all fit; but if one index is there twice,
 * any of them (as runc has it). */
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
	struct text_list architectures; /* "SCMP_ARCH_X86_64"; the native one is always included */
	struct text_list flags;         /* "SECCOMP_FILTER_FLAG_LOG" */
	const struct seccomp_rule *rules;
	size_t n_rules;
};

struct seccomp_program {
	struct bytes filter; /* of struct sock_filter, in the arena */
	uint32_t flags; /* for seccomp(2): SECCOMP_FILTER_FLAG_*, with NEW_LISTENER if notify */
	bool notify;    /* some rule asks a listener */
};
