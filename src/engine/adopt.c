#include "engine/adopt.h"
#include "engine/supervise.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "runtime/container.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The process whose child it is: the monitor, or ours that is about to become it. */
static bool has_our_parent(pid_t pid)
{
	cleanup(buf_done) struct buf name = {};
	struct proc_stat st;
	char path[64];
	struct err *e = proc_stat_read(pid, &st);
	if (!e) {
		snprintf(path, sizeof(path), "/proc/%d/comm", (int)st.parent);
		e = file_read(AT_FDCWD, path, 64, &name);
	}
	bool ours = !e && strncmp(buf_text(&name), "onggi", 5) == 0;
	err_free(&e);
	return ours;
}

/* One that was adopted before is no child of its monitor. */
bool adopt_needed(const struct engine_container *c)
{
	bool runs = c->status == ENGINE_RUNNING || c->status == ENGINE_PAUSED;
	return runs && c->pid && !has_our_parent(c->pid) && !container_has_monitor(c);
}

/* The other end of the pipe that is its descriptor @number; nothing if that is no pipe. What a
 * container has there may be anything: it is looked at before it is opened. */
static struct err *open_pipe(pid_t pid, int number, int flags, struct fd *out)
{
	cleanup(fd_close) struct fd found = {};
	struct stat st;
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, number);
	struct err *e = fd_open(&found, AT_FDCWD, path, O_PATH);
	if (!e && fstat(fd_num(found), &st) == 0 && S_ISFIFO(st.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_num(found));
		e = fd_open(out, AT_FDCWD, path, flags | O_NONBLOCK);
	}
	err_free(&e); /* it has closed that, or has just ended: nothing comes from there */
	return fd_valid(*out) ? NULL : fd_open(out, AT_FDCWD, "/dev/null", O_RDWR);
}

static struct err *become(
	const struct engine *e, struct engine_container *c, struct supervise *s, struct arena *a)
{
	cleanup(container_close) struct container run = {};
	struct err *bad = supervise_check(e, a);
	if (!bad)
		bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = container_process(&run, &s->pidfd);
	if (!bad)
		bad = open_pipe(c->pid, STDIN_FILENO, O_WRONLY, &s->input);
	if (!bad)
		bad = open_pipe(c->pid, STDOUT_FILENO, O_RDONLY, &s->out);
	if (!bad)
		bad = open_pipe(c->pid, STDERR_FILENO, O_RDONLY, &s->errs);
	return bad ? bad : supervise_exec(e, c, s, &run.record.cgroup, a);
}

struct err *adopt(const struct engine *e, struct engine_container *c, struct arena *a)
{
	cleanup(supervise_done) struct supervise s = { .become = become };
	struct err *bad = supervise_check(e, a);
	if (!bad)
		bad = supervise_listen(c, &s, NULL);
	if (!bad)
		bad = supervise_fork(e, c, &s, NULL, a);
	return bad ? err_wrap(bad, "watching container %s again", c->id) : NULL;
}
