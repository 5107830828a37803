#include "runtime/scope.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "config.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* The helper gives up after so many seconds; if it can't even say so, we do, two seconds later. */
enum { SECONDS = 10, GRACE = 2, END_MS = 2000, ANSWER_MAX = 8192 };

/* The program we are, to find the helper beside it, as a build has it, or below its prefix. */
static const char *const beside[] = { "onggi-systemd", "../bin/onggi-systemd",
	"../libexec/onggi/onggi-systemd" };

static const char *own_directory(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > 0 ? arena_str(a, (struct str){ path, (size_t)n }) : NULL;
}

static const char *find_helper(struct arena *a)
{
	const char *own = own_directory(a), *path = NULL;
	for (size_t i = 0; own && i < ARRAY_LEN(beside); i++) {
		path = arena_fmt(a, "%s%s", own, beside[i]);
		if (access(path, X_OK) == 0)
			return path;
	}
	path = ONGGI_LIBEXECDIR "/onggi-systemd";
	return access(path, X_OK) == 0 ? path : NULL;
}

/* A running helper. Its process is ours to reap. */
struct helper {
	pid_t pid;
	struct fd input, output;
};

/* The pipe's ends may be 0 or 1 themselves, if the caller had closed those. */
_Noreturn static void become_helper(const char *path, int input, int output)
{
	input = fcntl(input, F_DUPFD_CLOEXEC, 3);
	output = fcntl(output, F_DUPFD_CLOEXEC, 3);
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	execl(path, "onggi-systemd", (char *)NULL);
	_exit(127);
}

static struct err *run_helper(struct helper *out)
{
	cleanup(arena_done) struct arena a = {};
	const char *path = find_helper(&a);
	int in[2], back[2];
	if (!path)
		return err_hint(
			err_new(ERR_NOT_FOUND, "the program onggi-systemd is not installed"),
			"it is built where libsystemd-dev is there; without --systemd-cgroup it is "
			"not "
			"needed");
	if (pipe2(in, O_CLOEXEC) < 0)
		return err_sys(errno, "make a pipe");
	cleanup(fd_close) struct fd request_end = fd_own(in[0]), input = fd_own(in[1]);
	if (pipe2(back, O_CLOEXEC) < 0)
		return err_sys(errno, "make a pipe");
	cleanup(fd_close) struct fd output = fd_own(back[0]), answer_end = fd_own(back[1]);
	pid_t pid = fork();
	if (pid == 0)
		become_helper(path, in[0], back[1]);
	if (pid < 0)
		return err_sys(errno, "start onggi-systemd");
	*out = (struct helper){ pid, fd_take(&input), fd_take(&output) };
	return NULL;
}

/* Ends it at once, unless it has ended. */
static void kill_helper(struct helper *h)
{
	fd_close(&h->input);
	fd_close(&h->output);
	kill(h->pid, SIGKILL);
	waitpid(h->pid, NULL, 0);
}

/* Reads a line within the time that there is. */
static struct err *read_answer(int output, int seconds, struct buf *answer)
{
	struct pollfd p = { output, POLLIN, 0 };
	while (answer->n < ANSWER_MAX && (answer->n == 0 || answer->p[answer->n - 1] != '\n')) {
		int ready = poll(&p, 1, seconds * 1000);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_new(ERR_SYSTEM, "onggi-systemd did not answer within %d seconds",
				seconds);
		ssize_t n = read(output, buf_room(answer, 1024), 1024);
		if (n <= 0)
			return err_new(ERR_SYSTEM, "onggi-systemd ended without an answer");
		buf_grown(answer, (size_t)n);
	}
	return NULL;
}

/* What a person can do about each kind of refusal. */
static const struct refusal {
	const char *word;
	enum err_kind kind;
	const char *hint;
} refusals[] = {
	{ "system", ERR_SYSTEM,
		"see systemctl status and journalctl; without --systemd-cgroup systemd is not "
		"asked" },
	{ "usage", ERR_USAGE, "this systemd may be too old for the property" },
	{ "not-found", ERR_NOT_FOUND,
		"is systemd the init of this machine? Without --systemd-cgroup it is not needed" },
	{ "conflict", ERR_CONFLICT, "a unit of that name runs: end it with systemctl stop" },
	{ "denied", ERR_DENIED,
		"only root may ask the system's systemd; a user needs a session of their own "
		"(loginctl)" },
};

static struct err *refused(struct str text)
{
	struct str word = str_cut(&text, ' ');
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (str_eq(word, str_of(refusals[i].word)))
			return err_hint(err_new(refusals[i].kind, STR_FMT, STR_ARG(text)),
				refusals[i].hint);
	return err_new(ERR_SYSTEM, "onggi-systemd: " STR_FMT, STR_ARG(text));
}

/* "ok PATH" or "error KIND TEXT". */
static struct err *parse_answer(struct str answer, struct arena *a, const char **path)
{
	struct str line = str_cut(&answer, '\n'), word = str_cut(&line, ' ');
	if (!str_eq(word, STR("ok")))
		return refused(line);
	*path = arena_str(a, line);
	return NULL;
}

static bool has_line_break(const char *text)
{
	return text && strchr(text, '\n');
}

static void add_line(struct buf *out, const char *key, const char *value)
{
	if (value)
		buf_add(out, "%s %s\n", key, value);
}

static struct err *add_properties(struct buf *out, const char *const *properties)
{
	for (; properties && *properties; properties++) {
		if (has_line_break(*properties))
			return err_new(
				ERR_USAGE, "a line break in the unit property '%s'", *properties);
		add_line(out, "property", *properties);
	}
	return NULL;
}

static int seconds_of(const struct scope_order *o)
{
	return o->seconds > 0 ? o->seconds : SECONDS;
}

/* The request as text. */
static struct err *write_request(const char *verb, const struct scope_order *o, struct buf *out)
{
	if (has_line_break(o->unit) || has_line_break(o->slice) || has_line_break(o->description))
		return err_new(ERR_USAGE, "a line break in the unit's name or description");
	add_line(out, verb, o->unit);
	add_line(out, "user", o->user ? "1" : "0");
	buf_add(out, "seconds %d\n", seconds_of(o));
	add_line(out, "slice", o->slice);
	add_line(out, "description", o->description);
	struct err *e = add_properties(out, o->properties);
	buf_add(out, "\n");
	return e;
}

/* Asks and reads the answer. On success the helper still runs, and is the caller's. */
static struct err *ask(const char *verb, const struct scope_order *o, struct helper *h,
	struct arena *a, const char **path)
{
	cleanup(buf_done) struct buf request = {}, answer = {};
	struct err *e = write_request(verb, o, &request);
	if (!e)
		e = run_helper(h);
	if (e)
		return e;
	/* A helper that ends early is met when its answer is read, not by a signal here. */
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGPIPE, &ignore, &before);
	cleanup(err_free) struct err *unread = fd_write_all(fd_num(h->input), request.p, request.n);
	sigaction(SIGPIPE, &before, NULL);
	e = read_answer(fd_num(h->output), seconds_of(o) + GRACE, &answer);
	if (!e)
		e = parse_answer((struct str){ answer.p, answer.n }, a, path);
	if (e)
		kill_helper(h);
	return e;
}

struct err *scope_start(const struct scope_order *o, struct scope *out)
{
	cleanup(arena_done) struct arena a = {};
	struct helper h = {};
	const char *path = "";
	struct err *e = ask("start", o, &h, &a, &path);
	if (e)
		return err_wrap(e, "asking systemd for %s", o->unit);
	if (o->path && strcmp(o->path, path) != 0) {
		kill_helper(&h);
		return err_hint(err_new(ERR_SYSTEM, "systemd put %s at %s, and not at %s", o->unit,
					path, o->path),
			"is this the systemd that keeps the control groups mounted here?");
	}
	fd_close(&h.output);
	*out = (struct scope){ h.pid, fd_take(&h.input) };
	return NULL;
}

void scope_release(struct scope *s)
{
	int saved = errno;
	bool ended = false;
	cleanup(fd_close) struct fd pidfd = {};
	fd_close(&s->input);
	if (s->helper > 0) {
		cleanup(err_free) struct err *e = proc_open(s->helper, &pidfd);
		if (!e)
			e = proc_await(fd_num(pidfd), END_MS, &ended);
		if (!ended)
			kill(s->helper, SIGKILL);
		waitpid(s->helper, NULL, 0);
	}
	*s = (struct scope){};
	errno = saved;
}

/* One question and nothing left of it. */
static struct err *ask_once(const char *verb, const struct scope_order *o)
{
	cleanup(arena_done) struct arena a = {};
	struct helper h = {};
	const char *path;
	struct err *e = ask(verb, o, &h, &a, &path);
	if (e)
		return e;
	cleanup(scope_release) struct scope s = { h.pid, fd_take(&h.input) };
	fd_close(&h.output);
	return NULL;
}

struct err *scope_set(const char *unit, bool user, const char *const *properties)
{
	struct scope_order o = { .unit = unit, .properties = properties, .user = user };
	struct err *e = ask_once("set", &o);
	return e ? err_wrap(e, "changing %s", unit) : NULL;
}

struct err *scope_stop(const char *unit, bool user)
{
	struct err *e = ask_once("stop", &(struct scope_order){ .unit = unit, .user = user });
	return e ? err_wrap(e, "stopping %s", unit) : NULL;
}
