#include "runtime/hooks.h"
#include "base/fd.h"
#include "kernel/nsfs.h"
#include "kernel/proc.h"
#include "spec/spec.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { QUOTED = 512, EXEC_FAILED = 127 };

/* A file in memory that holds @text, ready to be read from its start. */
static struct err *text_file(const char *text, struct fd *out)
{
	cleanup(fd_close) struct fd file = fd_own(memfd_create("hook", MFD_CLOEXEC));
	size_t n = strlen(text);
	if (!fd_valid(file) || write(fd_num(file), text, n) != (ssize_t)n ||
		lseek(fd_num(file), 0, SEEK_SET) < 0)
		return err_sys(errno, "prepare a hook's input");
	*out = fd_take(&file);
	return NULL;
}

/* In the hook's process: never returns. */
static _Noreturn void execute(const struct hook *h, int input, int output)
{
	static const char *const none[] = { NULL };
	const char *const just_path[] = { h->path, NULL };
	const char *const *argv = h->argv ? h->argv : just_path;
	const char *const *env = h->env ? h->env : (const char *const *)environ;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigset_t empty;
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (dup2(input, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0)
		execve(h->path, (char *const *)(uintptr_t)argv,
			(char *const *)(uintptr_t)(env ? env : none));
	dprintf(output, "%s", strerror(errno));
	_exit(EXEC_FAILED);
}

/* In a process between us and the hook: joins, then forks, because a pid namespace holds only for
 * children. */
static _Noreturn void execute_inside(
	const struct hook *h, int input, int output, int pidfd, uint64_t namespaces)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespaces && setns(pidfd, (int)namespaces) < 0) {
		dprintf(output, "joining its namespaces: %s", strerror(errno));
		_exit(EXEC_FAILED);
	}
	if (namespaces & CLONE_NEWUSER && (setgid(0) < 0 || setuid(0) < 0))
		_exit(EXEC_FAILED);
	pid_t pid = fork();
	if (pid == 0)
		execute(h, input, output);
	int status = W_EXITCODE(EXEC_FAILED, 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(proc_exit_code(status));
}

/* The end of what the hook printed, on one line. */
static void last_words(int output, char *text, size_t room)
{
	off_t size = lseek(output, 0, SEEK_END);
	off_t from = size > (off_t)room - 1 ? size - (off_t)room + 1 : 0;
	ssize_t n = pread(output, text, room - 1, from);
	text[n > 0 ? n : 0] = 0;
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	for (size_t len = strlen(text); len && text[len - 1] == ' '; len--)
		text[len - 1] = 0;
}

static struct err *verdict(const struct hook *h, int status, int output)
{
	if (status == 0)
		return NULL;
	char words[QUOTED];
	last_words(output, words, sizeof(words));
	const char *how = WIFSIGNALED(status) ? "signal" : "exit status";
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	return err_new(ERR_SYSTEM, "error running %s hook %s: %s %d%s%s", h->point, h->path, how,
		number, *words ? ", output: " : "", words);
}

/* Waits for the hook, which leads a session: a timeout ends all of it. */
static struct err *wait_for(const struct hook *h, pid_t pid, int output)
{
	cleanup(fd_close) struct fd pidfd = {};
	struct err *e = proc_open(pid, &pidfd);
	if (e)
		return e;
	bool ended = false;
	e = proc_await(fd_num(pidfd), h->timeout ? (int)(h->timeout * 1000) : -1, &ended);
	if (!ended)
		kill(-pid, SIGKILL);
	int status = 0;
	struct err *reaped = proc_reap(fd_num(pidfd), &status);
	if (e || reaped) {
		err_free(e ? &reaped : &e);
		return e ? e : reaped;
	}
	if (!ended)
		return err_new(ERR_SYSTEM,
			"error running %s hook %s: not done after its timeout of %lld s", h->point,
			h->path, (long long)h->timeout);
	return verdict(h, status, output);
}

struct err *hook_run(const struct hook *h, const char *state, const struct hook_inside *inside)
{
	cleanup(fd_close) struct fd input = {}, output = {};
	uint64_t namespaces = 0;
	struct err *e = text_file(state, &input);
	if (!e)
		e = text_file("", &output);
	if (!e && inside)
		e = nsfs_differing(inside->pid, &namespaces);
	if (e)
		return err_wrap(e, "running %s hook %s", h->point, h->path);

	pid_t pid = fork();
	if (pid < 0)
		return err_sys(errno, "fork for %s hook %s", h->point, h->path);
	if (pid == 0) {
		setsid();
		if (inside)
			execute_inside(h, fd_num(input), fd_num(output), inside->pidfd, namespaces);
		execute(h, fd_num(input), fd_num(output));
	}
	return wait_for(h, pid, fd_num(output));
}

static struct err *run_one(const struct spec_hook *h, const char *point, const char *state,
	const struct hook_inside *inside)
{
	struct hook hook = { .point = point,
		.path = h->path,
		.argv = h->args.n ? h->args.items : NULL,
		.env = h->env.n ? h->env.items : NULL,
		.timeout = h->timeout.value };
	return hook_run(&hook, state, inside);
}

struct err *hooks_run(const struct list *hooks, const char *point, const char *state,
	const struct hook_inside *inside)
{
	for (list_each(const struct spec_hook, h, *hooks)) {
		struct err *e = run_one(h, point, state, inside);
		if (e)
			return e;
	}
	return NULL;
}

struct err *hooks_run_all(const struct list *hooks, const char *point, const char *state)
{
	struct err *first = NULL;
	for (list_each(const struct spec_hook, h, *hooks)) {
		struct err *e = run_one(h, point, state, NULL);
		if (first)
			err_free(&e);
		else
			first = e;
	}
	return first;
}
