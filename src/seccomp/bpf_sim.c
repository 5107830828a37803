#include "seccomp/bpf_sim.h"
#include "base/test.h"
#include <linux/filter.h>
#include <string.h>

static uint32_t load(const struct seccomp_data *data, uint32_t at)
{
	uint32_t word;
	CHECK(at % sizeof(word) == 0 && at <= sizeof(*data) - sizeof(word));
	memcpy(&word, (const char *)data + at, sizeof(word));
	return word;
}

static bool holds(uint16_t test, uint32_t a, uint32_t k)
{
	switch (test) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGE:
		return a >= k;
	case BPF_JGT:
		return a > k;
	case BPF_JSET:
		return a & k;
	default:
		test_failed(__FILE__, __LINE__, "unexpected test %#x", test);
	}
}

static uint32_t jump(const struct sock_filter *in, uint32_t a)
{
	if (BPF_OP(in->code) == BPF_JA)
		return in->k;
	return holds(BPF_OP(in->code), a, in->k) ? in->jt : in->jf;
}

uint32_t bpf_sim(struct bytes program, const struct seccomp_data *data, unsigned *steps)
{
	const struct sock_filter *insns = program.p;
	uint32_t a = 0;
	for (size_t at = 0; at < program.n / sizeof(*insns); at++) {
		const struct sock_filter *in = &insns[at];
		if (steps)
			++*steps;
		if (in->code == (BPF_RET | BPF_K))
			return in->k;
		else if (in->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load(data, in->k);
		else if (in->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= in->k;
		else if (BPF_CLASS(in->code) == BPF_JMP)
			at += jump(in, a);
		else
			test_failed(__FILE__, __LINE__, "unexpected instruction %#x", in->code);
	}
	test_failed(__FILE__, __LINE__, "the program runs off its end");
}
