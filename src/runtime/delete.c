/* The end of a container: undoing what its record tells. */
#include "base/log.h"
#include "kernel/proc.h"
#include "runtime/container.h"
#include "runtime/document.h"
#include "runtime/hooks.h"
#include "runtime/scope.h"
#include "spec/spec.h"
#include <signal.h>

enum { PATIENCE = 10000 }; /* milliseconds that ending something may take */

/* Kills the first process and waits for its end. */
static struct err *end_process(const struct container *c)
{
	cleanup(fd_close) struct fd pidfd = {};
	bool ended = true;
	struct err *e = container_process(c, &pidfd);
	if (e && e->kind == ERR_CONFLICT) {
		err_free(&e);
		return NULL;
	}
	if (!e)
		e = proc_signal(fd_num(pidfd), SIGKILL);
	if (e && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	if (!e && c->record.cgroup.dirs.n)
		e = cgroup_freeze(&c->record.cgroup, false);
	if (!e)
		e = proc_await(fd_num(pidfd), PATIENCE, &ended);
	if (!e && !ended)
		e = err_new(
			ERR_SYSTEM, "process %d does not end after SIGKILL", (int)c->process.pid);
	return e;
}

static void tell(const struct container *c, struct err *e)
{
	cleanup(buf_done) struct buf text = {};
	err_show(e, &text);
	log_warn("container %s: %s", c->state.id, buf_text(&text));
	err_free(&e);
}

/* A scope without processes goes by itself: a systemd that does not answer keeps nothing back. */
static void stop_scope(const struct container *c)
{
	struct err *e = scope_stop(c->record.cgroup.scope, c->record.cgroup.user);
	if (e)
		tell(c, e);
}

/* What lies outside of the container's directory: processes, control groups, systemd's scope. */
static struct err *undo_outside(const struct container *c)
{
	const struct cgroup *group = &c->record.cgroup;
	struct err *e = end_process(c);
	if (!e && group->scope)
		e = cgroup_signal(group, SIGKILL);
	if (!e && group->scope)
		stop_scope(c);
	if (!e && group->dirs.n)
		e = cgroup_end(group, PATIENCE);
	if (!e && c->record.rdt_dir && rmdir(c->record.rdt_dir) < 0 && errno != ENOENT)
		e = err_sys(errno, "remove %s", c->record.rdt_dir);
	return e;
}

static struct err *run_poststop(const struct container *c, struct arena *a)
{
	cleanup(buf_done) struct buf text = {}, doc = {};
	struct spec spec = {};
	struct err *e = state_read_config(&c->state, &text);
	if (!e)
		e = spec_parse(buf_text(&text), text.n, "config.json", a, &spec);
	if (e)
		return e;
	document_write(&(struct document){ .oci_version = c->record.oci_version,
			       .id = c->state.id,
			       .status = "stopped",
			       .bundle = c->record.bundle,
			       .annotations = &c->record.annotations },
		&doc);
	return hooks_run_all(&spec.hooks.poststop, "poststop", buf_text(&doc));
}

/* A failing hook is told, and the container is deleted all the same: OCI runtime-spec, runtime.md
 * "Lifecycle". The directory goes last, so that a delete that was killed can be repeated. */
static struct err *delete_locked(const struct container *c, struct arena *a)
{
	struct err *e = undo_outside(c);
	if (e)
		return err_wrap(e, "deleting container %s", c->state.id);
	struct err *hook = c->record.has_poststop ? run_poststop(c, a) : NULL;
	if (hook)
		tell(c, hook);
	return state_remove(&c->state);
}

struct err *container_undo(const struct state *s, struct arena *a)
{
	struct container c = { .state = *s };
	bool there;
	struct err *e = record_read(s, a, &c.record);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return state_remove(s);
	}
	if (!e)
		e = record_read_process(s, &c.process, &there);
	if (!e)
		e = undo_outside(&c);
	return e ? e : state_remove(s);
}

/* Where the control group must be if the record can't tell: what the spec says, or the id. */
static struct err *guess_cgroup(struct container *c, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	struct cgroup_host *host = anew(a, struct cgroup_host, 1);
	struct spec spec = {};
	struct err *unread = state_read_config(&c->state, &text);
	if (!unread)
		unread = spec_parse(buf_text(&text), text.n, "config.json", a, &spec);
	const char *path = unread ? NULL : spec.linux.cgroups_path;
	err_free(&unread);
	struct err *e = cgroup_host_read(a, host);
	return e ? e : cgroup_locate(host, path, c->state.id, false, a, &c->record.cgroup);
}

/* Reads what can be read, and says what can't. */
static void read_somehow(struct container *c, struct arena *a)
{
	bool there;
	struct err *e = record_read(&c->state, a, &c->record);
	if (e) {
		c->record = (struct record){ .id = c->state.id };
		log_debug("container %s: going by its name: %s", c->state.id, e->text);
		err_free(&e);
		e = guess_cgroup(c, a);
	}
	err_free(&e);
	e = record_read_process(&c->state, &c->process, &there);
	if (e)
		c->process = (struct process_record){};
	err_free(&e);
}

/* Who holds the lock may wait for the container itself: its end ends that. Who does not let go
 * then, because a hook of a creation hangs, is passed over. */
static struct err *lock_by_force(struct container *c, struct arena *a)
{
	struct err *e = state_lock(&c->state, 0);
	if (!e || e->kind != ERR_CONFLICT)
		return e;
	err_free(&e);
	read_somehow(c, a);
	e = end_process(c);
	if (!e && c->record.cgroup.dirs.n)
		e = cgroup_signal(&c->record.cgroup, SIGKILL);
	err_free(&e);
	e = state_lock(&c->state, PATIENCE);
	if (!e || e->kind != ERR_CONFLICT)
		return e;
	log_warn("%s: deleting it all the same", e->text);
	err_free(&e);
	return NULL;
}

static struct err *delete_by_force(struct container *c, struct arena *a)
{
	struct err *e = lock_by_force(c, a);
	if (e)
		return e;
	read_somehow(c, a);
	return delete_locked(c, a);
}

static struct err *delete_if_stopped(struct container *c, struct arena *a)
{
	enum container_status status = STATUS_STOPPED;
	bool there;
	struct err *e = state_lock(&c->state, PATIENCE);
	if (!e)
		e = record_read(&c->state, a, &c->record);
	if (!e)
		e = record_read_process(&c->state, &c->process, &there);
	if (!e)
		e = container_status(c, &status);
	if (!e && (status == STATUS_RUNNING || status == STATUS_PAUSED))
		e = err_hint(
			err_new(ERR_CONFLICT, "cannot delete container %s that is not stopped: %s",
				c->state.id, container_status_name(status)),
			"stop it first, or use --force");
	return e ? e : delete_locked(c, a);
}

struct err *container_delete(
	const struct state_root *root, const char *id, bool force, struct arena *a)
{
	cleanup(container_close) struct container c = {};
	struct err *e = state_open(root, id, a, &c.state);
	if (!e)
		e = force ? delete_by_force(&c, a) : delete_if_stopped(&c, a);
	if (e && e->kind == ERR_NOT_FOUND && force)
		err_free(&e);
	return e;
}
