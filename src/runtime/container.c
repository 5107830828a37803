#include "runtime/container.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include <fcntl.h>
#include <signal.h>

static const char *const status_names[] = {
	[STATUS_CREATING] = "creating",
	[STATUS_CREATED] = "created",
	[STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",
	[STATUS_STOPPED] = "stopped",
};
_Static_assert(ARRAY_LEN(status_names) == STATUSES, "every status has a name");

const char *container_status_name(enum container_status s)
{
	return status_names[s];
}

struct err *container_reread(struct container *c, struct arena *a)
{
	bool there;
	struct err *e = record_read(&c->state, a, &c->record);
	return e ? e : record_read_process(&c->state, &c->process, &there);
}

struct err *container_open(
	const struct state_root *root, const char *id, struct arena *a, struct container *out)
{
	cleanup(container_close) struct container c = {};
	struct err *e = state_open(root, id, a, &c.state);
	if (!e)
		e = container_reread(&c, a);
	if (e)
		return e;
	*out = c;
	c.state.dir = (struct fd){};
	return NULL;
}

void container_close(struct container *c)
{
	state_close(&c->state);
}

/* A process that is gone, another one of its number, and a zombie are all the same: no process. */
static struct err *process_lives(const struct process_record *p, bool *out)
{
	struct proc_stat now;
	*out = false;
	if (!p->pid)
		return NULL;
	struct err *e = proc_stat_read(p->pid, &now);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return NULL;
	}
	if (!e)
		*out = now.start_time == p->start_time && now.state != 'Z' && now.state != 'X';
	return e;
}

static struct err *listens_at_gate(const struct container *c, bool *out)
{
	cleanup(arena_done) struct arena a = {};
	*out = false;
	/* start removes the gate: for most containers this is all there is to ask. */
	if (faccessat(fd_num(c->state.dir), "gate", F_OK, 0) < 0 && errno == ENOENT)
		return NULL;
	return sock_listens(state_path(&c->state, "gate", &a), out);
}

struct err *container_status(const struct container *c, enum container_status *out)
{
	bool lives = false, frozen = false, waits = false;
	if (!c->process.pid) {
		*out = state_is_locked(&c->state) ? STATUS_CREATING : STATUS_STOPPED;
		return NULL;
	}
	struct err *e = process_lives(&c->process, &lives);
	if (!e && lives)
		e = cgroup_is_frozen(&c->record.cgroup, &frozen);
	if (!e && lives && !frozen)
		e = listens_at_gate(c, &waits);
	if (e)
		return err_wrap(e, "container %s", c->state.id);
	*out = !lives   ? STATUS_STOPPED
	       : frozen ? STATUS_PAUSED
	       : waits  ? STATUS_CREATED
	                : STATUS_RUNNING;
	return NULL;
}

static struct err *not_running(void)
{
	return err_new(ERR_CONFLICT, "container not running");
}

/* The descriptor is opened first and the number compared then: what is found alive is what the
 * descriptor means. */
struct err *container_process(const struct container *c, struct fd *out)
{
	cleanup(fd_close) struct fd pidfd = {};
	bool lives;
	struct err *e = c->process.pid ? proc_open(c->process.pid, &pidfd) : not_running();
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return not_running();
	}
	if (!e)
		e = process_lives(&c->process, &lives);
	if (!e && !lives)
		e = not_running();
	if (e)
		return e;
	*out = fd_take(&pidfd);
	return NULL;
}

static struct err *needs_cgroup(const struct container *c)
{
	if (c->record.cgroup.dirs.n)
		return NULL;
	return err_new(ERR_CONFLICT, "container %s has no control group of its own", c->state.id);
}

struct err *container_pids(const struct container *c, struct arena *a, struct int_list *out)
{
	struct err *e = needs_cgroup(c);
	return e ? e : cgroup_pids(&c->record.cgroup, a, out);
}

struct err *container_kill(const struct container *c, int signal)
{
	cleanup(fd_close) struct fd pidfd = {};
	const struct cgroup *group = &c->record.cgroup;
	struct err *e = container_process(c, &pidfd);
	if (e)
		return e;
	if (signal == SIGKILL && group->dirs.n && !c->record.own_pid_namespace)
		return cgroup_signal(group, SIGKILL);
	e = proc_signal(fd_num(pidfd), signal);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return not_running();
	}
	/* On v1 a frozen process does not even die before it is thawed. */
	if (!e && signal == SIGKILL && group->dirs.n)
		e = cgroup_freeze(group, false);
	return e;
}

struct err *container_kill_all(const struct container *c, int signal)
{
	const struct cgroup *group = &c->record.cgroup;
	return group->dirs.n ? cgroup_signal(group, signal) : container_kill(c, signal);
}

struct err *container_pause(const struct container *c)
{
	enum container_status status = STATUS_STOPPED;
	struct err *e = needs_cgroup(c);
	if (!e)
		e = container_status(c, &status);
	if (!e && status != STATUS_RUNNING && status != STATUS_CREATED)
		e = not_running();
	return e ? e : cgroup_freeze(&c->record.cgroup, true);
}

struct err *container_resume(const struct container *c)
{
	enum container_status status = STATUS_STOPPED;
	struct err *e = container_status(c, &status);
	if (!e && status != STATUS_PAUSED)
		e = err_new(ERR_CONFLICT, "container not paused");
	return e ? e : cgroup_freeze(&c->record.cgroup, false);
}
