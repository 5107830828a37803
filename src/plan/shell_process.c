/* Commands for what the container's process is: most are arguments of a tool that executes the
 * next one, because a process can do these things to itself only. */
#include "base/words.h"
#include "kernel/cap.h"
#include "kernel/compat.h"
#include "kernel/ns.h"
#include "kernel/rlimit.h"
#include "plan/shell_rows.h"
#include "plan/show.h"
#include <ctype.h>
#include <linux/mempolicy.h>
#include <sys/personality.h>

static void shell_join_cgroup(const struct shell *s, const struct op *op, struct buf *out)
{
	buf_add(out, "echo 0 > ");
	shell_slot(s, op->ns.slot, out);
	buf_add(out, "\n");
}

/* What util-linux calls the kinds: as config.json does, but for the network. */
static const char *ns_option(const struct ns_kind *kind)
{
	return kind->flag == CLONE_NEWNET ? "net" : kind->type;
}

static void shell_setns(const struct shell *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf from = {};
	shell_slot(s, op->ns.slot, &from);
	const char *sep = "";
	for (size_t i = 0; i < NS_KINDS; i++) {
		if (!(op->ns.flags & ns_kinds[i].flag))
			continue;
		buf_add(out, "%s--%s=%s", sep, ns_option(&ns_kinds[i]), buf_text(&from));
		sep = " ";
	}
}

static void add_namespaces(uint64_t flags, struct buf *out)
{
	const char *sep = "";
	for (size_t i = 0; i < NS_KINDS; i++) {
		if (!(flags & ns_kinds[i].flag))
			continue;
		buf_add(out, "%s--%s", sep, ns_option(&ns_kinds[i]));
		sep = " ";
	}
	if (flags & CLONE_NEWNS)
		buf_add(out, " --propagation unchanged");
}

static void shell_clone(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "--fork --kill-child ");
	add_namespaces(op->clone.flags, out);
}

static void shell_unshare(const struct shell *, const struct op *op, struct buf *out)
{
	add_namespaces(op->ns.flags, out);
}

bool shell_has_terminal(const struct shell *s)
{
	for (size_t i = 0; s->plan && i < s->plan->child.n; i++)
		if (s->plan->child.ops[i].kind == OP_TTY)
			return true;
	return false;
}

static void shell_session(const struct shell *s, const struct op *, struct buf *out)
{
	if (shell_has_terminal(s))
		buf_add(out, "--ctty");
}

static void shell_loopback(const struct shell *, const struct op *, struct buf *out)
{
	buf_add(out, "ip link set lo up\n");
}

static void add_name(const char *command, const struct op *op, struct buf *out)
{
	buf_add(out, "%s ", command);
	shell_quote(op->text.text, out);
	buf_add(out, "\n");
}

static void shell_hostname(const struct shell *, const struct op *op, struct buf *out)
{
	add_name("hostname", op, out);
}

static void shell_domainname(const struct shell *, const struct op *op, struct buf *out)
{
	add_name("domainname", op, out);
}

/* Devices, /dev/null among them, are not the container's. */
static void shell_stdio_owner(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out,
		"for fd in 0 1 2; do [ -c /proc/self/fd/$fd ] || chown %u /proc/self/fd/$fd || :; "
		"done\n",
		op->identity.uid);
}

static void add_small(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_add(out, "%c", tolower((unsigned char)*text));
}

/* "--nofile=1024:4096": the option is the limit's name. */
static void shell_rlimit(const struct shell *, const struct op *op, struct buf *out)
{
	const char *name = words_name(&rlimit_words, op->rlimit.resource);
	buf_add(out, "--");
	add_small(name ? name + strlen("RLIMIT_") : "unknown", out);
	buf_add(out, "=");
	show_limit(op->rlimit.soft, out);
	buf_add(out, ":");
	show_limit(op->rlimit.hard, out);
}

static const struct word chrt_rows[] = {
	{ "--other", SCHED_OTHER },
	{ "--fifo", SCHED_FIFO },
	{ "--rr", SCHED_RR },
	{ "--batch", SCHED_BATCH },
	{ "--idle", SCHED_IDLE },
	{ "--deadline", SCHED_DEADLINE },
};
static const struct words chrt_options = WORDS(chrt_rows);

static void shell_scheduler(const struct shell *, const struct op *op, struct buf *out)
{
	const struct kernel_sched_attr *attr = op->raw.data.p;
	const char *policy = words_name(&chrt_options, attr->policy);
	buf_add(out, "%s ", policy ? policy : "--other");
	if (attr->flags & SCHED_FLAG_RESET_ON_FORK)
		buf_add(out, "--reset-on-fork ");
	if (attr->policy == SCHED_DEADLINE)
		buf_add(out, "--sched-runtime %llu --sched-deadline %llu --sched-period %llu ",
			(unsigned long long)attr->runtime, (unsigned long long)attr->deadline,
			(unsigned long long)attr->period);
	buf_add(out, "%u", attr->priority);
	if (attr->nice)
		buf_add(out, " nice -n %d", attr->nice);
}

/* The class is in the upper three of sixteen bits: ioprio_set(2). */
static void shell_io_priority(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "--class %d --classdata %d", (int)(op->number.value >> 13),
		(int)(op->number.value & 0x1fff));
}

static void shell_affinity(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "--cpu-list ");
	show_bits(op->raw.data, out);
}

static const struct word setarch_rows[] = {
	{ "--addr-no-randomize", ADDR_NO_RANDOMIZE },
	{ "--uname-2.6", UNAME26 },
	{ "--mmap-page-zero", MMAP_PAGE_ZERO },
	{ "--read-implies-exec", READ_IMPLIES_EXEC },
	{ "--32bit", ADDR_LIMIT_32BIT },
	{ "--3gb", ADDR_LIMIT_3GB },
	{ "--addr-compat-layout", ADDR_COMPAT_LAYOUT },
};

static void shell_personality(const struct shell *, const struct op *op, struct buf *out)
{
	uint64_t bits = (uint64_t)op->number.value;
	buf_add(out, (bits & PER_MASK) == PER_LINUX32 ? "linux32" : "linux64");
	for (size_t i = 0; i < ARRAY_LEN(setarch_rows); i++)
		if (bits & setarch_rows[i].value)
			buf_add(out, " %s", setarch_rows[i].name);
}

static void shell_umask(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "umask %04o\n", (unsigned)op->number.value);
}

/* "-all,+chown,+kill": setpriv's names have no "CAP_". */
static void add_set(const char *option, uint64_t set, struct buf *out)
{
	buf_add(out, "%s=-all", option);
	for (int cap = 0; cap < 64; cap++) {
		const char *name = cap_name(cap);
		if (!(set >> cap & 1))
			continue;
		buf_add(out, ",+");
		if (name)
			add_small(name + strlen("CAP_"), out);
		else
			buf_add(out, "cap_%d", cap);
	}
}

static void shell_bounding(const struct shell *, const struct op *op, struct buf *out)
{
	add_set("--bounding-set", op->caps.permitted, out);
}

/* What setpriv has no option for, the permitted and the effective set, follows at exec from these
 * and from the user: capabilities(7). */
static void shell_caps(const struct shell *, const struct op *op, struct buf *out)
{
	add_set("--inh-caps", op->caps.inheritable, out);
	buf_add(out, " ");
	add_set("--ambient-caps", op->caps.ambient, out);
}

static void shell_identity(const struct shell *, const struct op *op, struct buf *out)
{
	const uint32_t *groups = op->identity.groups.p;
	size_t n = op->identity.groups.n / sizeof(*groups);
	buf_add(out, "--reuid=%u --regid=%u ", op->identity.uid, op->identity.gid);
	if (op->identity.keep_groups || !n) {
		buf_add(out, op->identity.keep_groups ? "--keep-groups" : "--clear-groups");
		return;
	}
	buf_add(out, "--groups=");
	for (size_t i = 0; i < n; i++)
		buf_add(out, "%s%u", i ? "," : "", groups[i]);
}

static void shell_no_new_privs(const struct shell *, const struct op *, struct buf *out)
{
	buf_add(out, "--no-new-privs");
}

/* A shell names descriptors by one digit; what it opened itself is not inherited anyway. */
static void shell_close_fds(const struct shell *, const struct op *op, struct buf *out)
{
	int from = (int)op->number.value;
	if (from > 9)
		return;
	buf_add(out, "exec");
	for (int fd = from; fd <= 9; fd++)
		buf_add(out, " %d>&-", fd);
	buf_add(out, "\n");
}

/* Scripts make the directory before the root is changed, while there is a mkdir. */
static void shell_chdir(const struct shell *s, const struct op *op, struct buf *out)
{
	if (op->chdir.create && !s->script) {
		buf_add(out, "mkdir -p ");
		shell_inside(s, op->chdir.path, out);
		buf_add(out, "\n");
	}
	buf_add(out, "cd ");
	shell_quote(op->chdir.path, out);
	buf_add(out, "\n");
}

static void shell_exec(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "-i");
	shell_words(op->exec.env, out);
	shell_words(op->exec.argv, out);
}

const struct shell_row shell_process[OP_KINDS] = {
	[OP_CLONE] = { .tool = TOOL_UNSHARE, .add = shell_clone },
	[OP_JOIN_CGROUP] = { .add = shell_join_cgroup },
	[OP_SETNS] = { .tool = TOOL_NSENTER, .add = shell_setns },
	[OP_UNSHARE] = { .tool = TOOL_UNSHARE, .add = shell_unshare },
	[OP_REFORK] = { .tool = TOOL_UNSHARE, .add = shell_clone },
	[OP_SESSION] = { .tool = TOOL_SETSID, .add = shell_session },
	[OP_LOOPBACK] = { .add = shell_loopback },
	[OP_CHDIR] = { .add = shell_chdir },
	[OP_HOSTNAME] = { .add = shell_hostname },
	[OP_DOMAINNAME] = { .add = shell_domainname },
	[OP_STDIO_OWNER] = { .add = shell_stdio_owner },
	[OP_RLIMIT] = { .tool = TOOL_PRLIMIT, .add = shell_rlimit },
	[OP_SCHEDULER] = { .tool = TOOL_CHRT, .add = shell_scheduler },
	[OP_IO_PRIORITY] = { .tool = TOOL_IONICE, .add = shell_io_priority },
	[OP_AFFINITY] = { .tool = TOOL_TASKSET, .add = shell_affinity },
	[OP_PERSONALITY] = { .tool = TOOL_SETARCH, .add = shell_personality },
	[OP_UMASK] = { .add = shell_umask },
	[OP_BOUNDING] = { .tool = TOOL_SETPRIV, .add = shell_bounding },
	[OP_IDENTITY] = { .tool = TOOL_SETPRIV, .add = shell_identity },
	[OP_NO_NEW_PRIVS] = { .tool = TOOL_SETPRIV, .add = shell_no_new_privs },
	[OP_CLOSE_FDS] = { .add = shell_close_fds },
	[OP_CAPS] = { .tool = TOOL_SETPRIV, .add = shell_caps },
	[OP_EXEC] = { .tool = TOOL_ENV, .add = shell_exec },
};
