/* Numbers, sizes, durations, truth values, times. */
#include "base/num.h"
#include "base/time.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	int64_t whole = 0, ranged = 0, size = 0, span;
	uint64_t big;
	bool yes;
	struct moment t, again;
	cleanup(err_free) struct err *a = num_parse(text, &whole);
	cleanup(err_free) struct err *b = num_range(text, -5, 65535, &ranged);
	cleanup(err_free) struct err *c = num_u64(text, &big);
	cleanup(err_free) struct err *d = num_size(text, &size);
	cleanup(err_free) struct err *e = num_duration(text, &span);
	cleanup(err_free) struct err *f = num_truth(text, &yes);
	cleanup(err_free) struct err *g = time_parse(text, &t);
	HOLDS(ranged >= -5 && ranged <= 65535 && size >= -1 && (b || (!a && whole == ranged)));
	cleanup(buf_done) struct buf out = {};
	if (!g)
		time_show(t, &out);
	cleanup(err_free) struct err *h =
		g ? NULL : time_parse((struct str){ out.p, out.n }, &again);
	HOLDS(g || (!h && again.s == t.s && again.ns == t.ns));
	return 0;
}
