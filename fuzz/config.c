/* config.json: what is taken, written and taken again stays the same. */
#include "base/encode.h"
#include "base/log.h"
#include "fuzz.h"
#include "spec/spec.h"
#include "spec/spec_schema.h"

static bool round_trip(struct str text, struct arena *a, struct buf *out)
{
	struct spec spec;
	cleanup(err_free) struct err *e = spec_parse(text.p, text.n, "fuzz", a, &spec);
	if (!e)
		encode_text(&spec, &spec_schema, JSON_COMPACT, out);
	return !e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf once = {}, twice = {};
	log_to((struct log_sink){ .least = LEVELS });
	if (!round_trip((struct str){ (const char *)data, n }, &a, &once))
		return 0;
	HOLDS(round_trip((struct str){ once.p, once.n }, &a, &twice));
	HOLDS(str_eq((struct str){ once.p, once.n }, (struct str){ twice.p, twice.n }));
	return 0;
}
