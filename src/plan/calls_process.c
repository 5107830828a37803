/* What the child asks of the kernel for itself. */
#include "kernel/cap.h"
#include "kernel/compat.h"
#include "kernel/flags.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include "plan/calls.h"
#include "plan/show.h"

static void calls_undumpable(const struct op *, struct buf *out)
{
	call_add(out, "prctl(PR_SET_DUMPABLE, 0)");
}

static void calls_join_cgroup(const struct op *op, struct buf *out)
{
	buf_add(out, "write(");
	slot_name(op->ns.slot, out);
	call_add(out, ", \"0\")");
}

static void calls_setns(const struct op *op, struct buf *out)
{
	buf_add(out, "setns(");
	slot_name(op->ns.slot, out);
	buf_add(out, ", ");
	words_show(&clone_flags, op->ns.flags, out);
	call_add(out, ")");
}

static void calls_unshare(const struct op *op, struct buf *out)
{
	buf_add(out, "unshare(");
	words_show(&clone_flags, op->ns.flags, out);
	call_add(out, ")");
}

/* The new process is a sibling; the old one says its number and ends. */
static void calls_refork(const struct op *op, struct buf *out)
{
	call_add(out, "pipe2(turn, O_CLOEXEC)");
	buf_add(out, "clone3({flags=");
	words_show(&clone_flags, op->clone.flags | CLONE_PARENT, out);
	call_add(out, "%s}) = $pid", op->clone.flags & CLONE_INTO_CGROUP ? ", cgroup=cgroup" : "");
	call_add(out, "sendto(sync, {'forked', $pid}, MSG_NOSIGNAL)");
	call_add(out, "write(turn[1], \"\", 1) -> the new process reads it and goes on");
	call_add(out, "exit_group(0)");
}

static void calls_become_root(const struct op *, struct buf *out)
{
	call_add(out, "setgroups(0, NULL)");
	call_add(out, "setresgid(0, 0, 0)");
	call_add(out, "setresuid(0, 0, 0)");
}

static void calls_session(const struct op *, struct buf *out)
{
	call_add(out, "setsid()");
}

static void calls_keyring(const struct op *op, struct buf *out)
{
	buf_add(out, "keyctl(KEYCTL_JOIN_SESSION_KEYRING, ");
	call_text(op->text.text, out);
	call_add(out, ") = key");
	call_add(out, "keyctl(KEYCTL_SETPERM, key, "
		      "(KEY_POS_ALL & ~KEY_POS_SETATTR)|"
		      "KEY_USR_VIEW|KEY_USR_READ|KEY_USR_SEARCH|KEY_USR_LINK)");
}

static void calls_loopback(const struct op *, struct buf *out)
{
	call_add(out, "socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0) = sock");
	call_add(out, "ioctl(sock, SIOCSIFFLAGS, {\"lo\", IFF_UP})");
}

static void add_name(const char *call, const struct op *op, struct buf *out)
{
	buf_add(out, "%s(", call);
	call_text(op->text.text, out);
	call_add(out, ", %zu)", strlen(op->text.text));
}

static void calls_hostname(const struct op *op, struct buf *out)
{
	add_name("sethostname", op, out);
}

static void calls_domainname(const struct op *op, struct buf *out)
{
	add_name("setdomainname", op, out);
}

static void calls_tty(const struct op *, struct buf *out)
{
	for (int fd = 0; fd <= 2; fd++)
		call_add(out, "dup3(tty, %d, 0)", fd);
	call_add(out, "ioctl(0, TIOCSCTTY, 0)");
}

static void calls_stdio_owner(const struct op *op, struct buf *out)
{
	for (int fd = 0; fd <= 2; fd++)
		call_add(out, "fchownat(%d, \"\", %u, -1, AT_EMPTY_PATH)", fd, op->identity.uid);
}

static void calls_rlimit(const struct op *op, struct buf *out)
{
	const char *name = words_name(&rlimit_words, op->rlimit.resource);
	buf_add(out, "prlimit64(0, %s, {rlim_cur=", name ? name : "?");
	show_limit(op->rlimit.soft, out);
	buf_add(out, ", rlim_max=");
	show_limit(op->rlimit.hard, out);
	call_add(out, "}, NULL)");
}

static void calls_scheduler(const struct op *op, struct buf *out)
{
	const struct kernel_sched_attr *a = op->raw.data.p;
	const char *policy = words_name(&sched_policies, a->policy);
	buf_add(out, "sched_setattr(0, {sched_policy=%s", policy ? policy : "?");
	if (a->flags) {
		buf_add(out, ", sched_flags=");
		words_show(&sched_flags, a->flags, out);
	}
	if (a->nice)
		buf_add(out, ", sched_nice=%d", a->nice);
	if (a->priority)
		buf_add(out, ", sched_priority=%u", a->priority);
	if (a->runtime || a->deadline || a->period)
		buf_add(out, ", sched_runtime=%llu, sched_deadline=%llu, sched_period=%llu",
			(unsigned long long)a->runtime, (unsigned long long)a->deadline,
			(unsigned long long)a->period);
	call_add(out, "}, 0)");
}

static void calls_io_priority(const struct op *op, struct buf *out)
{
	const char *class = words_name(&ioprio_classes, (uint64_t)op->number.value >> 13);
	call_add(out, "ioprio_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(%s, %d))",
		class ? class : "?", (int)(op->number.value & 0x1fff));
}

static void calls_affinity(const struct op *op, struct buf *out)
{
	buf_add(out, "sched_setaffinity(0, %zu, {", op->raw.data.n);
	show_bits(op->raw.data, out);
	call_add(out, "})");
}

static void calls_memory_policy(const struct op *op, struct buf *out)
{
	buf_add(out, "set_mempolicy(");
	show_memory_mode(op, out);
	buf_add(out, ", {");
	show_bits(op->memory_policy.nodes, out);
	size_t bytes = op->memory_policy.nodes.n;
	call_add(out, "}, %zu)", bytes ? bytes * 8 + 1 : 0);
}

static void calls_personality(const struct op *op, struct buf *out)
{
	buf_add(out, "personality(");
	words_show(&personality_flags, (uint64_t)op->number.value, out);
	call_add(out, ")");
}

static void calls_umask(const struct op *op, struct buf *out)
{
	call_add(out, "umask(%04o)", (unsigned)op->number.value);
}

/* Up to the first that can be executed. */
static void calls_find_command(const struct op *op, struct buf *out)
{
	for (const char *const *c = op->exec.candidates; c && *c; c++) {
		buf_add(out, "faccessat2(AT_FDCWD, ");
		call_text(*c, out);
		call_add(out, ", X_OK, 0)");
	}
}

static void calls_gate(const struct op *, struct buf *out)
{
	call_add(out, "accept4(gate, SOCK_CLOEXEC) = starter");
	call_add(out, "recvfrom(starter, 1 byte)");
}

/* What stays is shorter to tell than what goes. */
static void calls_bounding(const struct op *op, struct buf *out)
{
	buf_add(out, "prctl(PR_CAPBSET_DROP, each but ");
	cap_show(op->caps.permitted, out);
	call_add(out, ")");
}

static void add_groups(const struct op *op, struct buf *out)
{
	const uint32_t *groups = op->identity.groups.p;
	size_t n = op->identity.groups.n / sizeof(*groups);
	buf_add(out, "setgroups(%zu, {", n);
	for (size_t i = 0; i < n; i++)
		buf_add(out, i ? ", %u" : "%u", groups[i]);
	call_add(out, "})");
}

static void calls_identity(const struct op *op, struct buf *out)
{
	uint32_t uid = op->identity.uid, gid = op->identity.gid;
	if (!op->identity.keep_groups)
		add_groups(op, out);
	call_add(out, "setresgid(%u, %u, %u)", gid, gid, gid);
	call_add(out, "prctl(PR_SET_KEEPCAPS, 1)");
	call_add(out, "setresuid(%u, %u, %u)", uid, uid, uid);
	if (uid)
		call_add(out, "capset({effective=permitted})");
}

static void calls_no_new_privs(const struct op *, struct buf *out)
{
	call_add(out, "prctl(PR_SET_NO_NEW_PRIVS, 1)");
}

static void calls_close_fds(const struct op *op, struct buf *out)
{
	call_add(out, "close_range(%lld, ~0, CLOSE_RANGE_CLOEXEC)", (long long)op->number.value);
}

static void calls_seccomp(const struct op *op, struct buf *out)
{
	uint64_t flags = op->seccomp.flags | (op->seccomp.notify ? 8 : 0); /* _NEW_LISTENER */
	buf_add(out, "seccomp(SECCOMP_SET_MODE_FILTER, ");
	words_show(&seccomp_load_flags, flags, out);
	call_add(out, ", {%zu instructions})", op->seccomp.filter.n / 8);
}

static void calls_caps(const struct op *op, struct buf *out)
{
	buf_add(out, "capset({effective=");
	cap_show(op->caps.effective, out);
	buf_add(out, ", permitted=");
	cap_show(op->caps.permitted, out);
	buf_add(out, ", inheritable=");
	cap_show(op->caps.inheritable, out);
	call_add(out, "})");
	call_add(out, "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)");
	for (int cap = 0; cap < 64; cap++)
		if (op->caps.ambient >> cap & 1)
			call_add(out, "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %s)",
				cap_name(cap) ? cap_name(cap) : "?");
}

static void calls_exec(const struct op *op, struct buf *out)
{
	buf_add(out, "execve(");
	call_text(op->exec.candidates ? op->exec.candidates[0] : op->exec.command, out);
	buf_add(out, ", ");
	call_texts(op->exec.argv, out);
	buf_add(out, ", ");
	call_texts(op->exec.env, out);
	call_add(out, ")");
}

const struct call_row calls_process[OP_KINDS] = {
	[OP_UNDUMPABLE] = { calls_undumpable },
	[OP_JOIN_CGROUP] = { calls_join_cgroup },
	[OP_SETNS] = { calls_setns },
	[OP_UNSHARE] = { calls_unshare },
	[OP_REFORK] = { calls_refork },
	[OP_BECOME_ROOT] = { calls_become_root },
	[OP_SESSION] = { calls_session },
	[OP_KEYRING] = { calls_keyring },
	[OP_LOOPBACK] = { calls_loopback },
	[OP_HOSTNAME] = { calls_hostname },
	[OP_DOMAINNAME] = { calls_domainname },
	[OP_TTY] = { calls_tty },
	[OP_STDIO_OWNER] = { calls_stdio_owner },
	[OP_RLIMIT] = { calls_rlimit },
	[OP_SCHEDULER] = { calls_scheduler },
	[OP_IO_PRIORITY] = { calls_io_priority },
	[OP_AFFINITY] = { calls_affinity },
	[OP_MEMORY_POLICY] = { calls_memory_policy },
	[OP_PERSONALITY] = { calls_personality },
	[OP_UMASK] = { calls_umask },
	[OP_FIND_COMMAND] = { calls_find_command },
	[OP_GATE] = { calls_gate },
	[OP_BOUNDING] = { calls_bounding },
	[OP_IDENTITY] = { calls_identity },
	[OP_NO_NEW_PRIVS] = { calls_no_new_privs },
	[OP_CLOSE_FDS] = { calls_close_fds },
	[OP_SECCOMP] = { calls_seccomp },
	[OP_CAPS] = { calls_caps },
	[OP_EXEC] = { calls_exec },
};
