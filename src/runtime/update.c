#include "runtime/update.h"
#include "base/log.h"
#include "base/num.h"
#include "kernel/file.h"
#include "kernel/probe.h"
#include "planner/resources.h"
#include "planner/scope_plan.h"
#include "runtime/scope.h"
#include <fcntl.h>

/* The first word of a file of the v2 group; -1 for "max" and where there is no such file. */
static struct err *now(
	const struct cgroup *c, const char *file, int field, struct arena *a, int64_t *out)
{
	cleanup(buf_done) struct buf text = {};
	const struct cgroup_dir *d = cgroup_dir_of(c, "");
	*out = -1;
	struct err *e = file_read(AT_FDCWD, arena_fmt(a, "%s/%s", d->host, file), 4096, &text);
	if (e && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	if (e || !text.n)
		return e;
	struct str rest = { text.p, text.n }, line = str_cut(&rest, '\n'), word = STR("");
	for (int i = 0; i <= field; i++)
		word = str_cut(&line, ' ');
	return str_eq(word, STR("max")) ? NULL : num_parse(word, out);
}

/* cpu.max is both, and can be written with the quota alone, but not with the period alone. */
static struct err *complete_cpu(const struct cgroup *c, struct spec_resources *r, struct arena *a)
{
	if (!r->cpu.period.set || r->cpu.quota.set)
		return NULL;
	r->cpu.quota.set = true;
	return now(c, "cpu.max", 0, a, &r->cpu.quota.value);
}

/* The document's swap is memory and swap together, as on v1; v2 limits them apart. */
static struct err *complete_memory(
	const struct cgroup *c, struct spec_resources *r, struct arena *a)
{
	bool has_limit = r->memory.limit.set && r->memory.limit.value;
	bool has_swap = r->memory.swap.set && r->memory.swap.value;
	int64_t memory = -1, swap = -1;
	if (has_limit == has_swap)
		return NULL;
	struct err *e = now(c, "memory.max", 0, a, &memory);
	if (!e)
		e = now(c, "memory.swap.max", 0, a, &swap);
	if (e)
		return e;
	if (has_swap)
		r->memory.limit = (struct opt_int){ true, memory };
	else if (memory >= 0 && swap >= 0)
		r->memory.swap = (struct opt_int){ true, memory + swap };
	return NULL;
}

static struct err *apply_systemd(
	const struct cgroup *c, const struct spec_resources *r, struct arena *a)
{
	struct text_list properties = {};
	if (!c->scope)
		return NULL;
	struct err *e = scope_properties(r, c, a, &properties);
	if (e || !properties.n)
		return e;
	return scope_set(c->scope, c->user, properties.items);
}

static struct err *apply(const struct cgroup *c, const struct spec_resources *r, struct arena *a)
{
	struct plan_builder b = { .arena = a };
	struct host_facts host;
	struct err *e = probe_host(&host);
	if (!e)
		e = resources_plan(r, c, &host, true, a, &b);
	if (!e)
		e = apply_systemd(c, r, a);
	struct plan p = plan_of(&b);
	return e ? e : resources_run(&p);
}

struct err *container_update(
	const struct container *c, const struct spec_resources *r, struct arena *a)
{
	const struct cgroup *group = &c->record.cgroup;
	struct spec_resources complete = *r;
	struct text_list ignored = {};
	enum container_status status = STATUS_STOPPED;
	struct err *e = container_status(c, &status);
	if (!e && status == STATUS_STOPPED)
		e = err_new(ERR_CONFLICT, "container not running");
	if (!e && !group->dirs.n)
		e = err_new(
			ERR_CONFLICT, "container %s has no control group of its own", c->state.id);
	if (!e && group->mode == CGROUP_V2)
		e = complete_cpu(group, &complete, a);
	if (!e && group->mode == CGROUP_V2)
		e = complete_memory(group, &complete, a);
	if (!e && r->memory.check_before_update.value)
		e = resources_check_usage(&complete, group);
	if (e)
		return e;
	resources_ignored(r, group, a, &ignored);
	for (size_t i = 0; i < ignored.n; i++)
		log_warn("%s", ignored.items[i]);
	return apply(group, &complete, a);
}

struct err *container_update_rdt(
	const struct container *c, const char *l3_cache, const char *mem_bw, struct arena *a)
{
	if (!l3_cache && !mem_bw)
		return NULL;
	if (!c->record.rdt_dir)
		return err_new(ERR_CONFLICT, "container %s has no Intel RDT group", c->state.id);
	const char *path = arena_fmt(a, "%s/schemata", c->record.rdt_dir);
	struct err *e =
		l3_cache ? file_write(AT_FDCWD, path, arena_fmt(a, "%s\n", l3_cache)) : NULL;
	if (!e && mem_bw)
		e = file_write(AT_FDCWD, path, arena_fmt(a, "%s\n", mem_bw));
	return e;
}
