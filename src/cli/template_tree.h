/* template_tree.h - a template that has been read; for template_read.c and template_run.c. */
#pragma once
#include "base/json.h"
#include "base/list.h"

struct tpl_pipe;

/* What stands in a command: .a.b, $x.a, "text", 12, len, (...).a */
enum tpl_kind { TPL_DOT, TPL_VARIABLE, TPL_LITERAL, TPL_FUNCTION, TPL_GROUP };

struct tpl_operand {
	const struct tpl_operand *next;
	enum tpl_kind kind;
	const char *name;           /* TPL_VARIABLE: with its '$' */
	const struct json *literal; /* TPL_LITERAL; NULL is nil */
	const struct tpl_function *function;
	const struct tpl_pipe *group;
	struct text_list fields; /* taken from it, one after the other */
	struct str source;       /* as it is written, for messages */
	size_t line, column;     /* column from 0, as Go counts */
};

/* Operands; the first says what is done with the others. */
struct tpl_command {
	const struct tpl_command *next;
	const struct tpl_operand *first;
};

struct tpl_pipe {
	const char *variables[2]; /* $x := ..., and range's $i, $x := ...; NULL if there are none */
	bool assigns;             /* '=': changes variables that exist */
	const struct tpl_command *first;
};

enum tpl_node_kind { TPL_TEXT, TPL_ACTION, TPL_IF, TPL_RANGE, TPL_WITH };

struct tpl_node {
	const struct tpl_node *next;
	enum tpl_node_kind kind;
	struct str text;
	const struct tpl_pipe *pipe;
	const struct tpl_node *body, *otherwise;
};

struct template
{
	const struct tpl_node *first;
};

/* A function; operands come evaluated. */
struct tpl_function {
	const char *name;
	int min, max; /* how many operands; max -1: any number */
	/* and, or: evaluation stops at the first operand that is (or is not) true, which is the
	 * result */
	bool stops, stops_at;
	struct err *(*call)(
		const struct json *const *args, size_t n, struct arena *a, const struct json **out);
};

/* NULL if there is none of that name. */
const struct tpl_function *tpl_function_find(struct str name);

/* Values; all are trees. Null is JSON_NULL. */
const struct json *tpl_text(struct arena *a, struct str text);
const struct json *tpl_number(struct arena *a, int64_t n);
const struct json *tpl_bool(bool yes);
extern const struct json tpl_null;

/* What if and with think of it: empty, zero, false and null are not true. */
bool tpl_truth(const struct json *v);
/* Appends it as Go prints values: "text", "7", "[a b]", "map[k:v]". */
void tpl_print(const struct json *v, struct arena *a, struct buf *out);
/* The members of an object, sorted by key and without those for templates alone; *@n of them. */
const struct json **tpl_sorted(const struct json *object, struct arena *a, size_t *n);
/* Appends @format with its verbs %s %v %q %d %x %X %o %t %f %e %g and %%, their flags (- 0 + and
 * blank), width and precision. What does not fit comes out as Go prints it: "%!d(text)". */
void tpl_printf(
	struct str format, const struct json *const *v, size_t n, struct arena *a, struct buf *out);
