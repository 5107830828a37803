#include "child/talk.h"

int talk_send(struct runner *r, int sock, const struct message *m)
{
	const char *p = (const char *)m;
	for (size_t done = 0; done < sizeof(*m);) {
		size_t n = sizeof(*m) - done;
		long sent = r->filtered ? sys_write(&r->sys, sock, p + done, n)
		                        : sys_sendto(&r->sys, sock, p + done, n, MSG_NOSIGNAL);
		if (sent < 0)
			return (int)sent;
		if (sent == 0)
			return runner_refuse(r, EPIPE);
		done += (size_t)sent;
	}
	return 0;
}

int talk_receive(struct runner *r, int sock, struct message *m)
{
	char *p = (char *)m;
	for (size_t done = 0; done < sizeof(*m);) {
		long got = sys_read(&r->sys, sock, p + done, sizeof(*m) - done);
		if (got < 0)
			return (int)got;
		if (got == 0)
			return runner_refuse(r, EPIPE);
		done += (size_t)got;
	}
	return 0;
}

int talk_partner(const struct runner *r)
{
	int starter = runner_slot(r, SLOT_STARTER);
	return starter >= 0 ? starter : runner_slot(r, SLOT_SYNC);
}

int talk_starting(struct runner *r)
{
	int starter = runner_slot(r, SLOT_STARTER);
	if (starter < 0 || r->starting)
		return 0;
	r->starting = true;
	const struct message m = { .kind = MESSAGE_STARTING };
	int failed = talk_send(r, starter, &m);
	return failed == -EPIPE || failed == -ECONNRESET ? 0 : failed;
}
