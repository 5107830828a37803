/* args.h - the arguments of operations as values for people and programs: flags by name. */
#pragma once
#include "base/json_write.h"
#include "plan/op_table.h"

/* Appends an ARG_FLAGS argument by names, as its operation means it: "MS_REC|MS_SLAVE". */
void arg_flags_show(const struct op *op, const struct op_arg *arg, struct buf *out);

/* Writes all arguments of @op as the members of an open object; descriptors are named by slot,
 * flags are texts, bytes are hexadecimal. */
void args_json(const struct op *op, struct json_writer *w);
