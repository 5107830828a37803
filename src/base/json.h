/*
 * json.h - JSON text as a tree: read-only, in an arena.
 *
 * The tree and all of its text live in the arena given to json_read(); texts and keys are
 * NUL-terminated, so a member of a structure can point at them without a copy. Numbers keep their
 * spelling, because documents hold both -1 and 18446744073709551615 and only the reader of a member
 * knows which of the two fits.
 *
 * Strict JSON (RFC 8259) in UTF-8, limited in size and depth. Of members with the same key all
 * stay in the tree and the last one counts, which is what the clients' own encoder expects. Text
 * with U+0000 is refused: nothing that we hand to the kernel can hold it.
 *
 * Why not a library: this is on the path of every launch. jansson takes 0.22 ms for a client's
 * config.json of 15 KB (0.32 ms the first time, with some 4000 allocations), where a whole launch
 * takes about one; this takes a tenth of that. The unit tests and the fuzzer hold the two side by
 * side: what one accepts the other accepts, with the same content.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT, JSON_TYPES };

struct json {
	const struct json *next; /* the neighbour in the same list or object */
	struct str key;          /* if this is a member of an object */
	enum json_type type;
	bool yes; /* JSON_BOOL */
	union {
		struct str text; /* JSON_TEXT; JSON_NUMBER: its spelling, not NUL-terminated */
		struct {         /* JSON_LIST and JSON_OBJECT: what they hold, in order */
			const struct json *first;
			size_t n;
		};
	};
};

/* A larger document, or one that nests deeper, is refused. */
enum { JSON_MAX_SIZE = 16 << 20, JSON_MAX_DEPTH = 100 };

/*
 * Reads a whole document. @text is not kept; @name is how messages call it:
 *
 *	config.json:3:14: expected ',' or '}'
 *
 * with line and column (in characters) from 1.
 */
[[nodiscard]] struct err *json_read(
	struct str text, const char *name, struct arena *a, const struct json **out);

/* The member of @object with that key (the last, if there are several); NULL if there is none,
 * or if @object is not an object. */
const struct json *json_get(const struct json *object, const char *key);

/* "text", "a number", "an object": for messages. */
const char *json_type_name(enum json_type type);
