/* What `exec --process` reads. */
#include "fuzz.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_process process;
	cleanup(err_free) struct err *e =
		spec_parse_process((const char *)data, n, "fuzz", &a, &process);
	HOLDS(e || (process.present && process.cwd && process.user.uid != UINT32_MAX));
	return 0;
}
