/*
 * launch_ops.h - the operations that the parent executes, one function each, in a table.
 */
#pragma once
#include "runtime/launch_talk.h"

/* Executes @op, one of the parent's or one of either side. */
[[nodiscard]] struct err *launch_op(struct launch *l, const struct op *op);
