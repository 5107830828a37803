/* The JSON reader takes what jansson takes, with the same content. */
#include "base/json.h"
#include "base/json_oracle.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct str text = { (const char *)data, n };
	const struct json *doc = NULL;
	cleanup(err_free) struct err *e = json_read(text, "fuzz", &a, &doc);
	HOLDS(!e == !!doc && json_oracle(text, doc) != DIFFERENT);
	return 0;
}
