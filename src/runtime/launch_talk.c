#include "runtime/launch_talk.h"
#include "runtime/listener.h"
#include <sys/socket.h>

static struct err *take_listener(struct launch *l, int number)
{
	cleanup(buf_done) struct buf state = {};
	l->order->hooks->state(l->order->hooks->ctx, "creating", l->pid, &state);
	struct err *e = listener_pass(fd_num(l->pidfd), l->pid, number, l->order->listener_path,
		l->order->listener_metadata, buf_text(&state));
	struct message answer = { .kind = MESSAGE_LISTENER };
	if (!e && send(fd_num(l->sync), &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		e = err_sys(errno, "answer the container's process");
	return e;
}

struct err *launch_receive(struct launch *l, struct message *m, bool *ended)
{
	ssize_t n;
	do
		n = recv(fd_num(l->sync), m, sizeof(*m), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != ECONNRESET)
		return err_sys(errno, "hear from the container's process");
	*ended = n < (ssize_t)sizeof(*m); /* half a message is none */
	if (*ended)
		return NULL;
	m->fault.what[sizeof(m->fault.what) - 1] = 0;
	if (m->kind == MESSAGE_FAULT)
		return m->fault.kind == OP_CLONE ? fault_blame(&m->fault)
		                                 : plan_blame(&l->order->plan->child, &m->fault);
	if (m->kind == MESSAGE_LISTENER)
		return take_listener(l, m->number);
	return NULL;
}
