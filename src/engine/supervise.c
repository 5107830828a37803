#include "engine/supervise.h"
#include "base/num.h"
#include "engine/link.h"
#include "engine/logs.h"
#include "kernel/proc.h"
#include "kernel/signal.h"
#include "monitor/protocol.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

void supervise_done(struct supervise *s)
{
	fd_close(&s->listener);
	fd_close(&s->input);
	fd_close(&s->out);
	fd_close(&s->errs);
	fd_close(&s->pidfd);
	fd_close(&s->terminal);
}

struct err *supervise_listen(
	const struct engine_container *c, struct supervise *s, struct fd *attach)
{
	struct err *e = link_listen(c->run_dir, &s->listener);
	if (e || !attach)
		return e;
	return link_connect(
		c->run_dir, HELLO_OUTPUT | HELLO_ERRORS | HELLO_INPUT | HELLO_PATIENT, attach);
}

/* --- the fork -----------------------------------------------------------------------------------
 */

/* What the process says that becomes the monitor: nothing but the end of file if all is well. */
struct report {
	int kind;
	char text[4000];
};

static void say(int to, struct err *e)
{
	cleanup(buf_done) struct buf text = {};
	struct report r = { .kind = (int)e->kind };
	err_show(e, &text);
	snprintf(r.text, sizeof(r.text), "%s", buf_text(&text));
	struct err *unheard = fd_write_all(to, &r, sizeof(r));
	err_free(&unheard);
	err_free(&e);
}

static struct err *listen_to(int from)
{
	struct report r = {};
	size_t n = 0;
	for (;;) {
		ssize_t got = read(from, (char *)&r + n, sizeof(r) - n);
		if (got < 0 && errno != EINTR)
			return err_sys(errno, "hear from the monitor");
		if (got == 0)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	if (n == 0)
		return NULL;
	if (n < sizeof(r) || r.kind < 0 || r.kind >= ERR_KINDS)
		return err_new(ERR_SYSTEM, "the monitor was killed while it started");
	r.text[sizeof(r.text) - 1] = 0;
	return err_new((enum err_kind)r.kind, "%s", r.text);
}

/* A session of its own: no terminal's signals reach it. What we may not hold open for years goes.
 */
static void become_own(void)
{
	setsid();
	if (chdir("/") < 0)
		return;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
}

struct err *supervise_fork(const struct engine *e, struct engine_container *c, struct supervise *s,
	struct fd *monitor, struct arena *a)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	cleanup(fd_close) struct fd in = fd_own(ends[0]);
	struct fd out = fd_own(ends[1]);
	pid_t pid = fork();
	if (pid < 0) {
		fd_close(&out);
		return err_sys(errno, "fork");
	}
	if (pid == 0) {
		/* Out of the way of the monitor's descriptors. */
		int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 64);
		fd_close(&out);
		become_own();
		say(high, s->become(e, c, s, a));
		_exit(1);
	}
	fd_close(&out);
	struct err *bad = monitor ? proc_open(pid, monitor) : NULL;
	if (!bad)
		bad = listen_to(fd_num(in));
	if (bad)
		waitpid(pid, NULL, 0);
	return bad;
}

/* --- streams ------------------------------------------------------------------------------------
 */

static struct err *put_at(int fd, int number)
{
	return dup3(fd, number, 0) < 0 ? err_sys(errno, "dup3") : NULL;
}

/* A pipe whose end @theirs (0 reads, 1 writes) becomes our descriptor @number. */
static struct err *make_pipe(struct fd *ours, int theirs, int number)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	*ours = fd_own(ends[!theirs]);
	struct err *e = put_at(ends[theirs], number);
	close(ends[theirs]);
	return e;
}

static struct err *open_null(struct fd *out)
{
	return fd_open(out, AT_FDCWD, "/dev/null", O_RDWR);
}

struct err *supervise_stdio(struct supervise *s, const struct container_request *r)
{
	cleanup(fd_close) struct fd null = {};
	struct err *e = open_null(&null);
	for (int i = 0; !e && i < 3; i++)
		e = r->tty ? put_at(fd_num(null), i) : NULL;
	if (e || r->tty)
		return e;
	e = r->interactive ? make_pipe(&s->input, 0, STDIN_FILENO)
	                   : put_at(fd_num(null), STDIN_FILENO);
	if (!e)
		e = make_pipe(&s->out, 1, STDOUT_FILENO);
	return e ? e : make_pipe(&s->errs, 1, STDERR_FILENO);
}

/* --- exec ---------------------------------------------------------------------------------------
 */

static void add(struct text_list *args, struct arena *a, const char *name, const char *value)
{
	if (value)
		text_list_add(args, a, arena_fmt(a, "%s=%s", name, value));
}

static const char *option(const struct container_request *r, const char *key)
{
	for (size_t i = 0; i < r->log_options.n; i++)
		if (strcmp(r->log_options.items[i].key, key) == 0)
			return r->log_options.items[i].value;
	return NULL;
}

static struct err *add_log(
	const struct engine_container *c, struct text_list *args, struct arena *a)
{
	const struct container_request *r = &c->record.request;
	const char *file = logs_file(c, a);
	const char *size = option(r, "max-size"), *files = option(r, "max-file");
	int64_t bytes = 10 << 20, n = 3;
	struct err *e = size ? num_size(str_of(size), &bytes) : NULL;
	if (!e && files)
		e = num_range(str_of(files), 1, 1000, &n);
	if (e)
		return err_wrap(e, "--log-opt");
	add(args, a, "log", logs_driver(r));
	add(args, a, "log-file", file);
	if (!file)
		return NULL;
	add(args, a, "log-size", arena_fmt(a, "%lld", (long long)(bytes < 0 ? 0 : bytes)));
	add(args, a, "log-files", arena_fmt(a, "%lld", (long long)n));
	return NULL;
}

static void add_memory(const struct cgroup *group, struct text_list *args, struct arena *a)
{
	const struct cgroup_dir *dir = cgroup_dir_of(group, "memory");
	if (!dir)
		return;
	bool v2 = dir->in->v2;
	add(args, a, "memory-events",
		arena_fmt(a, "%s/%s", dir->host, v2 ? "memory.events" : "memory.oom_control"));
	add(args, a, "memory-peak",
		arena_fmt(a, "%s/%s", dir->host, v2 ? "memory.peak" : "memory.max_usage_in_bytes"));
}

static bool has_health(const struct health_request *h)
{
	return !h->disabled && h->test.n > 1 && strcmp(h->test.items[0], "NONE") != 0;
}

static void add_time(
	struct text_list *args, struct arena *a, const char *name, int64_t value, int64_t preset)
{
	add(args, a, name, arena_fmt(a, "%lld", (long long)(value ? value : preset)));
}

/* Docker's presets. */
static void add_health(const struct health_request *h, struct text_list *args, struct arena *a)
{
	static const int64_t second = 1000000000;
	if (!has_health(h))
		return;
	add_time(args, a, "health-interval", h->interval, 30 * second);
	add_time(args, a, "health-timeout", h->timeout, 30 * second);
	add_time(args, a, "health-start-period", h->start_period, 0);
	add_time(args, a, "health-start-interval", h->start_interval, 5 * second);
	add_time(args, a, "health-retries", h->retries, 3);
	add(args, a, "health-failure", h->on_failure);
}

/* A hidden command of the engine about this container. */
static void add_command(const struct engine *e, const struct engine_container *c,
	const char *command, struct text_list *args, struct arena *a)
{
	text_list_add(args, a, "--");
	text_list_add(args, a, e->program);
	text_list_add(args, a, "--root");
	text_list_add(args, a, e->root);
	text_list_add(args, a, "--run-root");
	text_list_add(args, a, e->run_root);
	if (e->systemd_cgroup)
		text_list_add(args, a, "--systemd-cgroup");
	text_list_add(args, a, command);
	text_list_add(args, a, c->id);
}

static struct err *arguments(const struct engine *e, const struct engine_container *c,
	const struct supervise *s, const struct cgroup *group, struct arena *a,
	struct text_list *args)
{
	const struct container_request *r = &c->record.request;
	int stop = signal_number(r->stop_signal ? r->stop_signal : "SIGTERM");
	text_list_add(args, a, "onggi-monitor");
	add(args, a, "id", c->id);
	add(args, a, "terminal", r->tty ? "1" : NULL);
	add(args, a, "input", r->interactive || r->tty ? "1" : NULL);
	add(args, a, "input-once", r->interactive && !r->detached ? "1" : NULL);
	add(args, a, "hold", s->hold ? "1" : NULL);
	add(args, a, "sync", r->remove ? NULL : "1");
	add(args, a, "stop-signal", arena_fmt(a, "%d", stop));
	if (r->timeout)
		add(args, a, "timeout", arena_fmt(a, "%lld", (long long)r->timeout));
	struct err *bad = add_log(c, args, a);
	add_memory(group, args, a);
	add_health(&r->health, args, a);
	add_command(e, c, "@ended", args, a);
	if (has_health(&r->health))
		add_command(e, c, "@health", args, a);
	return bad;
}

/* All are moved out of the way first: a number may be taken by one that goes elsewhere. */
static struct err *place(const int *from)
{
	int away[MONITOR_FDS_END];
	for (int i = MONITOR_PIDFD; i < MONITOR_FDS_END; i++) {
		away[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 64);
		if (away[i] < 0)
			return err_sys(errno, "pass descriptors to the monitor");
	}
	for (int i = MONITOR_PIDFD; i < MONITOR_FDS_END; i++)
		if (dup3(away[i], i, 0) < 0)
			return err_sys(errno, "pass descriptors to the monitor");
	return NULL;
}

/* A container must not go on without a monitor. */
static struct err *run(const char *path, const int *from, const struct text_list *args)
{
	struct err *e = place(from);
	if (e)
		return e;
	execve(path, (char *const *)(uintptr_t)args->items, environ);
	e = err_sys(errno, "execute %s", path);
	struct err *gone = proc_signal(MONITOR_PIDFD, SIGKILL);
	err_free(&gone);
	return e;
}

struct err *supervise_check(const struct engine *e, struct arena *a)
{
	const char *path = arena_fmt(a, "%s/onggi-monitor", e->libexec);
	return access(path, X_OK) < 0 ? err_sys(errno, "%s", path) : NULL;
}

/* The report pipe is open, and closes by the execution: that is how the other side knows. */
struct err *supervise_exec(const struct engine *e, const struct engine_container *c,
	struct supervise *s, const struct cgroup *group, struct arena *a)
{
	cleanup(fd_close) struct fd null = {}, dir = {};
	struct text_list args = {};
	const char *path = arena_fmt(a, "%s/onggi-monitor", e->libexec);
	struct err *bad = arguments(e, c, s, group, a, &args);
	if (!bad)
		bad = open_null(&null);
	if (!bad)
		bad = fd_open(&dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	if (bad)
		return bad;
	int none = fd_num(null);
	bool tty = fd_valid(s->terminal);
	const int from[MONITOR_FDS_END] = {
		[MONITOR_PIDFD] = fd_num(s->pidfd),
		[MONITOR_INPUT] = fd_valid(s->input) ? fd_num(s->input) : none,
		[MONITOR_OUTPUT] = tty ? fd_num(s->terminal) : fd_num(s->out),
		[MONITOR_ERRORS] = tty ? none : fd_num(s->errs),
		[MONITOR_ATTACH] = fd_num(s->listener),
		[MONITOR_DIRECTORY] = fd_num(dir),
	};
	for (int i = 0; !bad && i < 3; i++)
		bad = put_at(none, i);
	return bad ? bad : run(path, from, &args);
}
