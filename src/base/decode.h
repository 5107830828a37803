/*
 * decode.h - from JSON to C structures, by description.
 *
 * A schema lists the members of a structure: key, kind, offset. One decoder serves every format
 * onggi reads and reports the exact place of a mistake:
 *
 *	process.rlimits[1].soft: expected a number, found text
 *
 * and one encoder (encode.h) walks the same tables in the other direction.
 *
 * null is the same as a member that is not there, and so is empty text: both leave the member as it
 * was (zero). That is how the programs that write these documents mean it.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/list.h"

/* How a JSON value is stored. The comment gives the C type of the member. */
enum field_kind {
	FIELD_BOOL,     /* bool */
	FIELD_INT,      /* int64_t, from field.min to field.max */
	FIELD_UINT64,   /* int64_t that holds the bits of a uint64_t: up to 2^64-1 */
	FIELD_TEXT,     /* const char *, NUL-terminated; NULL if empty */
	FIELD_OPT_BOOL, /* struct opt_bool */
	FIELD_OPT_INT,  /* struct opt_int, from field.min to field.max */
	FIELD_TEXTS,    /* struct text_list */
	FIELD_INTS,     /* struct int_list, each from field.min to field.max */
	FIELD_TEXT_MAP, /* struct text_map: an object of texts */
	FIELD_OBJECT,   /* struct, nested in place, described by field.of */
	FIELD_LIST,     /* struct list, of structures described by field.of */
	FIELD_MAP,      /* struct list: an object of objects, whose keys go to schema.key_at */
	FIELD_KINDS,
};

struct field {
	const char *key;
	enum field_kind kind;
	unsigned at;      /* offsetof() the member */
	int64_t min, max; /* for numbers; both 0: whatever fits into 64 bits with a sign */
	bool required;    /* without it the document is refused */
	bool always;      /* encode() writes it even when it is zero */
	const struct schema *of;
};

struct schema {
	size_t size;
	const struct field *fields;
	size_t n;
	bool strict;   /* refuse unknown keys; the OCI formats demand that they be ignored */
	bool present;  /* the structure begins with a bool that says whether the document has it */
	size_t key_at; /* for FIELD_MAP: offsetof() the const char * that takes the key */
};

#define SCHEMA(type, table) .size = sizeof(type), .fields = (table), .n = ARRAY_LEN(table)

/* The kind and the offset of a row, both from the member, so that a row cannot disagree with it.
 * FIELD_UINT64 and FIELD_MAP look like other kinds in C and are written out. */
#define MEMBER(type, member) KIND_OF(((type *)0)->member), offsetof(type, member)
#define KIND_OF(lvalue)                                                                            \
	_Generic(lvalue,                                                                           \
		bool: FIELD_BOOL,                                                                  \
		int64_t: FIELD_INT,                                                                \
		const char *: FIELD_TEXT,                                                          \
		struct opt_bool: FIELD_OPT_BOOL,                                                   \
		struct opt_int: FIELD_OPT_INT,                                                     \
		struct text_list: FIELD_TEXTS,                                                     \
		struct int_list: FIELD_INTS,                                                       \
		struct text_map: FIELD_TEXT_MAP,                                                   \
		struct list: FIELD_LIST,                                                           \
		default: FIELD_OBJECT)

/* Fills @out, which is zeroed and described by @s. Lists go to @a; texts stay where @doc has them.
 * After an error @out is half filled and of no use. */
[[nodiscard]] struct err *decode(
	const struct json *doc, const struct schema *s, void *out, struct arena *a);

/* json_read() and decode(): @name, which is how messages call the document, comes first in each. */
[[nodiscard]] struct err *decode_text(
	struct str text, const char *name, const struct schema *s, void *out, struct arena *a);
