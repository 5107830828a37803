#include "child/run.h"
#include "base/attr.h"
#include "child/text.h"

static executor *const executors[OP_KINDS] = {
	[OP_POST] = run_post,
	[OP_AWAIT] = run_await,
	[OP_SOURCE] = run_source,
	[OP_UNDUMPABLE] = run_undumpable,
	[OP_JOIN_CGROUP] = run_join_cgroup,
	[OP_SETNS] = run_setns,
	[OP_UNSHARE] = run_unshare,
	[OP_REFORK] = run_refork,
	[OP_BECOME_ROOT] = run_become_root,
	[OP_SESSION] = run_session,
	[OP_KEYRING] = run_keyring,
	[OP_LOOPBACK] = run_loopback,
	[OP_PROPAGATE] = run_propagate,
	[OP_ROOT] = run_root,
	[OP_PROC_OPEN] = run_proc_open,
	[OP_PROC_WRITE] = run_proc_write,
	[OP_MOUNT] = run_mount,
	[OP_ATTACH] = run_attach,
	[OP_ATTR] = run_attr,
	[OP_DEVICE] = run_device,
	[OP_SYMLINK] = run_symlink,
	[OP_MASK] = run_mask,
	[OP_READONLY] = run_readonly,
	[OP_CONSOLE] = run_console,
	[OP_PIVOT] = run_pivot,
	[OP_MOVE_ROOT] = run_move_root,
	[OP_CHDIR] = run_chdir,
	[OP_HOSTNAME] = run_hostname,
	[OP_DOMAINNAME] = run_domainname,
	[OP_TTY] = run_tty,
	[OP_STDIO_OWNER] = run_stdio_owner,
	[OP_RLIMIT] = run_rlimit,
	[OP_SCHEDULER] = run_scheduler,
	[OP_IO_PRIORITY] = run_io_priority,
	[OP_AFFINITY] = run_affinity,
	[OP_MEMORY_POLICY] = run_memory_policy,
	[OP_PERSONALITY] = run_personality,
	[OP_UMASK] = run_umask,
	[OP_FIND_COMMAND] = run_find_command,
	[OP_GATE] = run_gate,
	[OP_BOUNDING] = run_bounding,
	[OP_IDENTITY] = run_identity,
	[OP_NO_NEW_PRIVS] = run_no_new_privs,
	[OP_CLOSE_FDS] = run_close_fds,
	[OP_SECCOMP] = run_seccomp,
	[OP_CAPS] = run_caps,
	[OP_EXEC] = run_exec,
};

/* The directory of the last target is kept for the next, but not over operations that could put
 * something else in its place. Mounts see to that themselves. */
static void forget_near(struct runner *r)
{
	runner_close(r, r->near_dir);
	r->near_dir = -1;
}

static const bool keeps_near[OP_KINDS] = {
	[OP_SOURCE] = true,
	[OP_MOUNT] = true,
	[OP_ATTACH] = true,
	[OP_DEVICE] = true,
	[OP_SYMLINK] = true,
};

static int run_op(struct runner *r, const struct op *op)
{
	if ((unsigned int)op->kind >= OP_KINDS || !executors[op->kind])
		return runner_refuse(r, ENOSYS);
	if (!keeps_near[op->kind])
		forget_near(r);
	r->note[0] = 0;
	return executors[op->kind](r, op);
}

static void blame(const struct runner *r, const struct op *op, int num, struct fault *out)
{
	struct text what = TEXT_IN(out->what);
	bool is_command = op->kind == OP_FIND_COMMAND || op->kind == OP_EXEC;
	const char *subject = is_command ? op->exec.command : op->why;
	out->num = num;
	out->call = r->failed;
	out->kind = op->kind;
	text_add(&what, subject ? subject : "");
	if (r->note[0]) {
		text_add(&what, ": ");
		text_add(&what, r->note);
	}
}

void run_plan(struct runner *r, const struct plan *p, struct fault *out)
{
	*out = (struct fault){};
	r->plan = p;
	for (size_t i = 0; i < p->n && !out->num; i++) {
		int result = run_op(r, &p->ops[i]);
		if (result >= 0 || p->ops[i].may_fail)
			continue;
		blame(r, &p->ops[i], -result, out);
		out->op = (uint32_t)i;
	}
	forget_near(r);
	if (!r->filtered)
		runner_sweep(r);
}
