#include "plan/args.h"
#include "plan/explain.h"
#include "plan/handshake.h"
#include "plan/shell.h"
#include "plan/show.h"

/* The lines of @text, as a list. */
static void put_lines(struct json_writer *w, const char *key, const struct buf *text)
{
	cleanup(arena_done) struct arena a = {};
	struct str rest = { buf_text(text), text->n };
	json_open(w, key, '[');
	while (rest.n)
		json_text(w, NULL, arena_str(&a, str_cut(&rest, '\n')));
	json_close(w, ']');
}

static void put_turn(const struct explain_request *r, const struct turn *turn, size_t number,
	struct json_writer *w)
{
	const struct shell shell = { .plan = r->plan };
	const struct op *op = turn->op;
	cleanup(buf_done) struct buf title = {}, calls = {}, commands = {};
	show_title(op, r->plan, &title);
	op_calls(op, &calls);
	shell_show(&shell, op, &commands);

	json_open(w, NULL, '{');
	json_uint(w, "number", number);
	json_text(w, "side", turn->side == SIDE_PARENT ? "parent" : "child");
	json_text(w, "operation", op_name(op->kind));
	json_text(w, "title", buf_text(&title));
	json_text(w, "why", op->why);
	json_bool(w, "mayFail", op->may_fail);
	json_open(w, "arguments", '{');
	args_json(op, w);
	json_close(w, '}');
	put_lines(w, "calls", &calls);
	put_lines(w, "shell", &commands);
	json_close(w, '}');
}

void plan_json(const struct explain_request *r, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct turn *turns;
	size_t n = handshake_turns(r->plan, &a, &turns);
	struct json_writer w = { .out = out, .style = JSON_INDENTED };
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < n; i++)
		put_turn(r, &turns[i], i + 1, &w);
	json_close(&w, ']');
	buf_add(out, "\n");
}
