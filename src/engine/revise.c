/* A container that is there is changed, counted, or started because the machine was. */
#include "base/log.h"
#include "engine/container.h"
#include "engine/guard.h"
#include "engine/merge.h"
#include "runtime/container.h"
#include "runtime/update.h"
#include <string.h>

/* The members that update can change, as they are stored. */
#define ROW(member)                                                                                \
	{                                                                                          \
		offsetof(struct container_request, member)                                         \
	}
static const struct number_row {
	size_t at;
} number_rows[] = { ROW(memory), ROW(memory_reservation), ROW(memory_swap), ROW(memory_swappiness),
	ROW(nano_cpus), ROW(cpu_shares), ROW(cpu_period), ROW(cpu_quota), ROW(cpu_rt_period),
	ROW(cpu_rt_runtime), ROW(pids_limit), ROW(blkio_weight) };

static void take_over(const struct container_request *from, struct container_request *to)
{
	for (size_t i = 0; i < ARRAY_LEN(number_rows); i++) {
		const struct opt_int *new = (const void *)((const char *)from + number_rows[i].at);
		if (new->set)
			*(struct opt_int *)(void *)((char *)to + number_rows[i].at) = *new;
	}
	to->cpuset_cpus = from->cpuset_cpus ? from->cpuset_cpus : to->cpuset_cpus;
	to->cpuset_mems = from->cpuset_mems ? from->cpuset_mems : to->cpuset_mems;
	if (from->restart.policy)
		to->restart = from->restart;
	if (to->restart.policy && strcmp(to->restart.policy, "no") == 0)
		to->restart = (struct restart_request){};
}

static struct err *apply(const struct engine *e, const struct engine_container *c,
	const struct container_request *changes, struct arena *a)
{
	cleanup(container_close) struct container run = {};
	struct spec_resources limits = {};
	struct cgroup_host *host = anew(a, struct cgroup_host, 1);
	struct err *bad = cgroup_host_read(a, host);
	if (!bad)
		bad = merge_limits(changes, host->mode == CGROUP_V2, a, &limits);
	if (bad || !c->pid)
		return bad;
	bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = state_lock(&run.state, 10000);
	return bad ? bad : container_update(&run, &limits, a);
}

struct err *container_revise(const struct engine *e, const struct engine_container *c,
	const struct container_request *changes, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	struct engine_container now = *c;
	struct err *bad = guard_take(e, &now, a, &g);
	if (bad)
		return bad;
	take_over(changes, &now.record.request);
	bad = apply(e, &now, changes, a);
	return bad ? bad : container_record_write(fd_num(g.dir), &now.record);
}

static struct err *open_running(const struct engine *e, const struct engine_container *c,
	struct arena *a, struct container *out)
{
	if (!c->pid)
		return err_new(ERR_CONFLICT, "container %s is not running", c->id);
	return container_open(&e->states, c->id, a, out);
}

struct err *container_processes(const struct engine *e, const struct engine_container *c,
	struct arena *a, struct int_list *out)
{
	cleanup(container_close) struct container run = {};
	struct err *bad = open_running(e, c, a, &run);
	return bad ? bad : container_pids(&run, a, out);
}

struct err *container_usage(const struct engine *e, const struct engine_container *c,
	struct arena *a, struct usage *out)
{
	cleanup(container_close) struct container run = {};
	struct err *bad = open_running(e, c, a, &run);
	if (!bad)
		bad = usage_read(&run.record.cgroup, a, out);
	return bad ? bad : usage_read_interfaces(c->pid, a, out);
}

/* "on-failure" is for ends that it has seen; the others come back. */
static bool comes_back(const struct engine_container *c)
{
	const char *policy = c->record.request.restart.policy;
	if (!policy || !c->record.started || c->pid || c->status == ENGINE_RESTARTING)
		return false;
	if (strcmp(policy, "always") == 0)
		return true;
	return strcmp(policy, "unless-stopped") == 0 && !c->record.stopped_by_user;
}

struct err *container_start_boot(const struct engine *e, struct arena *a)
{
	struct list all;
	struct err *bad = container_recover_all(e, a);
	if (!bad)
		bad = container_all(e, a, &all);
	if (bad)
		return bad;
	for (list_each(const struct engine_container, c, all)) {
		cleanup(buf_done) struct buf text = {};
		bad = comes_back(c) ? container_start(e, c, NULL, a) : NULL;
		if (bad) {
			err_show(bad, &text);
			log_error("container %s: %s", c->record.name, buf_text(&text));
		}
		err_free(&bad);
	}
	return NULL;
}
