#include "child/run.h"

#include "child/talk.h"
#include <linux/seccomp.h>
#include <sys/prctl.h>

enum { CAPABILITIES = 64 };

/* The kernel's own last capability is where it says EINVAL. */
int run_bounding(struct runner *r, const struct op *op)
{
	for (unsigned long cap = 0; cap < CAPABILITIES; cap++) {
		if (op->caps.permitted >> cap & 1)
			continue;
		long failed = sys_prctl(&r->sys, PR_CAPBSET_DROP, cap, 0);
		if (failed == -EINVAL)
			return 0;
		if (failed < 0)
			return (int)failed;
	}
	return 0;
}

static const struct __user_cap_header_struct whole_caps = { .version =
								    _LINUX_CAPABILITY_VERSION_3 };

/* What may still be used is put to use again after a change of user. */
static int raise_permitted(struct runner *r)
{
	struct __user_cap_data_struct data[2];
	long failed = sys_capget(&r->sys, &whole_caps, data);
	if (failed < 0)
		return (int)failed;
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	return (int)sys_capset(&r->sys, &whole_caps, data);
}

/* The permitted capabilities outlive the change of user, for OP_CAPS to choose from. */
int run_identity(struct runner *r, const struct op *op)
{
	uint32_t uid = op->identity.uid, gid = op->identity.gid;
	long failed = 0;
	if (!op->identity.keep_groups)
		failed = sys_setgroups(
			&r->sys, op->identity.groups.n / sizeof(uint32_t), op->identity.groups.p);
	if (failed >= 0)
		failed = sys_setresgid(&r->sys, gid, gid, gid);
	if (failed >= 0)
		failed = sys_prctl(&r->sys, PR_SET_KEEPCAPS, 1, 0);
	if (failed >= 0)
		failed = sys_setresuid(&r->sys, uid, uid, uid);
	return failed < 0 || !uid ? (int)failed : raise_permitted(r);
}

int run_no_new_privs(struct runner *r, const struct op *)
{
	return (int)sys_prctl(&r->sys, PR_SET_NO_NEW_PRIVS, 1, 0);
}

/* Tells who waits the listener's number, and waits until it has been taken: the next thing is
 * exec, which closes it. */
static int hand_out(struct runner *r, int listener)
{
	struct message m = { .kind = MESSAGE_LISTENER, .number = listener };
	int partner = talk_partner(r);
	int failed = talk_send(r, partner, &m);
	if (failed < 0)
		return failed;
	failed = talk_receive(r, partner, &m);
	if (failed >= 0 && m.kind != MESSAGE_LISTENER)
		failed = runner_refuse(r, EPROTO);
	return failed;
}

/* Whoever waits for the start is told before, while the filter cannot forbid it. */
int run_seccomp(struct runner *r, const struct op *op)
{
	const struct sock_fprog program = {
		.len = (unsigned short)(op->seccomp.filter.n / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(uintptr_t)op->seccomp.filter.p,
	};
	unsigned int flags = op->seccomp.flags;
	if (op->seccomp.notify)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int failed = talk_starting(r);
	if (failed < 0)
		return failed;
	long loaded = sys_seccomp(&r->sys, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (loaded < 0)
		return (int)loaded;
	r->filtered = true;
	return op->seccomp.notify ? hand_out(r, (int)loaded) : 0;
}

static int set_ambient(struct runner *r, uint64_t ambient)
{
	long failed = sys_prctl(&r->sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
	for (unsigned long cap = 0; cap < CAPABILITIES && failed >= 0; cap++)
		if (ambient >> cap & 1)
			failed = sys_prctl(&r->sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap);
	return (int)failed;
}

int run_caps(struct runner *r, const struct op *op)
{
	struct __user_cap_data_struct data[2];
	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(op->caps.effective >> 32 * i);
		data[i].permitted = (uint32_t)(op->caps.permitted >> 32 * i);
		data[i].inheritable = (uint32_t)(op->caps.inheritable >> 32 * i);
	}
	long failed = sys_capset(&r->sys, &whole_caps, data);
	return failed < 0 ? (int)failed : set_ambient(r, op->caps.ambient);
}
