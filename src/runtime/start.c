#include "runtime/start.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "plan/plan.h"
#include "runtime/container.h"
#include "runtime/document.h"
#include "runtime/hooks.h"
#include "runtime/listener.h"
#include "runtime/record.h"
#include "spec/spec.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

struct starting {
	const struct state *state;
	struct record record;
	struct buf text;
	struct spec spec; /* read only if the record says it is needed */
	struct fd pidfd, gate;
	pid_t pid;
	bool executing; /* the child has said that it executes the command next */
};

static void starting_done(struct starting *s)
{
	buf_done(&s->text);
	fd_close(&s->pidfd);
	fd_close(&s->gate);
}

static void write_document(const struct starting *s, const char *status, struct buf *out)
{
	document_write(&(struct document){ .oci_version = s->record.oci_version,
			       .id = s->state->id,
			       .status = status,
			       .bundle = s->record.bundle,
			       .pid = s->pid,
			       .annotations = &s->record.annotations },
		out);
}

static struct err *load(struct starting *s, struct arena *a)
{
	struct process_record process;
	bool there;
	struct err *e = record_read(s->state, a, &s->record);
	if (!e)
		e = record_read_process(s->state, &process, &there);
	if (!e && !there)
		e = err_new(ERR_CONFLICT, "container %s has no process", s->state->id);
	if (!e) {
		s->pid = process.pid;
		e = proc_open(s->pid, &s->pidfd);
	}
	if (e || !s->record.start_reads_config)
		return e;
	e = state_read_config(s->state, &s->text);
	return e ? e : spec_parse(buf_text(&s->text), s->text.n, "config.json", a, &s->spec);
}

static struct err *run_hooks(
	const struct starting *s, const struct list *hooks, const char *point, const char *status)
{
	cleanup(buf_done) struct buf doc = {};
	if (!hooks->n)
		return NULL;
	struct hook_inside inside = { fd_num(s->pidfd), s->pid };
	write_document(s, status, &doc);
	return hooks_run(hooks, point, buf_text(&doc),
		strcmp(point, "startContainer") == 0 ? &inside : NULL);
}

static struct err *knock(struct starting *s, struct arena *a)
{
	bool refused;
	struct err *e = sock_connect(state_path(s->state, "gate", a), &s->gate, &refused);
	if (!e && refused)
		e = err_new(ERR_CONFLICT, "cannot start an already running container");
	if (!e && send(fd_num(s->gate), "s", 1, MSG_NOSIGNAL) < 0)
		e = err_sys(errno, "knock at the gate of %s", s->state->id);
	return e;
}

/* Reads one whole message; *@ended at end of file. */
static struct err *hear(const struct starting *s, struct message *m, bool *ended)
{
	ssize_t n;
	do
		n = recv(fd_num(s->gate), m, sizeof(*m), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != ECONNRESET)
		return err_sys(errno, "hear from the container's process");
	*ended = n < (ssize_t)sizeof(*m);
	return NULL;
}

static struct err *take_listener(const struct starting *s, int number)
{
	cleanup(buf_done) struct buf doc = {};
	write_document(s, "creating", &doc);
	struct err *e =
		listener_pass(fd_num(s->pidfd), s->pid, number, s->spec.linux.seccomp.listener_path,
			s->spec.linux.seccomp.listener_metadata, buf_text(&doc));
	struct message answer = { .kind = MESSAGE_LISTENER };
	if (!e && send(fd_num(s->gate), &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		e = err_sys(errno, "answer the container's process");
	return e;
}

static struct err *answer(struct starting *s, struct message *m)
{
	switch (m->kind) {
	case MESSAGE_STARTING:
		s->executing = true;
		return NULL;
	case MESSAGE_FAULT:
		m->fault.what[sizeof(m->fault.what) - 1] = 0;
		return fault_blame(&m->fault);
	case MESSAGE_LISTENER:
		return take_listener(s, m->number);
	default:
		return err_new(ERR_SYSTEM, "the container's process sent a malformed report");
	}
}

static struct err *await_exec(struct starting *s)
{
	bool ended = false;
	struct err *e = NULL;
	while (!e && !ended) {
		struct message m;
		e = hear(s, &m, &ended);
		if (!e && !ended)
			e = answer(s, &m);
	}
	if (!e && !s->executing)
		e = err_new(ERR_SYSTEM,
			"the container's process ended before its command was executed");
	return e;
}

static void end_container(const struct starting *s)
{
	if (!fd_valid(s->pidfd))
		return;
	struct err *e = proc_signal(fd_num(s->pidfd), SIGKILL);
	err_free(&e);
}

struct err *start_container(const struct state *state, struct arena *a)
{
	cleanup(starting_done) struct starting s = { .state = state };
	struct err *e = load(&s, a);
	if (!e)
		e = run_hooks(&s, &s.spec.hooks.start_container, "startContainer", "created");
	if (e) {
		end_container(&s);
		return e;
	}
	e = knock(&s, a);
	if (e)
		return e;
	e = await_exec(&s);
	if (!e)
		e = run_hooks(&s, &s.spec.hooks.poststart, "poststart", "running");
	if (e) {
		end_container(&s);
		return e;
	}
	unlinkat(fd_num(state->dir), "gate", 0);
	return NULL;
}
