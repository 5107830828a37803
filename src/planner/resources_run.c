#include "cgroup/devfilter.h"
#include "planner/resources.h"

static struct err *make(const struct op *op)
{
	bool created;
	return cgroup_make(op->cgroup_make.host, &created);
}

static struct err *set(const struct op *op)
{
	const char *dir = op->cgroup_set.host;
	struct err *e = cgroup_set(dir, op->cgroup_set.file, op->cgroup_set.text);
	if (!e || e->kind != ERR_NOT_FOUND || !op->cgroup_set.or_file)
		return e;
	err_free(&e);
	return cgroup_set(dir, op->cgroup_set.or_file, op->cgroup_set.or_text);
}

static struct err *devices(const struct op *op)
{
	return devfilter_attach(op->cgroup_devices.host, op->cgroup_devices.program);
}

static struct err *(*const run[OP_KINDS])(const struct op *op) = {
	[OP_CGROUP_MAKE] = make,
	[OP_CGROUP_SET] = set,
	[OP_CGROUP_DEVICES] = devices,
};

struct err *resources_run(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct op *op = &p->ops[i];
		struct err *e = run[op->kind](op);
		if (e && !op->may_fail)
			return err_wrap(e, "setting up %s", op->why);
		err_free(&e);
	}
	return NULL;
}
