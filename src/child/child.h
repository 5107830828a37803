/*
 * child.h - executes the child's half of a launch.
 *
 * In a container's process this is done by a program of its own, without a C library, which is
 * made and described in child/image.h. The same code is linked here, for operations that either
 * side may execute (the parent's OP_SOURCE) and for tests with a kernel that only pretends.
 */
#pragma once
#include "kernel/sys.h"
#include "plan/plan.h"

/*
 * Executes @p on the kernel @k, with the descriptors @slots, which operations fill and empty: a
 * descriptor in a slot belongs to that slot. Stops at the first failure that the operation does
 * not permit (op.may_fail) and says which it was; fault.num is 0 when all is done. fault.what
 * holds the operation's purpose, for OP_FIND_COMMAND and OP_EXEC the command, and where the kernel
 * gave its reasons (mounting), these.
 */
struct fault plan_run(const struct sys *k, const struct plan *p, int *slots, int n_slots);
