/*
 * onggi-systemd - asks systemd one thing for the runtime, and says what came of it.
 *
 * The runtime is a static program without D-Bus; it runs this one with a request on standard
 * input (runtime/scope.h has the protocol). Whoever asks for a scope has this process as its
 * first member, until standard input ends.
 */
#include "base/buf.h"
#include "base/fd.h"
#include "systemd/unit.h"
#include <signal.h>
#include <sys/prctl.h>

static struct err *start(struct bus *b, const struct request *r, struct arena *a, const char **out)
{
	return unit_start(b, r, getpid(), a, out);
}

static struct err *set(struct bus *b, const struct request *r, struct arena *, const char **)
{
	return unit_set(b, r);
}

static struct err *stop(struct bus *b, const struct request *r, struct arena *, const char **)
{
	return unit_stop(b, r);
}

static const struct verb {
	const char *name;
	struct err *(*run)(
		struct bus *b, const struct request *r, struct arena *a, const char **out);
} verbs[] = {
	{ "start", start },
	{ "set", set },
	{ "stop", stop },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static struct err *serve(struct arena *a, const char **answer)
{
	struct request r;
	cleanup(bus_close) struct bus b = {};
	struct err *e = request_read(STDIN_FILENO, a, &r);
	if (e)
		return e;
	const struct verb *v = find_verb(r.verb);
	if (!v)
		return err_new(ERR_USAGE, "unknown request '%s'", r.verb);
	e = bus_open(r.user, r.seconds, &b);
	return e ? e : v->run(&b, &r, a, answer);
}

/* One line: "ok PATH", or "error KIND TEXT". */
static void tell(const struct err *e, const char *answer)
{
	static const char *const kinds[ERR_KINDS] = {
		[ERR_SYSTEM] = "system",
		[ERR_USAGE] = "usage",
		[ERR_NOT_FOUND] = "not-found",
		[ERR_CONFLICT] = "conflict",
		[ERR_DENIED] = "denied",
	};
	cleanup(buf_done) struct buf line = {};
	buf_add(&line, e ? "error %s " : "ok %s", e ? kinds[e->kind] : answer);
	for (const struct err *it = e; it; it = it->cause)
		buf_add(&line, "%s%s", it == e ? "" : ": ", it->text);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.p[i] = ' ';
	buf_add(&line, "\n");
	cleanup(err_free) struct err *nobody = fd_write_all(STDOUT_FILENO, line.p, line.n);
}

static void await_end_of_input(void)
{
	char c;
	ssize_t n;
	do
		n = read(STDIN_FILENO, &c, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
}

int main(void)
{
	cleanup(arena_done) struct arena a = {};
	const char *answer = "";
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a scope that nobody will use ends with its runtime */
	signal(SIGPIPE, SIG_IGN);
	cleanup(err_free) struct err *e = serve(&a, &answer);
	tell(e, answer);
	if (!e)
		await_end_of_input();
	return e != NULL;
}
