#include "base/test.h"
#include "plan/handshake.h"

#define PLAN(ops) (&(const struct plan){ (ops), ARRAY_LEN(ops) })

static const struct op parent[] = {
	{ OP_CGROUP_MAKE, .why = "own limits", .cgroup_make = { "/cg" } },
	{ OP_CLONE, .why = "the process" },
	{ OP_TAKE_PID, .why = "its number" },
	{ OP_ID_MAP, .why = "who is who" },
	{ OP_POST, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	{ OP_AWAIT, .why = "the root is built", .sync = { STAGE_READY } },
	{ OP_POST, .why = "hooks have run", .sync = { STAGE_HOOKED } },
};
static const struct op child[] = {
	{ OP_REFORK, .why = "into the new namespaces" },
	{ OP_AWAIT, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	{ OP_POST, .why = "the root is built", .sync = { STAGE_READY } },
	{ OP_AWAIT, .why = "hooks have run", .sync = { STAGE_HOOKED } },
	{ OP_EXEC, .why = "the command" },
};

static void check_refused(const struct plan *p, const struct plan *c, const char *want)
{
	cleanup(err_free) struct err *e = handshake_check(p, c);
	CHECK(e);
	CHECK_TEXT(e->text, want);
}

TEST(halves_that_meet_are_accepted)
{
	cleanup(err_free) struct err *e = handshake_check(PLAN(parent), PLAN(child));
	CHECK(!e);
}

TEST(the_order_of_time_interleaves_both_halves)
{
	struct turn turns[ARRAY_LEN(parent) + ARRAY_LEN(child)];
	cleanup(err_free) struct err *e = handshake_order(PLAN(parent), PLAN(child), turns);
	CHECK(!e);
	cleanup(buf_done) struct buf got = {};
	for (size_t i = 0; i < ARRAY_LEN(turns); i++)
		buf_add(&got, "%s: %s\n", turns[i].side == SIDE_PARENT ? "parent" : "child",
			turns[i].op->why);
	CHECK_TEXT(buf_text(&got), "parent: own limits\n"
				   "parent: the process\n"
				   "child: into the new namespaces\n"
				   "parent: its number\n"
				   "parent: who is who\n"
				   "parent: ids are mapped\n"
				   "child: ids are mapped\n"
				   "child: the root is built\n"
				   "parent: the root is built\n"
				   "parent: hooks have run\n"
				   "child: hooks have run\n"
				   "child: the command\n");
}

/* Leaves each operation of each half out, one at a time: what is left either meets all the same,
 * because it was no meeting, or is refused. */
TEST(every_missing_meeting_is_noticed)
{
	for (size_t gone = 0; gone < ARRAY_LEN(parent) + ARRAY_LEN(child); gone++) {
		struct op p[ARRAY_LEN(parent)], c[ARRAY_LEN(child)];
		size_t np = 0, nc = 0;
		for (size_t i = 0; i < ARRAY_LEN(parent); i++)
			if (i != gone)
				p[np++] = parent[i];
		for (size_t i = 0; i < ARRAY_LEN(child); i++)
			if (i + ARRAY_LEN(parent) != gone)
				c[nc++] = child[i];
		const struct op *op =
			gone < ARRAY_LEN(parent) ? &parent[gone] : &child[gone - ARRAY_LEN(parent)];
		bool meets = (stage_posted(op) && op->kind != OP_EXEC) || stage_awaited(op) ||
		             op->kind == OP_CLONE;
		cleanup(err_free) struct err *e =
			handshake_check(&(struct plan){ p, np }, &(struct plan){ c, nc });
		CHECK(meets == (e != NULL));
	}
}

TEST(waiting_for_ever_is_refused)
{
	static const struct op p[] = { { OP_CLONE, .why = "the process" } };
	static const struct op c[] = {
		{ OP_AWAIT, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	};
	check_refused(PLAN(p), PLAN(c),
		"launch would hang: child awaits 'mapped' (ids are mapped), which never comes");
}

TEST(both_waiting_for_each_other_is_refused)
{
	static const struct op p[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_AWAIT, .why = "the root is built", .sync = { STAGE_READY } },
		{ OP_POST, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	};
	static const struct op c[] = {
		{ OP_AWAIT, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
		{ OP_POST, .why = "the root is built", .sync = { STAGE_READY } },
	};
	check_refused(PLAN(p), PLAN(c),
		"launch would hang: parent awaits 'ready' (the root is built), which never comes");
}

TEST(messages_in_another_order_are_refused)
{
	static const struct op p[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_POST, .why = "hooks have run", .sync = { STAGE_HOOKED } },
		{ OP_POST, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	};
	static const struct op c[] = {
		{ OP_AWAIT, .why = "ids are mapped", .sync = { STAGE_MAPPED } },
		{ OP_AWAIT, .why = "hooks have run", .sync = { STAGE_HOOKED } },
	};
	check_refused(PLAN(p), PLAN(c),
		"launch would break: child awaits 'mapped' (ids are mapped), but 'hooked' "
		"(hooks have run) comes first");
}

TEST(a_message_that_nobody_reads_is_refused)
{
	static const struct op p[] = { { OP_CLONE, .why = "the process" } };
	static const struct op c[] = {
		{ OP_POST, .why = "everything is made", .sync = { STAGE_CREATED } },
	};
	check_refused(PLAN(p), PLAN(c),
		"launch would break: child posts 'created' (everything is made), which nobody "
		"awaits");
}

TEST(a_launch_without_a_child_is_refused)
{
	static const struct op c[] = { { OP_EXEC, .why = "the command" } };
	check_refused(
		&(struct plan){}, PLAN(c), "launch would do nothing: the parent makes no child");
}

TEST(an_operation_of_the_other_side_is_refused)
{
	static const struct op p[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_PIVOT, .why = "nothing else is visible" },
	};
	check_refused(PLAN(p), &(struct plan){},
		"launch would break: parent can't execute pivot (nothing else is visible)");
}

static const struct op gated[] = {
	{ OP_POST, .why = "everything is made", .sync = { STAGE_CREATED } },
	{ OP_GATE, .why = "until start" },
	{ OP_EXEC, .why = "the command" },
};

TEST(the_gate_opens_after_the_parent_has_finished)
{
	static const struct op patient[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_AWAIT, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_COMMIT, .why = "the container exists" },
	};
	cleanup(err_free) struct err *e = handshake_check(PLAN(patient), PLAN(gated));
	CHECK(!e);
	static const struct op greedy[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_AWAIT, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_AWAIT, .why = "the command", .sync = { STAGE_RUNS } },
	};
	check_refused(PLAN(greedy), PLAN(gated),
		"launch would hang: parent awaits 'runs' (the command), which never comes");
}

TEST(the_command_may_be_awaited)
{
	static const struct op waits[] = {
		{ OP_CLONE, .why = "the process" },
		{ OP_AWAIT, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_AWAIT, .why = "the command", .sync = { STAGE_RUNS } },
		{ OP_PID_FILE, .why = "for the caller" },
	};
	static const struct op runs[] = {
		{ OP_POST, .why = "everything is made", .sync = { STAGE_CREATED } },
		{ OP_EXEC, .why = "the command" },
	};
	cleanup(err_free) struct err *e = handshake_check(PLAN(waits), PLAN(runs));
	CHECK(!e);
	check_refused(PLAN(waits), (&(const struct plan){ runs, 1 }),
		"launch would hang: parent awaits 'runs' (the command), which never comes");
}
