#include "child/run.h"

#include "base/mutate.h"
#include "child/talk.h"

int run_post(struct runner *r, const struct op *op)
{
	const struct message m = { .kind = MESSAGE_STAGE, .stage = op->sync.stage };
	return talk_send(r, runner_slot(r, SLOT_SYNC), &m);
}

int run_await(struct runner *r, const struct op *op)
{
	struct message m;
	int failed = talk_receive(r, runner_slot(r, SLOT_SYNC), &m);
	if (failed < 0)
		return failed;
	bool expected = m.kind == MESSAGE_STAGE && m.stage == op->sync.stage;
	return expected ? 0 : runner_refuse(r, EPROTO);
}

/* Whether whoever connected wants the container started. Asking whether the gate is open is done
 * by connecting, too, and sends nothing. */
static bool wants_start(struct runner *r, int connection)
{
	char byte;
	return sys_recvfrom(&r->sys, connection, &byte, 1, 0) == 1;
}

int run_gate(struct runner *r, const struct op *)
{
	/* Whoever made this process may end now; its end of the socket would only keep ours. What
	 * else is open leads to the host, for others in the same pid namespace that may trace us.
	 */
	runner_close(r, runner_take(r, SLOT_SYNC));
	if (!mutated(MUTATE_SLOTS))
		runner_close_slots(r);
	for (;;) {
		long connection = sys_accept4(&r->sys, runner_slot(r, SLOT_GATE), SOCK_CLOEXEC);
		if (connection == -ECONNABORTED)
			continue;
		if (connection < 0)
			return (int)connection;
		if (wants_start(r, (int)connection))
			return runner_keep(r, SLOT_STARTER, connection);
		runner_close_now(r, connection);
	}
}
