#include "child/run.h"

int run_rlimit(struct runner *r, const struct op *op)
{
	const struct rlimit limit = { .rlim_cur = op->rlimit.soft, .rlim_max = op->rlimit.hard };
	return (int)sys_prlimit64(&r->sys, 0, op->rlimit.resource, &limit, NULL);
}

int run_scheduler(struct runner *r, const struct op *op)
{
	return (int)sys_sched_setattr(&r->sys, 0, op->raw.data.p, 0);
}

int run_io_priority(struct runner *r, const struct op *op)
{
	const int who_process = 1; /* IOPRIO_WHO_PROCESS */
	return (int)sys_ioprio_set(&r->sys, who_process, 0, (int)op->number.value);
}

int run_affinity(struct runner *r, const struct op *op)
{
	return (int)sys_sched_setaffinity(&r->sys, 0, op->raw.data.n, op->raw.data.p);
}

int run_memory_policy(struct runner *r, const struct op *op)
{
	const struct bytes *nodes = &op->memory_policy.nodes;
	unsigned long bits = nodes->n ? nodes->n * 8 + 1 : 0;
	return (int)sys_set_mempolicy(&r->sys, (int)op->memory_policy.mode, nodes->p, bits);
}

int run_personality(struct runner *r, const struct op *op)
{
	long old = sys_personality(&r->sys, (unsigned int)op->number.value);
	return old < 0 ? (int)old : 0;
}

int run_umask(struct runner *r, const struct op *op)
{
	sys_umask(&r->sys, (unsigned int)op->number.value);
	return 0;
}
