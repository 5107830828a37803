/*
 * seccomp_gen.h - writes the BPF program of a set of rules.
 *
 * For each interface the space of numbers is cut into ranges with one answer each, and the program
 * finds the range by binary search: what a common profile needs some 1000 instructions for as a
 * list of comparisons takes about 300, and a call passes about ten of them.
 */
#pragma once
#include "base/bytes.h"
#include "seccomp/seccomp_rules.h"

/* The program for @rules, of struct sock_filter; an error if it is longer than the kernel takes. */
[[nodiscard]] struct err *seccomp_gen(
	const struct seccomp_rules *rules, struct arena *a, struct bytes *out);
