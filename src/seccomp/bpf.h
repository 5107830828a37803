/*
 * bpf.h - writes classic BPF programs, as seccomp(2) takes them, from their end to their start.
 *
 * What a jump leads to has then been written already, so every jump knows its distance, and a
 * distance beyond the 255 instructions of a conditional jump is bridged where it arises. A label is
 * the place of an instruction counted from the end; each function returns that of its own first
 * instruction. Source: Documentation/networking/filter, seccomp(2).
 */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

struct bpf {
	struct sock_filter *insns; /* room for BPF_MAXINSNS, filled from the end */
	size_t n;
	bool too_long; /* what did not fit was dropped */
};

/* An empty program; memory is the arena's. */
struct bpf bpf_new(struct arena *a);

/* Puts an instruction that does not jump in front: BPF_RET, BPF_LD, BPF_ALU. */
size_t bpf_put(struct bpf *b, uint16_t code, uint32_t k);

/* Puts a conditional jump in front: @test is BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET. */
size_t bpf_jump(struct bpf *b, uint16_t test, uint32_t k, size_t yes, size_t no);

/* The program; valid as long as the arena. */
struct bytes bpf_program(const struct bpf *b);
