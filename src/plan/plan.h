/*
 * plan.h - making, packing, showing and blaming plans.
 *
 * A launch is two plans: the parent's and the child's. Operations name descriptors by slot; the
 * array of descriptors belongs to whoever executes.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "plan/op.h"

/* Which side executes an operation. */
enum op_side { SIDE_PARENT, SIDE_CHILD, SIDE_EITHER };

/* Both halves of a launch, and how many slots they use. */
struct launch_plan {
	struct plan parent, child;
	int n_slots;
	/* What was asked for and can't be given, one sentence each; the launch works without. */
	struct text_list warnings;
};

/* A plan that grows; the operations live in the arena. */
struct plan_builder {
	struct arena *arena;
	struct op *ops;
	size_t n, room;
};

/* Appends a copy of @op. */
void plan_add(struct plan_builder *b, struct op op);
/* What has been built; valid as long as the arena. */
struct plan plan_of(const struct plan_builder *b);

/* Both halves while they are built. Who needs a slot takes the next one. */
struct plan_parts {
	struct plan_builder parent, child;
	int next_slot;
};

/*
 * Appends @p and the descriptors behind its slots as one block, for a process that has the block
 * at the address @base (a multiple of 16): there its pointers are right as they stand, and nothing
 * needs to be moved. It begins with a struct packed_plan.
 */
#define PACKED_MAGIC 0x31676e6fu /* "ong1" */
struct packed_plan {
	uint32_t magic, n_ops, n_slots, unused;
	uint64_t ops, slots; /* addresses: struct op[], int[] */
	uint64_t size;       /* of the block */
};
void plan_pack(const struct plan *p, const int *slots, int n_slots, uint64_t base, struct buf *out);

/* The operation's name, as `explain` and messages have it: "mount". */
const char *op_name(enum op_kind kind);
/* Which side may execute it. */
enum op_side op_side(enum op_kind kind);
/* A slot's name: "root"; numbered ones are "fd10". */
void slot_name(int slot, struct buf *out);

/* "mount proc on /proc": the operation in a few words, for messages and lists. */
void op_title(const struct op *op, struct buf *out);
/* The kernel calls with decoded arguments, one a line: "fsopen("proc", FSOPEN_CLOEXEC)". */
void op_calls(const struct op *op, struct buf *out);

/* One line per operation: number, title, purpose. For logs and tests. */
void plan_show(const struct plan *p, struct buf *out);

/* Turns a child's fault into an error that a person can act on; NULL if there is none. */
[[nodiscard]] struct err *plan_blame(const struct plan *p, const struct fault *fault);
/* The same without a plan, from what the fault carries: for the start command. */
[[nodiscard]] struct err *fault_blame(const struct fault *fault);

/* Proves that both halves meet at every stage; the error names the side that would wait for ever.
 */
[[nodiscard]] struct err *handshake_check(const struct plan *parent, const struct plan *child);
