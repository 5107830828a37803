#include "child/child.h"
#include "child/run.h"

struct fault plan_run(const struct sys *k, const struct plan *p, int *slots, int n_slots)
{
	struct runner r;
	struct fault fault;
	runner_init(&r, k, slots, n_slots);
	run_plan(&r, p, &fault);
	return fault;
}
