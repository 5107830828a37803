/* What `update --resources` reads. */
#include "fuzz.h"
#include "runtime/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_resources resources;
	cleanup(err_free) struct err *e =
		spec_parse_resources((const char *)data, n, "fuzz", &a, &resources);
	HOLDS(e || resources.present);
	return 0;
}
