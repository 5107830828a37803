#include "image/helper.h"
#include "base/buf.h"
#include "base/fd.h"
#include "config.h"
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { REPORT = 3, ANSWERS_MAX = 16 << 20 };

static const char *own_directory(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > 0 ? arena_str(a, (struct str){ path, (size_t)n }) : "/";
}

static struct err *find(struct arena *a, const char **out)
{
	const char *named = getenv("ONGGI_LIBEXEC"), *own = own_directory(a);
	const char *const dirs[] = { named && *named ? named : own, own,
		arena_fmt(a, "%s../libexec/onggi", own), ONGGI_LIBEXECDIR };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		*out = arena_fmt(a, "%s/onggi-archive", dirs[i]);
		if (access(*out, X_OK) == 0)
			return NULL;
	}
	return err_hint(err_new(ERR_NOT_FOUND, "the program onggi-archive is not installed"),
		"name the directory that it is in by ONGGI_LIBEXEC");
}

/* All three are moved out of the way of 0 to 3 before those are filled. */
_Noreturn static void become(const char *path, char *const *argv, int in, int out, int report)
{
	int fds[] = { in, out, report }, to[] = { STDIN_FILENO, STDOUT_FILENO, REPORT };
	for (int i = 0; i < 3; i++) {
		int fd = fds[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fds[i];
		fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 4);
	}
	for (int i = 0; i < 3; i++)
		dup2(fds[i], to[i]);
	execv(path, argv);
	_exit(127);
}

static struct err *read_all(int fd, struct buf *out)
{
	for (;;) {
		ssize_t n = read(fd, buf_room(out, 4096), 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read the answer of onggi-archive");
		if (n == 0)
			return NULL;
		buf_grown(out, (size_t)n);
		if (out->n > ANSWERS_MAX)
			return err_new(ERR_SYSTEM, "onggi-archive answers too much");
	}
}

static struct err *run(
	const char *path, char *const *argv, const struct helper_call *c, struct buf *out)
{
	int report[2], status;
	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(errno, "make a pipe");
	cleanup(fd_close) struct fd answers = fd_own(report[0]), end = fd_own(report[1]);
	pid_t pid = fork();
	if (pid == 0)
		become(path, argv, c->in, c->out, report[1]);
	if (pid < 0)
		return err_sys(errno, "start onggi-archive");
	fd_close(&end);
	struct err *e = read_all(fd_num(answers), out);
	if (e)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!e && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
		e = err_new(ERR_SYSTEM, "onggi-archive ended in the middle (status %#x)", status);
	return e;
}

static struct err *failure(const struct json *answer, const struct json *error, struct arena *a)
{
	const struct json *kind = json_get(answer, "kind"), *hint = json_get(answer, "hint");
	int n = kind && kind->type == JSON_NUMBER ? *kind->text.p - '0' : ERR_SYSTEM;
	if (n < 0 || n >= ERR_KINDS)
		n = ERR_SYSTEM;
	struct err *e = err_new((enum err_kind)n, STR_FMT, STR_ARG(error->text));
	return hint && hint->type == JSON_TEXT ? err_hint(e, arena_str(a, hint->text)) : e;
}

/* Each line is an answer; the last says how it ended. */
static struct err *read_answers(struct str text, struct arena *a, struct list *out)
{
	size_t lines = 0;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	const struct json **answers = anew(a, const struct json *, lines + 1);
	*out = (struct list){ answers, 0 };
	while (text.n) {
		const struct json *answer;
		struct err *e = json_read(str_cut(&text, '\n'), "onggi-archive", a, &answer);
		if (e)
			return e;
		const struct json *error = json_get(answer, "error");
		if (error && error->type == JSON_TEXT)
			return failure(answer, error, a);
		if (json_get(answer, "done"))
			return NULL;
		answers[out->n++] = answer;
	}
	return err_new(ERR_SYSTEM, "onggi-archive ended without an answer");
}

struct err *helper_run(const struct helper_call *c, struct arena *a, struct list *answers)
{
	cleanup(buf_done) struct buf text = {};
	const char *path;
	struct err *e = find(a, &path);
	size_t n = c->args ? c->args->n : 0;
	char **argv = anew(a, char *, n + 4);
	if (e)
		return e;
	argv[0] = arena_str(a, STR("onggi-archive"));
	argv[1] = arena_str(a, str_of(c->operation));
	argv[2] = arena_str(a, str_of(c->root));
	for (size_t i = 0; i < n; i++)
		argv[3 + i] = arena_str(a, str_of(c->args->items[i]));
	e = run(path, argv, c, &text);
	return e ? e : read_answers((struct str){ buf_text(&text), text.n }, a, answers);
}
