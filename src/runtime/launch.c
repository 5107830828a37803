#include "runtime/launch.h"
#include "kernel/compat.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "runtime/launch_ops.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const struct op *find_op(const struct plan *p, enum op_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->ops[i].kind == kind)
			return &p->ops[i];
	return NULL;
}

void launched_done(struct launched *l)
{
	fd_close(&l->pidfd);
	fd_close(&l->terminal);
}

/* What was passed to this program without a word of ours must not reach the container. */
static struct err *shut_inherited(const struct launch_order *order)
{
	const struct op *op = find_op(&order->plan->child, OP_CLOSE_FDS);
	unsigned first = op ? (unsigned)op->number.value : 3;
	if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return err_hint(err_sys(errno, "close_range"), "use Linux 5.12 or newer");
	return NULL;
}

/* The slots before the first operation: all empty but for what is given and the two sockets. */
static struct err *open_slots(struct launch *l)
{
	l->n_slots = l->order->plan->n_slots;
	l->slots = malloc(sizeof(int) * (size_t)l->n_slots);
	if (!l->slots)
		return err_sys(ENOMEM, "prepare a launch");
	for (int i = 0; i < l->n_slots; i++)
		l->slots[i] = -1;

	struct fd theirs = {}, console = {};
	struct err *e = sock_pair(&l->sync, &theirs);
	l->slots[SLOT_SYNC] = fd_num(theirs);
	const struct launch_plan *plan = l->order->plan;
	bool ours = find_op(&plan->child, OP_CONSOLE) && !find_op(&plan->parent, OP_CONNECT);
	if (!e && ours)
		e = sock_pair(&l->terminal, &console);
	if (fd_valid(console))
		l->slots[SLOT_CONSOLE] = fd_num(console);
	for (size_t i = 0; i < l->order->n_given; i++)
		l->slots[l->order->given[i].slot] = l->order->given[i].fd;
	return e;
}

static bool is_given(const struct launch *l, int slot)
{
	for (size_t i = 0; i < l->order->n_given; i++)
		if (l->order->given[i].slot == slot)
			return true;
	return false;
}

static void close_slots(struct launch *l)
{
	for (int i = 0; i < l->n_slots; i++) {
		struct fd fd = is_given(l, i) ? (struct fd){} : fd_own(l->slots[i]);
		fd_close(&fd);
		l->slots[i] = -1;
	}
}

static void launch_done(struct launch *l)
{
	scope_release(&l->scope);
	close_slots(l);
	free(l->slots);
	fd_close(&l->sync);
	fd_close(&l->terminal);
	fd_close(&l->pidfd);
}

/* How a child ended that said nothing. */
static struct err *silent_death(int status)
{
	if (WIFSIGNALED(status))
		return err_hint(err_new(ERR_SYSTEM,
					"the container's process was killed by signal %d while it "
					"was being set up",
					WTERMSIG(status)),
			WTERMSIG(status) == SIGKILL ? "its memory limit may be too low to start"
						    : NULL);
	return err_new(ERR_SYSTEM,
		"the container's process ended with status %d while it was set up",
		WEXITSTATUS(status));
}

static void kill_child(struct launch *l)
{
	int status;
	if (!fd_valid(l->pidfd))
		return;
	struct err *e = proc_signal(fd_num(l->pidfd), SIGKILL);
	err_free(&e);
	e = proc_reap(fd_num(l->pidfd), &status);
	err_free(&e);
}

/* A child that went silent has a wait status, which says more than "end of file". */
static struct err *explain_silence(struct launch *l)
{
	int status = 0;
	struct err *e = fd_valid(l->pidfd) ? proc_reap(fd_num(l->pidfd), &status) : NULL;
	fd_close(&l->pidfd);
	return e ? e : silent_death(status);
}

static struct err *run_parent(struct launch *l)
{
	const struct plan *p = &l->order->plan->parent;
	for (size_t i = 0; i < p->n; i++) {
		const struct op *op = &p->ops[i];
		struct err *e = launch_op(l, op);
		if (e && op->may_fail)
			err_free(&e);
		if (e)
			return e;
		if (l->silent)
			return explain_silence(l);
		if (op->kind == OP_CLONE)
			close_slots(l); /* they are the child's now */
	}
	return NULL;
}

struct err *launch_run(const struct launch_order *order, struct launched *out)
{
	struct launch l = { .order = order };
	struct err *e = shut_inherited(order);
	if (!e)
		e = open_slots(&l);
	if (!e)
		e = run_parent(&l);
	if (!e && fd_valid(l.terminal))
		e = sock_recv_fd(fd_num(l.terminal), &out->terminal);
	if (e) {
		kill_child(&l);
	} else {
		out->pid = l.pid;
		out->pidfd = fd_take(&l.pidfd);
	}
	launch_done(&l);
	return e;
}
