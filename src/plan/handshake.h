/*
 * handshake.h - how the two halves of a launch meet.
 *
 * The sync socket keeps messages in order, so an await does not pick its stage: it reads the next
 * message and expects it to be that one. OP_REFORK posts STAGE_FORKED and OP_TAKE_PID awaits it;
 * OP_EXEC posts STAGE_RUNS by ending the conversation, which may go unnoticed. The child's half
 * begins when the parent has executed OP_CLONE, and passes its gate when the parent has finished.
 */
#pragma once
#include "plan/plan.h"

/* One operation in the order of time. */
struct turn {
	enum op_side side; /* whose plan: SIDE_PARENT or SIDE_CHILD */
	const struct op *op;
};

/*
 * One order in which both halves can run, with as few changes of side as possible, into @turns,
 * which has room for both plans. The error is that of handshake_check().
 */
[[nodiscard]] struct err *handshake_order(
	const struct plan *parent, const struct plan *child, struct turn *turns);

/* The same in an arena; returns how many. Halves that do not meet come one after the other. */
size_t handshake_turns(const struct launch_plan *plan, struct arena *a, struct turn **turns);

/* What `explain` calls a stage: "ready"; "?" for what is none. */
const char *stage_name(char stage);
/* The stage that an operation posts or awaits; 0 if it does neither. */
char stage_posted(const struct op *op);
char stage_awaited(const struct op *op);
