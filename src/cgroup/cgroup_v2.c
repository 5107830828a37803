#include "base/buf.h"
#include "base/fd.h"
#include "cgroup/cgroup_file.h"
#include "cgroup/cgroup_ops.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>

/* How long a freeze may take: a process in an uninterruptible wait can't be frozen before its end.
 */
enum { FREEZE_MS = 5000 };

static const char *dir_of(const struct cgroup *c)
{
	return cgroup_dir_of(c, "")->host;
}

/* Waits until cgroup.events says "@key @value"; the kernel reports changes with POLLPRI. False if
 * it didn't until @deadline, or if the group has no such file any more. */
static bool await_event(const char *dir, const char *key, uint64_t value, int64_t deadline)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/cgroup.events", dir);
	cleanup(fd_close) struct fd events = fd_own(open(buf_text(&path), O_RDONLY | O_CLOEXEC));
	char text[256];
	uint64_t now;
	for (;;) {
		ssize_t n = pread(fd_num(events), text, sizeof(text) - 1, 0);
		if (n < 0)
			return false;
		text[n] = '\0';
		if (cgroup_keyed(text, key, &now) && now == value)
			return true;
		int left = cgroup_time_left(deadline);
		struct pollfd p = { fd_num(events), POLLPRI, 0 };
		if (left == 0 || (poll(&p, 1, left) < 0 && errno != EINTR))
			return false;
	}
}

static void await_empty(const char *dir, int64_t deadline)
{
	/* The kernel says so a moment before the group can be removed. */
	if (await_event(dir, "populated", 0, deadline))
		poll(NULL, 0, cgroup_time_left(deadline) > 0);
}

static bool is_there(const char *dir)
{
	return access(dir, F_OK) == 0;
}

static struct err *kill_v2(const struct cgroup *c)
{
	const char *dir = dir_of(c);
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	cleanup(err_free) struct err *e = cgroup_pids_of(dir, &a, &pids);
	if (!e)
		e = cgroup_spare_self(&pids);
	if (e)
		return err_take(&e);
	e = cgroup_set(dir, "cgroup.kill", "1");
	if (e && !is_there(dir))
		return NULL;
	if (e && e->kind == ERR_NOT_FOUND) { /* before Linux 5.14 */
		err_free(&e);
		e = cgroup_kill_each(c, cgroup_v1_thaw);
	}
	cgroup_v1_thaw(c);
	return err_take(&e);
}

static struct err *thaw(const char *dir)
{
	struct err *e = cgroup_set(dir, "cgroup.freeze", "0");
	if (e || await_event(dir, "frozen", 0, cgroup_clock() + FREEZE_MS))
		return e;
	return err_new(ERR_SYSTEM, "thaw %s: it stays frozen, as a group above it is", dir);
}

static struct err *freeze(const struct cgroup *c, bool frozen)
{
	const char *dir = dir_of(c);
	struct err *e = frozen ? cgroup_set(dir, "cgroup.freeze", "1") : thaw(dir);
	if (e && !frozen && !is_there(dir))
		err_free(&e);
	if (e || !frozen || await_event(dir, "frozen", 1, cgroup_clock() + FREEZE_MS))
		return e;
	cleanup(err_free) struct err *gone = thaw(dir);
	return err_hint(err_new(ERR_SYSTEM, "freeze %s: it was not frozen within %d s", dir,
				FREEZE_MS / 1000),
		"a process in state D (ps -o stat,wchan) can't be frozen before its call returns");
}

static struct err *is_frozen(const struct cgroup *c, bool *out)
{
	uint64_t value;
	*out = cgroup_number(dir_of(c), "cgroup.freeze", &value) && value == 1;
	return NULL;
}

/* memory.events is "modified" by each of its events. */
static struct err *oom_watch(const struct cgroup_dir *memory, struct fd *out)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/memory.events", memory->host);
	cleanup(fd_close) struct fd watch = fd_own(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (!fd_valid(watch) ||
		inotify_add_watch(fd_num(watch), buf_text(&path), IN_MODIFY | IN_DELETE_SELF) < 0)
		return err_sys(errno, "watch %s", buf_text(&path));
	*out = fd_take(&watch);
	return NULL;
}

const struct cgroup_ops cgroup_v2 = {
	.kill = kill_v2,
	.freeze = freeze,
	.is_frozen = is_frozen,
	.await_empty = await_empty,
	.oom_watch = oom_watch,
	.oom_file = "memory.events",
};
