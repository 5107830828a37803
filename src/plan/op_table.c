#include "plan/op_table.h"
#include <string.h>

/* Which kind of argument a member is follows from its C type, where that says enough. */
#define TYPE_OF(value)                                                                             \
	_Generic((value),                                                                          \
		const char *: ARG_TEXT,                                                            \
		const char *const *: ARG_TEXTS,                                                    \
		struct bytes: ARG_BYTES,                                                           \
		bool: ARG_BOOL,                                                                    \
		char: ARG_CHAR,                                                                    \
		int: ARG_INT,                                                                      \
		int64_t: ARG_INT,                                                                  \
		uint16_t: ARG_UINT,                                                                \
		uint32_t: ARG_UINT,                                                                \
		uint64_t: ARG_UINT)
#define MEMBER(part, field) (((struct op *)0)->part.field)
#define TYPED(part, field, type)                                                                   \
	{                                                                                          \
#field, type, offsetof(struct op, part.field), sizeof(MEMBER(part, field))         \
	}
#define ARG(part, field)   TYPED(part, field, TYPE_OF(MEMBER(part, field)))
#define FLAGS(part, field) TYPED(part, field, ARG_FLAGS)
#define SLOT(part, field)  TYPED(part, field, ARG_SLOT)

static const struct op_arg sync_args[] = { ARG(sync, stage) };
static const struct op_arg scope_args[] = {
	ARG(scope, name),
	ARG(scope, slice),
	ARG(scope, description),
	ARG(scope, properties),
	ARG(scope, path),
	ARG(scope, user),
};
static const struct op_arg cgroup_make_args[] = { ARG(cgroup_make, host) };
static const struct op_arg cgroup_set_args[] = {
	ARG(cgroup_set, host),
	ARG(cgroup_set, file),
	ARG(cgroup_set, text),
	ARG(cgroup_set, or_file),
	ARG(cgroup_set, or_text),
};
static const struct op_arg cgroup_devices_args[] = {
	ARG(cgroup_devices, host),
	ARG(cgroup_devices, program),
};
static const struct op_arg cgroup_owner_args[] = {
	ARG(cgroup_owner, host),
	ARG(cgroup_owner, uid),
};
static const struct op_arg open_args[] = {
	ARG(open, host),
	FLAGS(open, flags),
	SLOT(open, slot),
};
static const struct op_arg connect_args[] = { ARG(connect, host), SLOT(connect, slot) };
static const struct op_arg id_map_args[] = {
	ARG(id_map, uid_map),
	ARG(id_map, gid_map),
	SLOT(id_map, slot),
	ARG(id_map, deny_setgroups),
};
static const struct op_arg clone_args[] = { FLAGS(clone, flags) };
static const struct op_arg number_args[] = { ARG(number, value) };
static const struct op_arg net_device_args[] = {
	ARG(net_device, name),
	ARG(net_device, new_name),
};
static const struct op_arg rdt_args[] = {
	ARG(rdt, host),
	ARG(rdt, schemata),
	ARG(rdt, create),
	ARG(rdt, monitor),
};
static const struct op_arg hook_args[] = {
	ARG(hook, point),
	ARG(hook, host),
	ARG(hook, argv),
	ARG(hook, env),
	ARG(hook, timeout),
	ARG(hook, inside),
};
static const struct op_arg path_args[] = { ARG(path, host) };
static const struct op_arg source_args[] = {
	ARG(source, host),
	SLOT(source, slot),
	SLOT(source, userns),
	ARG(source, recursive),
	ARG(source, recursive_idmap),
	FLAGS(source, set),
	FLAGS(source, clear),
	FLAGS(source, rset),
	FLAGS(source, rclear),
	FLAGS(source, propagation),
	ARG(source, propagation_recursive),
};
static const struct op_arg ns_args[] = { SLOT(ns, slot), FLAGS(ns, flags) };
static const struct op_arg text_args[] = { ARG(text, text) };
static const struct op_arg propagate_args[] = {
	ARG(propagate, new_root),
	ARG(propagate, recursive),
	FLAGS(propagate, flags),
};
static const struct op_arg root_args[] = { ARG(root, host), SLOT(root, from) };
static const struct op_arg proc_write_args[] = { ARG(proc_write, path), ARG(proc_write, text) };
static const struct op_arg mount_args[] = {
	ARG(mount, type),
	ARG(mount, source),
	ARG(mount, params),
	ARG(mount, target),
	SLOT(mount, slot),
	FLAGS(mount, attrs),
	FLAGS(mount, propagation),
	ARG(mount, propagation_recursive),
	FLAGS(mount, flags),
};
static const struct op_arg attach_args[] = {
	SLOT(attach, slot),
	ARG(attach, target),
	FLAGS(attach, flags),
};
static const struct op_arg attr_args[] = {
	ARG(attr, target),
	FLAGS(attr, set),
	FLAGS(attr, clear),
	FLAGS(attr, rset),
	FLAGS(attr, rclear),
	FLAGS(attr, propagation),
	ARG(attr, propagation_recursive),
};
static const struct op_arg device_args[] = {
	ARG(device, path),
	FLAGS(device, mode),
	ARG(device, major),
	ARG(device, minor),
	ARG(device, uid),
	ARG(device, gid),
};
static const struct op_arg symlink_args[] = { ARG(symlink, path), ARG(symlink, text) };
static const struct op_arg inside_args[] = { ARG(inside, path) };
static const struct op_arg console_args[] = {
	ARG(console, rows),
	ARG(console, columns),
	ARG(console, on_dev_console),
	ARG(console, uid),
};
static const struct op_arg chdir_args[] = { ARG(chdir, path), ARG(chdir, create) };
static const struct op_arg rlimit_args[] = {
	ARG(rlimit, resource),
	ARG(rlimit, soft),
	ARG(rlimit, hard),
};
static const struct op_arg raw_args[] = { ARG(raw, data) };
static const struct op_arg memory_policy_args[] = {
	ARG(memory_policy, mode),
	ARG(memory_policy, nodes),
};
static const struct op_arg identity_args[] = {
	ARG(identity, uid),
	ARG(identity, gid),
	ARG(identity, groups),
	ARG(identity, keep_groups),
};
static const struct op_arg caps_args[] = {
	FLAGS(caps, effective),
	FLAGS(caps, permitted),
	FLAGS(caps, inheritable),
	FLAGS(caps, ambient),
};
static const struct op_arg seccomp_args[] = {
	ARG(seccomp, filter),
	FLAGS(seccomp, flags),
	ARG(seccomp, notify),
};
static const struct op_arg exec_args[] = {
	ARG(exec, command),
	ARG(exec, candidates),
	ARG(exec, argv),
	ARG(exec, env),
};

#define ROW(name, side, part)                                                                      \
	{                                                                                          \
		name, side, part##_args, ARRAY_LEN(part##_args), sizeof(((struct op *)0)->part)    \
	}
#define BARE(name, side)                                                                           \
	{                                                                                          \
		name, side, NULL, 0, 0                                                             \
	}

const struct op_row op_table[OP_KINDS] = {
	[OP_POST] = ROW("post", SIDE_EITHER, sync),
	[OP_AWAIT] = ROW("await", SIDE_EITHER, sync),
	[OP_RECORD] = BARE("record", SIDE_PARENT),
	[OP_SCOPE] = ROW("scope", SIDE_PARENT, scope),
	[OP_CGROUP_MAKE] = ROW("cgroup-make", SIDE_PARENT, cgroup_make),
	[OP_CGROUP_SET] = ROW("cgroup-set", SIDE_PARENT, cgroup_set),
	[OP_CGROUP_DEVICES] = ROW("cgroup-devices", SIDE_PARENT, cgroup_devices),
	[OP_CGROUP_OWNER] = ROW("cgroup-owner", SIDE_PARENT, cgroup_owner),
	[OP_OPEN] = ROW("open", SIDE_PARENT, open),
	[OP_CONNECT] = ROW("connect", SIDE_PARENT, connect),
	[OP_GATE_MAKE] = ROW("gate-make", SIDE_PARENT, connect),
	[OP_USERNS] = ROW("userns", SIDE_PARENT, id_map),
	[OP_CLONE] = ROW("clone", SIDE_PARENT, clone),
	[OP_TAKE_PID] = BARE("take-pid", SIDE_PARENT),
	[OP_ID_MAP] = ROW("id-map", SIDE_PARENT, id_map),
	[OP_OOM_SCORE] = ROW("oom-score", SIDE_PARENT, number),
	[OP_NET_DEVICE] = ROW("net-device", SIDE_PARENT, net_device),
	[OP_RDT] = ROW("rdt", SIDE_PARENT, rdt),
	[OP_HOOK] = ROW("hook", SIDE_PARENT, hook),
	[OP_COMMIT] = BARE("commit", SIDE_PARENT),
	[OP_PID_FILE] = ROW("pid-file", SIDE_PARENT, path),
	[OP_SOURCE] = ROW("source", SIDE_EITHER, source),
	[OP_UNDUMPABLE] = BARE("undumpable", SIDE_CHILD),
	[OP_JOIN_CGROUP] = ROW("join-cgroup", SIDE_CHILD, ns),
	[OP_SETNS] = ROW("setns", SIDE_CHILD, ns),
	[OP_UNSHARE] = ROW("unshare", SIDE_CHILD, ns),
	[OP_REFORK] = ROW("refork", SIDE_CHILD, clone),
	[OP_BECOME_ROOT] = BARE("become-root", SIDE_CHILD),
	[OP_SESSION] = BARE("session", SIDE_CHILD),
	[OP_KEYRING] = ROW("keyring", SIDE_CHILD, text),
	[OP_LOOPBACK] = BARE("loopback", SIDE_CHILD),
	[OP_PROPAGATE] = ROW("propagate", SIDE_CHILD, propagate),
	[OP_ROOT] = ROW("root", SIDE_CHILD, root),
	[OP_PROC_OPEN] = BARE("proc-open", SIDE_CHILD),
	[OP_PROC_WRITE] = ROW("proc-write", SIDE_CHILD, proc_write),
	[OP_MOUNT] = ROW("mount", SIDE_CHILD, mount),
	[OP_ATTACH] = ROW("attach", SIDE_CHILD, attach),
	[OP_ATTR] = ROW("attr", SIDE_CHILD, attr),
	[OP_DEVICE] = ROW("device", SIDE_CHILD, device),
	[OP_SYMLINK] = ROW("symlink", SIDE_CHILD, symlink),
	[OP_MASK] = ROW("mask", SIDE_CHILD, inside),
	[OP_READONLY] = ROW("readonly", SIDE_CHILD, inside),
	[OP_CONSOLE] = ROW("console", SIDE_CHILD, console),
	[OP_PIVOT] = BARE("pivot", SIDE_CHILD),
	[OP_MOVE_ROOT] = BARE("move-root", SIDE_CHILD),
	[OP_CHDIR] = ROW("chdir", SIDE_CHILD, chdir),
	[OP_HOSTNAME] = ROW("hostname", SIDE_CHILD, text),
	[OP_DOMAINNAME] = ROW("domainname", SIDE_CHILD, text),
	[OP_TTY] = BARE("tty", SIDE_CHILD),
	[OP_STDIO_OWNER] = ROW("stdio-owner", SIDE_CHILD, identity),
	[OP_RLIMIT] = ROW("rlimit", SIDE_CHILD, rlimit),
	[OP_SCHEDULER] = ROW("scheduler", SIDE_CHILD, raw),
	[OP_IO_PRIORITY] = ROW("io-priority", SIDE_CHILD, number),
	[OP_AFFINITY] = ROW("affinity", SIDE_CHILD, raw),
	[OP_MEMORY_POLICY] = ROW("memory-policy", SIDE_CHILD, memory_policy),
	[OP_PERSONALITY] = ROW("personality", SIDE_CHILD, number),
	[OP_UMASK] = ROW("umask", SIDE_CHILD, number),
	[OP_FIND_COMMAND] = ROW("find-command", SIDE_CHILD, exec),
	[OP_GATE] = BARE("gate", SIDE_CHILD),
	[OP_BOUNDING] = ROW("bounding", SIDE_CHILD, caps),
	[OP_IDENTITY] = ROW("identity", SIDE_CHILD, identity),
	[OP_NO_NEW_PRIVS] = BARE("no-new-privs", SIDE_CHILD),
	[OP_CLOSE_FDS] = ROW("close-fds", SIDE_CHILD, number),
	[OP_SECCOMP] = ROW("seccomp", SIDE_CHILD, seccomp),
	[OP_CAPS] = ROW("caps", SIDE_CHILD, caps),
	[OP_EXEC] = ROW("exec", SIDE_CHILD, exec),
};

const char *op_name(enum op_kind kind)
{
	return (unsigned)kind < OP_KINDS ? op_table[kind].name : "unknown";
}

enum op_side op_side(enum op_kind kind)
{
	return op_table[kind].side;
}

static const void *member(const struct op *op, const struct op_arg *arg)
{
	return (const char *)op + arg->at;
}

const char *op_text(const struct op *op, const struct op_arg *arg)
{
	return *(const char *const *)member(op, arg);
}

const char *const *op_texts(const struct op *op, const struct op_arg *arg)
{
	return *(const char *const *const *)member(op, arg);
}

struct bytes op_bytes(const struct op *op, const struct op_arg *arg)
{
	return *(const struct bytes *)member(op, arg);
}

/* Reads @size bytes as an unsigned number, whatever their order in memory. */
static uint64_t read_unsigned(const void *at, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

int64_t op_number(const struct op *op, const struct op_arg *arg)
{
	uint64_t v = read_unsigned(member(op, arg), arg->size);
	bool is_signed = arg->type == ARG_INT || arg->type == ARG_SLOT || arg->type == ARG_CHAR;
	return is_signed && arg->size == 4 ? (int32_t)v : (int64_t)v;
}
