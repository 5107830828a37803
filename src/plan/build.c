#include "plan/plan.h"
#include <string.h>

void plan_add(struct plan_builder *b, struct op op)
{
	if (b->n == b->room) {
		size_t room = b->room ? b->room * 2 : 64;
		struct op *ops = anew(b->arena, struct op, room);
		if (b->n)
			memcpy(ops, b->ops, b->n * sizeof(*ops));
		b->ops = ops;
		b->room = room;
	}
	b->ops[b->n++] = op;
}

struct plan plan_of(const struct plan_builder *b)
{
	return (struct plan){ b->ops, b->n };
}
