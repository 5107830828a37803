/*
 * template.h - Go's templates over a JSON tree: what --format takes.
 *
 *	struct template *t;
 *	struct err *e = template_read(STR("{{.Name}}: {{len .Mounts}}"), &arena, &t);
 *	if (!e)
 *		e = template_run(t, tree, &(struct template_run){}, &arena, &out);
 *
 * Understood are fields, variables, literals, pipelines, parentheses, if, range, with, else and
 * else if, comments, trimming by {{- and -}}, and the functions of template_functions.c. A member
 * that is not there is an error, as it is with Docker's `inspect`.
 *
 * Members whose key begins with '@' are for templates alone: .Label finds "@Label" if there is no
 * "Label", but neither json nor printing shows it. An object called with a text,
 * {{.Label "a.b"}}, is looked up in.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

struct template;

/* Reads a template. Mistakes are ERR_USAGE: "template parsing error: template: :1: ...". @text has
 * to live as long as the arena. */
[[nodiscard]] struct err *template_read(
	struct str text, struct arena *a, const struct template **out);

/* How a template is run. */
struct template_run {
	/* The tree holds the headers of a table: functions leave their first operand as it is, and
	 * .Label "org.my-label" is "my label". */
	bool headers;
};

/* Appends what @t makes of @root. */
[[nodiscard]] struct err *template_run(const struct template *t, const struct json *root,
	const struct template_run *how, struct arena *a, struct buf *out);
