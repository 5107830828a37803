/* One more process in a container. */
#include "runtime/exec.h"
#include "engine/container.h"
#include "engine/merge.h"
#include "engine/root.h"
#include "kernel/proc.h"
#include "runtime/container.h"
#include "runtime/foreground.h"
#include "runtime/launch.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct err *read_spec(const struct container *run, struct arena *a, struct spec *out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = state_read_config(&run->state, &text);
	return e ? e : spec_parse(buf_text(&text), text.n, "config.json", a, out);
}

/* The container's process with another command; capabilities of a privileged one are all that the
 * container may have at most. */
static struct err *make_process(const struct engine *e, const struct engine_container *c,
	const struct exec_ask *ask, const struct spec *spec, struct arena *a,
	struct spec_process *out)
{
	cleanup(fd_close) struct fd root = {};
	struct merge m = { .arena = a, .engine = e, .container = c, .request = &c->record.request };
	*out = spec->process;
	out->args = ask->args;
	out->terminal = ask->tty;
	out->env = merge_copy(&spec->process.env, a);
	if (ask->tty)
		text_list_add(&out->env, a, "TERM=xterm");
	for (size_t i = 0; i < ask->env.n; i++)
		text_list_add(&out->env, a, ask->env.items[i]);
	if (ask->workdir)
		out->cwd = ask->workdir;
	if (*out->cwd != '/')
		return err_new(ERR_USAGE, "Cwd must be an absolute path");
	if (!ask->user)
		return NULL;
	struct err *bad = root_open(c, false, a, &root);
	m.root = fd_num(root);
	out->user.additional_gids = (struct int_list){};
	return bad ? bad : merge_user(&m, ask->user, out);
}

/*
 * A process of ours that outlives us by a moment: when the pipe that only we hold ends, what we run
 * in the container is killed. So an exec dies with its client, however that dies.
 */
struct keeper {
	pid_t pid;
	struct fd pipe;
};

static _Noreturn void keep(int pipe, int pidfd)
{
	char byte;
	setsid();
	while (read(pipe, &byte, 1) < 0 && errno == EINTR)
		;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	_exit(0);
}

static struct err *keeper_start(struct keeper *k, int pidfd)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	k->pid = fork();
	if (k->pid == 0) {
		/* Whoever waits for the end of our streams must not wait for this one. */
		dup3(pidfd, STDIN_FILENO, 0);
		dup3(ends[0], STDOUT_FILENO, 0);
		syscall(SYS_close_range, 2, ~0U, 0);
		keep(STDOUT_FILENO, STDIN_FILENO);
	}
	close(ends[0]);
	k->pipe = fd_own(ends[1]);
	return k->pid < 0 ? err_sys(errno, "fork") : NULL;
}

static void keeper_stop(struct keeper *k)
{
	if (k->pid > 0) {
		kill(k->pid, SIGKILL);
		waitpid(k->pid, NULL, 0);
	}
	fd_close(&k->pipe);
}

static struct err *run_it(const struct engine *e, const struct container *run,
	const struct spec *spec, const struct spec_process *process, struct arena *a, int *status)
{
	cleanup(launched_done) struct launched l = {};
	struct exec_options o = { .process = process,
		.spec = spec,
		.filter_cache = arena_fmt(a, "%s/@filters", e->run_root),
		.cgroup = run->record.cgroup.dirs.n ? &run->record.cgroup : NULL };
	struct err *bad = exec_process(&run->state, &o, a, &l);
	if (bad)
		return bad;
	cleanup(keeper_stop) struct keeper keeper = {};
	struct foreground f = { .pidfd = fd_num(l.pidfd), .terminal = fd_num(l.terminal) };
	int raw = 0;
	bad = keeper_start(&keeper, fd_num(l.pidfd));
	if (!bad)
		bad = foreground_run(&f, &raw);
	*status = proc_exit_code(raw);
	return bad;
}

struct err *container_exec(const struct engine *e, const struct engine_container *c,
	const struct exec_ask *ask, struct arena *a, int *status)
{
	cleanup(container_close) struct container run = {};
	struct spec_process process;
	struct spec spec = {};
	if (c->status == ENGINE_PAUSED)
		return err_new(ERR_CONFLICT,
			"Container %s is paused, unpause the container before exec",
			c->record.name);
	if (c->status != ENGINE_RUNNING)
		return err_new(ERR_CONFLICT, "container %s is not running", c->id);
	if (ask->privileged)
		return merge_refuse("exec --privileged");
	struct err *bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = read_spec(&run, a, &spec);
	if (!bad)
		bad = make_process(e, c, ask, &spec, a, &process);
	return bad ? bad : run_it(e, &run, &spec, &process, a, status);
}

struct err *container_check_health(
	const struct engine *e, const struct engine_container *c, struct arena *a, int *status)
{
	const struct text_list *test = &c->record.request.health.test;
	struct exec_ask ask = {};
	bool shell = test->n > 1 && strcmp(test->items[0], "CMD-SHELL") == 0;
	if (test->n < 2)
		return err_new(ERR_USAGE, "container %s has no health check", c->id);
	if (shell) {
		text_list_add(&ask.args, a, "/bin/sh");
		text_list_add(&ask.args, a, "-c");
	}
	for (size_t i = 1; i < test->n; i++)
		text_list_add(&ask.args, a, test->items[i]);
	return container_exec(e, c, &ask, a, status);
}
