/* json_oracle.h - what jansson makes of a document, for tests and the fuzzer only. */
#pragma once
#include "base/json.h"

enum verdict {
	SAME,      /* both accept the text, with the same content; or both refuse it */
	DIFFERENT, /* one accepts it, or the content differs */
	NO_OPINION /* beyond jansson: deep nesting, NUL bytes, numbers that no double holds */
};

/* Compares json_read()'s answer (@doc, NULL if it refused) with jansson's. */
enum verdict json_oracle(struct str text, const struct json *doc);
