/*
 * op_table.h - what each kind of operation is, as data: its name, its side, its arguments.
 *
 * A row's arguments are the members of the kind's part of struct op, all of them, in their order.
 * Packing, printing and checking are loops over the rows:
 *
 *	const struct op_row *row = &op_table[op->kind];
 *	for (size_t i = 0; i < row->n_args; i++)
 *		show(row->args[i].name, op_text(op, &row->args[i]));
 */
#pragma once
#include "plan/plan.h"

/* How an argument is stored. The comment gives the C type of the member. */
enum arg_type {
	ARG_TEXT,  /* const char *, may be NULL */
	ARG_TEXTS, /* const char *const *, ends with NULL, may be NULL */
	ARG_BYTES, /* struct bytes */
	ARG_BOOL,  /* bool */
	ARG_CHAR,  /* char: a stage */
	ARG_INT,   /* a signed integer of any width */
	ARG_UINT,  /* an unsigned integer of any width */
	ARG_FLAGS, /* an integer that is a set of bits */
	ARG_SLOT,  /* int: a slot, or NO_SLOT */
	ARG_TYPES,
};

struct op_arg {
	const char *name; /* the member's name: "target" */
	enum arg_type type;
	uint16_t at;   /* offsetof() in struct op */
	uint16_t size; /* of the member */
};

struct op_row {
	const char *name; /* "mount" */
	enum op_side side;
	const struct op_arg *args; /* in the order of the structure */
	size_t n_args;
	size_t size; /* of the kind's part of struct op; 0 if it has no arguments */
};
extern const struct op_row op_table[OP_KINDS];

/* The value of an argument of the named type. */
const char *op_text(const struct op *op, const struct op_arg *arg);
const char *const *op_texts(const struct op *op, const struct op_arg *arg);
struct bytes op_bytes(const struct op *op, const struct op_arg *arg);
/* Any of the others as one number; unsigned 64-bit values keep their bits. */
int64_t op_number(const struct op *op, const struct op_arg *arg);
