/* Spec to operations: how the process is scheduled, where its memory lies, which kernel it sees. */
#include "planner/plan_process.h"

#include "base/bitlist.h"
#include "kernel/compat.h"
#include "kernel/sched.h"
#include <linux/ioprio.h>

static uint64_t number_of(const struct words *w, const char *name)
{
	return words_find(w, str_of(name))->value; /* spec_check() knows the word */
}

static uint64_t flags_of(const struct words *w, const struct text_list *names)
{
	uint64_t flags = 0;
	for (size_t i = 0; i < names->n; i++)
		flags |= number_of(w, names->items[i]);
	return flags;
}

void plan_scheduler(struct draft *d)
{
	const struct spec_scheduler *s = &d->process->scheduler;
	if (!s->present)
		return;
	struct kernel_sched_attr *attr = anew(d->arena, struct kernel_sched_attr, 1);
	attr->size = sizeof(*attr);
	attr->policy = (uint32_t)number_of(&sched_policies, s->policy);
	attr->flags = flags_of(&sched_flags, &s->flags);
	attr->nice = (int32_t)s->nice;
	attr->priority = (uint32_t)s->priority;
	attr->runtime = (uint64_t)s->runtime;
	attr->deadline = (uint64_t)s->deadline;
	attr->period = (uint64_t)s->period;
	draft_child(d, (struct op){ OP_SCHEDULER, .why = "how it gets processor time",
			       .raw = { { attr, sizeof(*attr) } } });
}

void plan_io_priority(struct draft *d)
{
	const struct spec_io_priority *p = &d->process->io_priority;
	if (!p->present)
		return;
	int64_t class = (int64_t)number_of(&ioprio_classes, p->class);
	draft_child(d, (struct op){ OP_IO_PRIORITY, .why = "how soon its disk accesses are served",
			       .number = { class << IOPRIO_CLASS_SHIFT | p->priority } });
}

struct err *plan_memory_policy(struct draft *d)
{
	const struct spec_memory_policy *p = &d->spec->linux.memory_policy;
	if (!p->present)
		return NULL;
	struct op op = { OP_MEMORY_POLICY, .why = "on which nodes its memory lies" };
	struct err *e = p->nodes
	                        ? bitlist_parse(str_of(p->nodes), d->arena, &op.memory_policy.nodes)
	                        : NULL;
	if (e)
		return err_wrap(e, "linux.memoryPolicy.nodes");
	op.memory_policy.mode = (int64_t)(number_of(&mempolicy_modes, p->mode) |
					  flags_of(&mempolicy_flags, &p->flags));
	draft_child(d, op);
	return NULL;
}

void plan_personality(struct draft *d)
{
	const struct spec_personality *p = &d->spec->linux.personality;
	if (!p->present)
		return;
	if (p->flags.n)
		draft_warn(d, "linux.personality.flags: no flags are defined, '%s' has no effect",
			p->flags.items[0]);
	draft_child(d, (struct op){ OP_PERSONALITY, .why = "which kind of kernel it sees",
			       .number = { (int64_t)number_of(&personality_domains, p->domain) } });
}

struct err *plan_affinity(struct draft *d, const char *cpus, const char *why)
{
	if (!cpus)
		return NULL;
	struct op op = { OP_AFFINITY, .why = why };
	struct err *e = bitlist_parse(str_of(cpus), d->arena, &op.raw.data);
	if (e)
		return err_wrap(e, "process.execCPUAffinity");
	draft_child(d, op);
	return NULL;
}
