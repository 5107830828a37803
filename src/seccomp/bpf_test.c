#include "base/test.h"
#include "seccomp/bpf.h"
#include "seccomp/bpf_sim.h"
#include <stddef.h>

/* Thousands of leaves: every jump is too far for its eight bits somewhere. */
static size_t tree(struct bpf *b, uint32_t from, uint32_t to)
{
	if (to - from == 1)
		return bpf_put(b, BPF_RET | BPF_K, from);
	uint32_t middle = from + (to - from) / 2;
	size_t upper = tree(b, middle, to);
	size_t lower = tree(b, from, middle);
	return bpf_jump(b, BPF_JGE, middle, upper, lower);
}

TEST(far_jumps_reach_what_they_mean)
{
	enum { LEAVES = 1500 };
	cleanup(arena_done) struct arena arena = {};
	struct bpf b = bpf_new(&arena);
	tree(&b, 0, LEAVES);
	bpf_put(&b, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	CHECK(!b.too_long);
	for (int i = 0; i < LEAVES; i++) {
		unsigned steps = 0;
		struct seccomp_data data = { .nr = i };
		CHECK(bpf_sim(bpf_program(&b), &data, &steps) == (uint32_t)i);
		CHECK(steps < 30);
	}
}

/* Both ways of one jump are far, so that each needs a bridge. */
TEST(both_ways_of_a_jump_can_be_far)
{
	cleanup(arena_done) struct arena arena = {};
	struct bpf b = bpf_new(&arena);
	size_t no = bpf_put(&b, BPF_RET | BPF_K, 7);
	size_t yes = bpf_put(&b, BPF_RET | BPF_K, 8);
	for (int i = 0; i < 254; i++)
		bpf_put(&b, BPF_RET | BPF_K, 9);
	bpf_jump(&b, BPF_JEQ, 1, yes, no);
	bpf_put(&b, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	CHECK(bpf_sim(bpf_program(&b), &(struct seccomp_data){ .nr = 1 }, NULL) == 8);
	CHECK(bpf_sim(bpf_program(&b), &(struct seccomp_data){ .nr = 2 }, NULL) == 7);
}

TEST(a_program_too_long_says_so)
{
	cleanup(arena_done) struct arena arena = {};
	struct bpf b = bpf_new(&arena);
	for (int i = 0; i < BPF_MAXINSNS; i++)
		bpf_put(&b, BPF_RET | BPF_K, 0);
	CHECK(!b.too_long);
	bpf_put(&b, BPF_RET | BPF_K, 0);
	CHECK(b.too_long);
}
