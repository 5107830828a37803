#include "plan/explain.h"
#include "plan/handshake.h"
#include "plan/shell.h"
#include "plan/show.h"

/* What a line is about stands to the left: a number and a side, "kernel", "shell". */
enum { COLUMNS = 100, LEFT = 14, INDENT = 4 };

/* How the lines of a kind are broken when they are long. */
struct layout {
	const char *quotes; /* between two of the same nothing is broken */
	const char *joint;  /* ends a line that goes on */
};
static const struct layout as_prose = { "", "" };
static const struct layout as_calls = { "\"", "" };
static const struct layout as_commands = { "\"'", "\\" };

/* Whether a line may end behind this blank: what a call returns stays with its end, ") = place". */
static bool ends_here(struct str line, size_t blank)
{
	bool before = blank > 0 && line.p[blank - 1] == '=';
	return !before && blank + 1 < line.n && line.p[blank + 1] != '=';
}

/* The length of the first part of @line if it is to fit into @room: up to behind a blank, or else
 * behind one of many flags, or else whatever is one word. */
static size_t part_of(struct str line, size_t room, const char *quotes)
{
	size_t blank = 0, flag = 0;
	char quote = 0;
	if (line.n <= room)
		return line.n;
	for (size_t i = 0; i < line.n && (i < room || !(blank + flag)); i++) {
		char c = line.p[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (strchr(quotes, c))
			quote = c;
		else if (c == ' ' && ends_here(line, i))
			blank = i + 1;
		else if (c == '|')
			flag = i + 1;
		i += quote == '"' && c == '\\'; /* what follows is no end */
	}
	return blank ? blank : flag ? flag : line.n;
}

/* A line. What does not fit goes on below. */
static void add_line(
	const char *left, struct str line, const struct layout *layout, struct buf *out)
{
	for (size_t indent = 0; line.n; indent = INDENT) {
		size_t room = COLUMNS - LEFT - indent - strlen(layout->joint);
		struct str part = { line.p, part_of(line, room, layout->quotes) };
		line = (struct str){ line.p + part.n, line.n - part.n };
		part.n -= line.n && part.p[part.n - 1] == ' ' && !*layout->joint;
		buf_add(out, "%-*s%*s" STR_FMT "%s\n", LEFT, left, (int)indent, "", STR_ARG(part),
			line.n ? layout->joint : "");
		left = "";
	}
}

static void add_lines(
	const char *left, const struct buf *text, const struct layout *layout, struct buf *out)
{
	for (struct str rest = { buf_text(text), text->n }; rest.n; left = "")
		add_line(left, str_cut(&rest, '\n'), layout, out);
}

static void add_turn(
	const struct explain_request *r, const struct turn *turn, size_t number, struct buf *out)
{
	const struct shell shell = { .plan = r->plan };
	cleanup(buf_done) struct buf left = {}, head = {}, calls = {}, commands = {};
	buf_add(&left, "%4zu  %s", number, turn->side == SIDE_PARENT ? "parent" : "child");
	buf_add(&head, "%s: ", turn->op->why);
	show_title(turn->op, r->plan, &head);
	if (turn->op->may_fail)
		buf_add(&head, " (may fail)");
	op_calls(turn->op, &calls);
	shell_show(&shell, turn->op, &commands);

	buf_add(out, "\n");
	add_lines(buf_text(&left), &head, &as_prose, out);
	add_lines("      kernel", &calls, &as_calls, out);
	add_lines("      shell", &commands, &as_commands, out);
}

void plan_text(const struct explain_request *r, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct turn *turns;
	size_t n = handshake_turns(r->plan, &a, &turns);
	buf_add(out,
		"How %s is made, in %zu operations. The parent is the runtime, the child becomes "
		"the\n"
		"container's process; they are told in an order in which they can meet.\n",
		r->id, n);
	for (size_t i = 0; i < n; i++)
		add_turn(r, &turns[i], i + 1, out);
	for (size_t i = 0; i < r->plan->warnings.n; i++)
		buf_add(out, "\nwarning: %s\n", r->plan->warnings.items[i]);
}
