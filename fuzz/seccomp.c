/* linux.seccomp: what comes out is a program that the kernel's checker takes. */
#include "base/decode.h"
#include "fuzz.h"
#include "spec/seccomp_spec.h"
#include "spec/spec_schema.h"
#include <linux/filter.h>

/* Jumps stay inside, and go forward by their nature; the last instruction returns. */
static void check(const struct sock_filter *in, size_t n)
{
	HOLDS(n && n <= BPF_MAXINSNS && BPF_CLASS(in[n - 1].code) == BPF_RET);
	for (size_t i = 0; i < n; i++)
		if (BPF_CLASS(in[i].code) == BPF_JMP)
			HOLDS(BPF_OP(in[i].code) == BPF_JA
					? in[i].k < n - i - 1
					: in[i].jt < n - i - 1 && in[i].jf < n - i - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct str text = { (const char *)data, n };
	struct spec_seccomp s = {};
	struct seccomp_program p = {};
	cleanup(err_free) struct err *e = decode_text(text, "fuzz", &spec_seccomp_schema, &s, &a);
	cleanup(err_free) struct err *f = e ? NULL : seccomp_spec_compile(&s, NULL, &a, &p);
	if (!e && !f)
		check(p.filter.p, p.filter.n / sizeof(struct sock_filter));
	return 0;
}
