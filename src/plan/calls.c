#include "plan/calls.h"
#include "base/json_write.h"

enum { TEXT_SHOWN = 120 };

void call_add(struct buf *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vadd(out, fmt, ap);
	va_end(ap);
	buf_add(out, "\n");
}

/* JSON's escapes are C's, but for a few that only JSON needs. */
void call_text(const char *text, struct buf *out)
{
	if (!text) {
		buf_add(out, "NULL");
		return;
	}
	char shown[TEXT_SHOWN + 1];
	snprintf(shown, sizeof(shown), "%s", text);
	json_quote(out, shown);
	if (strlen(text) > TEXT_SHOWN)
		buf_add(out, "...");
}

void call_texts(const char *const *texts, struct buf *out)
{
	buf_add(out, "{");
	for (const char *const *t = texts; t && *t; t++) {
		buf_add(out, t == texts ? "" : ", ");
		call_text(*t, out);
	}
	buf_add(out, "}");
}

static void (*const rows[])(const struct op *op, struct buf *out) = {
	[OP_POST] = calls_sync,
	[OP_AWAIT] = calls_sync,
	[OP_RECORD] = calls_record,
	[OP_SCOPE] = calls_scope,
	[OP_CGROUP_MAKE] = calls_cgroup_make,
	[OP_CGROUP_SET] = calls_cgroup_set,
	[OP_CGROUP_DEVICES] = calls_cgroup_devices,
	[OP_OPEN] = calls_open,
	[OP_CONNECT] = calls_connect,
	[OP_GATE_MAKE] = calls_gate_make,
	[OP_USERNS] = calls_userns,
	[OP_CLONE] = calls_clone,
	[OP_TAKE_PID] = calls_take_pid,
	[OP_ID_MAP] = calls_id_map,
	[OP_OOM_SCORE] = calls_oom_score,
	[OP_NET_DEVICE] = calls_net_device,
	[OP_RDT] = calls_rdt,
	[OP_HOOK] = calls_hook,
	[OP_COMMIT] = calls_record,
	[OP_PID_FILE] = calls_pid_file,
	[OP_SOURCE] = calls_source,
	[OP_UNDUMPABLE] = calls_undumpable,
	[OP_JOIN_CGROUP] = calls_join_cgroup,
	[OP_SETNS] = calls_setns,
	[OP_UNSHARE] = calls_unshare,
	[OP_REFORK] = calls_refork,
	[OP_BECOME_ROOT] = calls_become_root,
	[OP_SESSION] = calls_session,
	[OP_KEYRING] = calls_keyring,
	[OP_LOOPBACK] = calls_loopback,
	[OP_PROPAGATE] = calls_propagate,
	[OP_ROOT] = calls_root,
	[OP_PROC_OPEN] = calls_proc_open,
	[OP_PROC_WRITE] = calls_proc_write,
	[OP_MOUNT] = calls_mount,
	[OP_ATTACH] = calls_attach,
	[OP_ATTR] = calls_attr,
	[OP_DEVICE] = calls_device,
	[OP_SYMLINK] = calls_symlink,
	[OP_MASK] = calls_mask,
	[OP_READONLY] = calls_readonly,
	[OP_CONSOLE] = calls_console,
	[OP_PIVOT] = calls_pivot,
	[OP_MOVE_ROOT] = calls_move_root,
	[OP_CHDIR] = calls_chdir,
	[OP_HOSTNAME] = calls_hostname,
	[OP_DOMAINNAME] = calls_domainname,
	[OP_TTY] = calls_tty,
	[OP_STDIO_OWNER] = calls_stdio_owner,
	[OP_RLIMIT] = calls_rlimit,
	[OP_SCHEDULER] = calls_scheduler,
	[OP_IO_PRIORITY] = calls_io_priority,
	[OP_AFFINITY] = calls_affinity,
	[OP_MEMORY_POLICY] = calls_memory_policy,
	[OP_PERSONALITY] = calls_personality,
	[OP_UMASK] = calls_umask,
	[OP_FIND_COMMAND] = calls_find_command,
	[OP_GATE] = calls_gate,
	[OP_BOUNDING] = calls_bounding,
	[OP_IDENTITY] = calls_identity,
	[OP_NO_NEW_PRIVS] = calls_no_new_privs,
	[OP_CLOSE_FDS] = calls_close_fds,
	[OP_SECCOMP] = calls_seccomp,
	[OP_CAPS] = calls_caps,
	[OP_EXEC] = calls_exec,
};
_Static_assert(ARRAY_LEN(rows) == OP_KINDS, "the calls of every operation can be told");

void op_calls(const struct op *op, struct buf *out)
{
	rows[op->kind](op, out);
}
