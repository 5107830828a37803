#include "plan/show.h"

void plan_show(const struct plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_add(out, "%2zu. ", i + 1);
		op_title(&p->ops[i], out);
		buf_add(out, "  # %s%s\n", p->ops[i].why, p->ops[i].may_fail ? ", may fail" : "");
	}
}
