#include "base/buf.h"
#include "base/fd.h"
#include "cgroup/cgroup_file.h"
#include "cgroup/cgroup_ops.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

enum {
	KILL_MS = 10'000, /* until the last process must be gone */
	WAVE_MS = 50,     /* between two passes of a kill */
	WATCHED = 64,     /* how many of a group's processes are waited for at a time */
	FREEZE_TRIES = 2000,
};

/* Waits until some of @pids have ended; with none of them left it returns at once. */
static void await_some(const struct int_list *pids, int milliseconds)
{
	struct pollfd poll_for[WATCHED] = {};
	struct fd open[WATCHED] = {};
	size_t n = 0;
	for (size_t i = 0; i < pids->n && n < WATCHED; i++) {
		cleanup(err_free) struct err *gone = proc_open((pid_t)pids->items[i], &open[n]);
		if (gone)
			continue;
		poll_for[n] = (struct pollfd){ fd_num(open[n]), POLLIN, 0 };
		n++;
	}
	/* v1 has no event for "empty"; with nobody to wait for, the last one is just leaving. */
	poll(poll_for, n, n ? milliseconds : 1);
	for (size_t i = 0; i < n; i++)
		fd_close(&open[i]);
}

static void await_empty(const char *dir, int64_t deadline)
{
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	cleanup(err_free) struct err *e = cgroup_pids_of(dir, &a, &pids);
	int left = cgroup_time_left(deadline);
	await_some(&pids, left < WAVE_MS ? left : WAVE_MS);
}

/* A group that is not there needs no thawing. */
static struct err *thaw(const struct cgroup *c)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "freezer");
	struct err *e = d && !d->in->v2 ? cgroup_set(d->host, "freezer.state", "THAWED") : NULL;
	if (e && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	return e;
}

void cgroup_v1_thaw(const struct cgroup *c)
{
	cleanup(err_free) struct err *gone = thaw(c);
}

/* Forbids the group to fork while it is killed, so that a fork bomb can't outrun us. */
static void forbid_forks(const struct cgroup *c, struct arena *a, const char **before)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "pids");
	if (!d || *before)
		return;
	cleanup(err_free) struct err *e = cgroup_read(d->host, "pids.max", a, before);
	if (!e)
		e = cgroup_set(d->host, "pids.max", "0");
}

static void allow_forks(const struct cgroup *c, const char *before)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "pids");
	if (d && before) {
		cleanup(err_free) struct err *gone = cgroup_set(d->host, "pids.max", before);
	}
}

static struct err *not_dying(const struct int_list *pids)
{
	return err_hint(err_new(ERR_CONFLICT, "%zu processes do not end, such as %d", pids->n,
				(int)pids->items[0]),
		"a process in state D (ps -o stat,wchan) ends when its call returns");
}

/* One pass over all that are there; @left says how many that were. */
static struct err *kill_pass(const struct cgroup *c, void (*after)(const struct cgroup *c),
	int64_t deadline, size_t *left)
{
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	struct err *e = cgroup_pids(c, &a, &pids);
	*left = pids.n;
	if (!e)
		e = cgroup_spare_self(&pids);
	for (size_t i = 0; !e && i < pids.n; i++)
		if (kill((pid_t)pids.items[i], SIGKILL) < 0 && errno != ESRCH)
			e = err_sys(errno, "kill process %d", (int)pids.items[i]);
	if (after)
		after(c);
	if (!e && pids.n)
		await_some(&pids, WAVE_MS);
	return !e && pids.n && cgroup_time_left(deadline) == 0 ? not_dying(&pids) : e;
}

struct err *cgroup_kill_each(const struct cgroup *c, void (*after)(const struct cgroup *c))
{
	cleanup(arena_done) struct arena a = {};
	const char *pids_max = NULL;
	int64_t deadline = cgroup_clock() + KILL_MS;
	struct err *e = NULL;
	size_t left = 1;
	for (int pass = 0; !e && left; pass++) {
		if (pass == 2)
			forbid_forks(c, &a, &pids_max);
		e = kill_pass(c, after, deadline, &left);
	}
	allow_forks(c, pids_max);
	return e;
}

static struct err *kill_v1(const struct cgroup *c)
{
	return cgroup_kill_each(c, cgroup_v1_thaw);
}

static struct err *freezer_of(const struct cgroup *c, const char **dir)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "freezer");
	if (!d)
		return err_hint(err_new(ERR_SYSTEM, "no freezer: neither control group v2 nor v1's "
						    "freezer hierarchy is mounted"),
			"mount -t cgroup -o freezer freezer /sys/fs/cgroup/freezer");
	*dir = d->host;
	return NULL;
}

/*
 * A group is FREEZING until its last process has stopped; the kernel looks only when it is asked,
 * and a process that is forked meanwhile can be missed until FROZEN is written again.
 */
static struct err *freeze_until_frozen(const char *dir, struct arena *a)
{
	for (int i = 0; i < FREEZE_TRIES; i++) {
		const char *state = "";
		struct err *e = cgroup_set(dir, "freezer.state", "FROZEN");
		if (!e)
			e = cgroup_read(dir, "freezer.state", a, &state);
		if (e || strcmp(state, "FROZEN") == 0)
			return e;
		poll(NULL, 0, i < 10 ? 0 : 1); /* v1 has no event for it */
	}
	return err_hint(err_new(ERR_SYSTEM, "freeze %s: it stays FREEZING", dir),
		"a process in state D (ps -o stat,wchan) can't be frozen before its call returns");
}

static struct err *freeze(const struct cgroup *c, bool frozen)
{
	cleanup(arena_done) struct arena a = {};
	const char *dir = "";
	if (!frozen)
		return thaw(c);
	struct err *e = freezer_of(c, &dir);
	if (!e)
		e = freeze_until_frozen(dir, &a);
	if (e)
		cgroup_v1_thaw(c);
	return e;
}

static struct err *is_frozen(const struct cgroup *c, bool *out)
{
	cleanup(arena_done) struct arena a = {};
	const struct cgroup_dir *d = cgroup_dir_of(c, "freezer");
	const char *state = d ? cgroup_text(d->host, "freezer.state", &a) : "";
	*out = *state && strcmp(state, "THAWED") != 0;
	return NULL;
}

/* cgroup.event_control takes "<eventfd> <file>"; the event also comes when the group goes. */
static struct err *oom_watch(const struct cgroup_dir *memory, struct fd *out)
{
	cleanup(buf_done) struct buf path = {}, request = {};
	buf_add(&path, "%s/memory.oom_control", memory->host);
	cleanup(fd_close) struct fd control = fd_own(open(buf_text(&path), O_RDONLY | O_CLOEXEC));
	cleanup(fd_close) struct fd event = fd_own(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (!fd_valid(control) || !fd_valid(event))
		return err_sys(errno, "watch %s", buf_text(&path));
	buf_add(&request, "%d %d", fd_num(event), fd_num(control));
	struct err *e = cgroup_set(memory->host, "cgroup.event_control", buf_text(&request));
	if (!e)
		*out = fd_take(&event);
	return e;
}

const struct cgroup_ops cgroup_v1 = {
	.kill = kill_v1,
	.freeze = freeze,
	.is_frozen = is_frozen,
	.await_empty = await_empty,
	.oom_watch = oom_watch,
	.oom_file = "memory.oom_control",
};
