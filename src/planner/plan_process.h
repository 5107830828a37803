/* plan_process.h - pieces of the process's part of a plan. */
#pragma once
#include "planner/draft.h"

/* The five sets as they can be given. */
struct caps {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/* What of process.capabilities can be given; the caller is told the rest. No capabilities in the
 * document are none (plan_caps.c). */
struct caps plan_caps_of(struct draft *d);

/* OP_FIND_COMMAND or OP_EXEC with what they need: where the command may be, its arguments and its
 * environment (plan_command.c). */
struct op plan_command(struct draft *d, enum op_kind kind, const char *why);

/* Scheduling, priorities, memory policy, personality (plan_sched.c). */
void plan_scheduler(struct draft *d);
[[nodiscard]] struct err *plan_memory_policy(struct draft *d);
void plan_io_priority(struct draft *d);
void plan_personality(struct draft *d);
/* execCPUAffinity: @cpus as an operation; nothing for NULL (plan_sched.c). */
[[nodiscard]] struct err *plan_affinity(struct draft *d, const char *cpus, const char *why);
