#include "child/run.h"

#include "child/talk.h"
#include "child/text.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

int run_undumpable(struct runner *r, const struct op *)
{
	return (int)sys_prctl(&r->sys, PR_SET_DUMPABLE, 0, 0);
}

/* "0" is the writing thread, and a lone thread moves without the lock that stalls others. */
int run_join_cgroup(struct runner *r, const struct op *op)
{
	long n = sys_write(&r->sys, runner_slot(r, op->ns.slot), "0", 1);
	return n < 0 ? (int)n : 0;
}

int run_setns(struct runner *r, const struct op *op)
{
	return (int)sys_setns(&r->sys, runner_slot(r, op->ns.slot), op->ns.flags);
}

int run_unshare(struct runner *r, const struct op *op)
{
	return (int)sys_unshare(&r->sys, op->ns.flags);
}

/* The old process's last words, and leave for the new one to speak. It ends well if the parent
 * heard them. */
static int hand_over(struct runner *r, int pid, int turn)
{
	const struct message m = { .kind = MESSAGE_STAGE, .stage = STAGE_FORKED, .number = pid };
	int failed = talk_send(r, runner_slot(r, SLOT_SYNC), &m);
	if (failed >= 0)
		failed = (int)sys_write(&r->sys, turn, "", 1);
	if (failed < 0)
		return failed;
	sys_exit_group(&r->sys, 0);
	return runner_refuse(r, ECHILD);
}

/* The new process waits until the old one has told of it, or has ended without. */
static int wait_turn(struct runner *r, int turn[2])
{
	char byte;
	runner_close_now(r, turn[1]);
	turn[1] = -1;
	long n = sys_read(&r->sys, turn[0], &byte, 1);
	return n == 0 ? runner_refuse(r, EPIPE) : n < 0 ? (int)n : 0;
}

/* Namespaces of processes and of time act on children only, so the launch goes on in one. It is a
 * sibling, a child of our parent: with CLONE_PARENT the signal of its end is that of ours. */
int run_refork(struct runner *r, const struct op *op)
{
	struct clone_args args = { .flags = op->clone.flags | CLONE_PARENT };
	int turn[2] = { -1, -1 };
	if (op->clone.flags & CLONE_INTO_CGROUP)
		args.cgroup = (unsigned int)runner_slot(r, SLOT_CGROUP);
	long failed = sys_pipe2(&r->sys, turn, O_CLOEXEC);
	long pid = failed < 0 ? failed : sys_clone3(&r->sys, &args, sizeof(args));
	int result = pid < 0   ? (int)pid
	             : pid > 0 ? hand_over(r, (int)pid, turn[1])
	                       : wait_turn(r, turn);
	runner_close(r, turn[0]);
	runner_close(r, turn[1]);
	return result;
}

int run_become_root(struct runner *r, const struct op *)
{
	long failed = sys_setgroups(&r->sys, 0, NULL);
	if (failed < 0 && failed != -EPERM) /* denied in many user namespaces */
		return (int)failed;
	failed = sys_setresgid(&r->sys, 0, 0, 0);
	return failed < 0 ? (int)failed : (int)sys_setresuid(&r->sys, 0, 0, 0);
}

int run_session(struct runner *r, const struct op *)
{
	long session = sys_setsid(&r->sys);
	return session < 0 ? (int)session : 0;
}

/* What a session keyring's owner may do by default, and to search it: without that a later process
 * of the container could not join it by name. keyctl(2), KEYCTL_SETPERM. */
int run_keyring(struct runner *r, const struct op *op)
{
	const unsigned int possessor = 0x3f000000, user = 0x00130000, user_search = 0x00080000;
	long key = sys_keyctl_join(&r->sys, op->text.text);
	if (key < 0)
		return (int)key;
	return (int)sys_keyctl_setperm(&r->sys, key, possessor | user | user_search);
}

/* Any socket will do: the request is about the interface. netdevice(7). */
int run_loopback(struct runner *r, const struct op *)
{
	const struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	long sock = sys_socket(&r->sys, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return (int)sock;
	long failed = sys_ioctl(&r->sys, (int)sock, SIOCSIFFLAGS, (long)&lo);
	runner_close(r, sock);
	return (int)failed;
}

int run_hostname(struct runner *r, const struct op *op)
{
	return (int)sys_sethostname(&r->sys, op->text.text, text_len(op->text.text));
}

int run_domainname(struct runner *r, const struct op *op)
{
	return (int)sys_setdomainname(&r->sys, op->text.text, text_len(op->text.text));
}
