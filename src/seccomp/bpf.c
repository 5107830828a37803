#include "seccomp/bpf.h"

struct bpf bpf_new(struct arena *a)
{
	return (struct bpf){ .insns = anew(a, struct sock_filter, BPF_MAXINSNS) };
}

static size_t put(struct bpf *b, struct sock_filter insn)
{
	if (b->n == BPF_MAXINSNS)
		b->too_long = true;
	else
		b->insns[BPF_MAXINSNS - ++b->n] = insn;
	return b->n;
}

size_t bpf_put(struct bpf *b, uint16_t code, uint32_t k)
{
	return put(b, (struct sock_filter){ .code = code, .k = k });
}

/* A label near enough for a jump that will be put next, or next but one: @to itself, or an
 * unconditional jump to it. */
static size_t near(struct bpf *b, size_t to)
{
	size_t distance = b->n - to;
	return distance < UINT8_MAX ? to : bpf_put(b, BPF_JMP | BPF_JA, (uint32_t)distance);
}

size_t bpf_jump(struct bpf *b, uint16_t test, uint32_t k, size_t yes, size_t no)
{
	yes = near(b, yes);
	no = near(b, no);
	return put(b, (struct sock_filter){
			      .code = (uint16_t)(BPF_JMP | BPF_K | test),
			      .jt = (uint8_t)(b->n - yes),
			      .jf = (uint8_t)(b->n - no),
			      .k = k,
		      });
}

struct bytes bpf_program(const struct bpf *b)
{
	return (struct bytes){ b->insns + BPF_MAXINSNS - b->n, b->n * sizeof(*b->insns) };
}
