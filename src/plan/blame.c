/* A child's fault, told to people: what it was for, what was done, the call, the error, the cure.
 */
#include "kernel/compat.h"
#include "kernel/sys.h"
#include "plan/show.h"
#include <errno.h>

/* A cure, for a failure of @kind at @call with @num; zero in each means any. Kinds begin at zero,
 * hence plus one. The first row that fits is taken: rows of one kind come before those of any. */
#define OF(kind) ((kind) + 1)
static const struct hint {
	unsigned kind_plus1;
	enum sys_call call;
	int num;
	const char *text;
} hints[] = {
	{ OF(OP_CLONE), SYS_NONE, EPERM,
		"run as root, or give the container a user namespace (linux.namespaces)" },
	{ OF(OP_CLONE), SYS_NONE, ENOSPC,
		"raise the limit of namespaces: sysctl user.max_user_namespaces and its kin" },
	{ OF(OP_CLONE), SYS_NONE, EAGAIN,
		"too many processes: raise the pids limit or `ulimit -u` of the caller" },
	{ OF(OP_CLONE), SYS_NONE, EBUSY,
		"the control group has controllers enabled for children and takes no process" },
	{ OF(OP_CLONE), SYS_NONE, EOPNOTSUPP,
		"the control group is in threaded mode and takes no process" },
	{ OF(OP_CLONE), SYS_NONE, EINVAL, "this kernel lacks one of the namespaces" },
	{ OF(OP_UNSHARE), SYS_NONE, EPERM,
		"run as root, or allow user namespaces (sysctl user.max_user_namespaces)" },
	{ OF(OP_UNSHARE), SYS_NONE, ENOSPC,
		"raise the limit of namespaces: sysctl user.max_user_namespaces and its kin" },
	{ OF(OP_REFORK), SYS_NONE, ENOSPC,
		"raise the limit of namespaces: sysctl user.max_user_namespaces and its kin" },
	{ OF(OP_REFORK), SYS_NONE, EAGAIN,
		"too many processes: raise the pids limit or `ulimit -u` of the caller" },
	{ OF(OP_SETNS), SYS_NONE, EINVAL, "the path is not a namespace of that kind" },
	{ OF(OP_SETNS), SYS_NONE, EPERM,
		"joining a namespace takes CAP_SYS_ADMIN in the user namespace that owns it" },
	{ OF(OP_SETNS), SYS_NONE, ESRCH, "the container has stopped" },
	{ OF(OP_JOIN_CGROUP), SYS_NONE, EACCES, "the control group belongs to somebody else" },
	{ OF(OP_JOIN_CGROUP), SYS_NONE, ENOSPC,
		"set cpuset.cpus and cpuset.mems of the control group before anything joins it" },
	{ OF(OP_KEYRING), SYS_NONE, EDQUOT,
		"raise sysctl kernel.keys.maxkeys, or use --no-new-keyring" },
	{ OF(OP_KEYRING), SYS_NONE, ENOSYS, "use --no-new-keyring" },
	{ OF(OP_ROOT), SYS_NONE, ENOENT, "the bundle has no such directory: see root.path" },
	{ OF(OP_ROOT), SYS_NONE, ENOTDIR, "root.path has to be a directory" },
	{ OF(OP_PROC_WRITE), SYS_NONE, ENOENT, "this kernel has no such setting" },
	{ OF(OP_PROC_WRITE), SYS_NONE, EINVAL, "the kernel does not take that value" },
	{ OF(OP_PROC_WRITE), SYS_NONE, EACCES,
		"the setting belongs to a namespace that is not the container's own" },
	{ OF(OP_MOUNT), SYS_FSOPEN, ENODEV, "this kernel has no such file system" },
	{ OF(OP_MOUNT), SYS_FSCONFIG, EINVAL, "the file system does not know one of the options" },
	{ OF(OP_MOUNT), SYS_FSCONFIG, EPERM,
		"in a user namespace the file system's other namespace has to be its own as well: "
		"pid for proc, network for sysfs, ipc for mqueue" },
	{ OF(OP_MOUNT), SYS_NONE, ENOTDIR, "a part of the path is a file" },
	{ OF(OP_MOUNT), SYS_NONE, EROFS,
		"make the mount point in the image: its root is read-only" },
	{ OF(OP_ATTACH), SYS_NONE, ENOTDIR,
		"one of both is a directory and the other is a file: a file can only cover a "
		"file" },
	{ OF(OP_ATTACH), SYS_NONE, EROFS,
		"make the mount point in the image: its root is read-only" },
	{ OF(OP_SOURCE), SYS_NONE, ENOENT, "create it on the host, or correct mounts[].source" },
	{ OF(OP_SOURCE), SYS_MOUNT_SETATTR, EINVAL,
		"this file system can't be mounted with its owners mapped" },
	{ OF(OP_ATTR), SYS_NONE, EPERM,
		"the flag came with the mount from another user namespace and is locked" },
	{ OF(OP_DEVICE), SYS_NONE, EPERM,
		"device nodes take CAP_MKNOD in the host's user namespace: bind them instead" },
	{ OF(OP_DEVICE), SYS_NONE, EEXIST, "something else is there already: see linux.devices" },
	{ OF(OP_CONSOLE), SYS_NONE, ENOENT, "a terminal needs devpts mounted on /dev/pts" },
	{ OF(OP_CONSOLE), SYS_NONE, ENOSPC, "raise sysctl kernel.pty.max, or max= of devpts" },
	{ OF(OP_PIVOT), SYS_PIVOT_ROOT, EINVAL,
		"the host's root can't be left that way (a ramdisk, or shared): use --no-pivot" },
	{ OF(OP_CHDIR), SYS_NONE, EACCES, "the container's user may not enter it" },
	{ OF(OP_CHDIR), SYS_NONE, ENOTDIR, "process.cwd has to be a directory" },
	{ OF(OP_HOSTNAME), SYS_NONE, EPERM, "give the container a uts namespace of its own" },
	{ OF(OP_DOMAINNAME), SYS_NONE, EPERM, "give the container a uts namespace of its own" },
	{ OF(OP_RLIMIT), SYS_NONE, EPERM,
		"raising a hard limit takes CAP_SYS_RESOURCE: see `ulimit -H -a` of the caller" },
	{ OF(OP_SCHEDULER), SYS_NONE, EPERM,
		"this policy takes CAP_SYS_NICE, and "
		"on control groups v1 a real-time budget (linux.resources.cpu.realtimeRuntime)" },
	{ OF(OP_IO_PRIORITY), SYS_NONE, EPERM, "this class takes CAP_SYS_NICE" },
	{ OF(OP_AFFINITY), SYS_NONE, EINVAL,
		"none of these processors is in the container's cpuset" },
	{ OF(OP_MEMORY_POLICY), SYS_NONE, EINVAL,
		"these nodes are not in the container's cpuset, or not on this machine" },
	{ OF(OP_IDENTITY), SYS_NONE, EINVAL,
		"map the id in the user namespace: linux.uidMappings and gidMappings" },
	{ OF(OP_IDENTITY), SYS_NONE, EPERM,
		"changing to another user takes CAP_SETUID, to another group CAP_SETGID" },
	{ OF(OP_BOUNDING), SYS_NONE, EPERM, "changing capabilities takes CAP_SETPCAP" },
	{ OF(OP_CAPS), SYS_NONE, EPERM, "the caller does not have these capabilities itself" },
	{ OF(OP_SECCOMP), SYS_NONE, EACCES,
		"a filter takes no_new_privs (process.noNewPrivileges) or CAP_SYS_ADMIN" },
	{ OF(OP_SECCOMP), SYS_NONE, EINVAL, "this kernel does not know one of the filter's flags" },
	{ OF(OP_SECCOMP), SYS_NONE, EBUSY,
		"another filter of this process has a listener already" },
	{ OF(OP_FIND_COMMAND), SYS_NONE, ENOENT, "see process.args[0] and PATH in process.env" },
	{ OF(OP_FIND_COMMAND), SYS_NONE, EACCES,
		"make the file executable with chmod +x, and see that its mount is not noexec" },
	{ OF(OP_FIND_COMMAND), SYS_NONE, EISDIR, "process.args[0] has to be a program" },
	{ OF(OP_EXEC), SYS_NONE, EACCES,
		"make the file executable with chmod +x, and see that its mount is not noexec" },
	{ OF(OP_EXEC), SYS_NONE, ENOENT,
		"the file is there, what runs it is not: see its #! line, and whether that ends in "
		"CRLF, or its dynamic loader" },
	{ OF(OP_EXEC), SYS_NONE, ENOEXEC,
		"not a program for this machine: another architecture, or a script without #! "
		"line" },
	{ OF(OP_EXEC), SYS_NONE, ELIBBAD, "its interpreter is for another architecture" },
	{ OF(OP_EXEC), SYS_NONE, E2BIG, "arguments and environment are too long together" },
	{ OF(OP_EXEC), SYS_NONE, ETXTBSY, "somebody has the file open for writing" },
	{ 0, SYS_NONE, ENOSYS, "onggi needs Linux 5.12 or newer" },
	{ 0, SYS_NONE, EMFILE, "raise the limit of open files: `ulimit -n`" },
	{ 0, SYS_NONE, ENFILE, "raise sysctl fs.file-max" },
	{ 0, SYS_NONE, ENOMEM, "free memory, or raise the container's memory limit" },
};

static const char *hint_for(enum op_kind kind, uint32_t call, int num)
{
	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		const struct hint *h = &hints[i];
		if (h->num == num && (!h->kind_plus1 || h->kind_plus1 == OF(kind)) &&
			(h->call == SYS_NONE || h->call == call))
			return h->text;
	}
	return NULL;
}

static bool is_command(uint32_t kind)
{
	return kind == OP_FIND_COMMAND || kind == OP_EXEC;
}

/*
 * The command can't be executed. The words are those that the callers of a runtime look for: a name
 * without a slash that is nowhere in PATH, a path that is not there, everything else.
 */
static struct err *command_error(const char *command, const struct fault *f)
{
	enum err_kind kind = f->num == ENOENT ? ERR_NO_COMMAND : ERR_CANNOT_RUN;
	bool missing = f->kind == OP_FIND_COMMAND && f->num == ENOENT;
	if (missing && !strchr(command, '/'))
		return err_new(kind, "exec: \"%s\": executable file not found in $PATH", command);
	if (missing)
		return err_new(
			kind, "exec: \"%s\": stat %s: %s", command, command, errno_text(f->num).p);
	return err_new(kind, "exec: \"%s\": %s", command, errno_text(f->num).p);
}

/* A kernel file system whose place in the image is not an ordinary directory could end up anywhere:
 * the check is ours, the words are known from other runtimes. */
static bool is_crooked_target(const struct op *op, const struct fault *f)
{
	return op->kind == OP_MOUNT && (op->mount.flags & MOUNT_PLAIN_DIR) &&
	       (f->num == ELOOP || f->num == ENOTDIR);
}

static struct err *crooked_target(const struct op *op)
{
	cleanup(buf_done) struct buf target = {};
	show_inside(op->mount.target, &target);
	return err_hint(
		err_new(ERR_SYSTEM,
			"filesystem \"%s\" must be mounted on ordinary directory: %s is a link "
			"or a file in the image",
			op->mount.type, buf_text(&target)),
		"replace it in the image by a directory");
}

/* "mount tmpfs on /tmp: fsconfig: invalid argument: Unknown parameter 'foo'". */
static struct err *call_error(const char *title, const struct fault *f, const char *note)
{
	struct errno_text why = errno_text(f->num);
	const char *sep = *note ? ": " : "";
	if (f->call == SYS_NONE || f->call >= SYS_CALLS)
		return err_new(ERR_SYSTEM, "%s: %s%s%s", title, why.p, sep, note);
	return err_new(
		ERR_SYSTEM, "%s: %s: %s%s%s", title, sys_table[f->call].name, why.p, sep, note);
}

/* The kernel's own words, which follow the purpose in the report. */
static const char *note_of(const struct op *op, const struct fault *f)
{
	struct str what = { f->what, strnlen(f->what, sizeof(f->what) - 1) };
	struct str why = str_of(op->why);
	if (what.n < why.n + 2 || f->what[what.n] || memcmp(what.p, op->why, why.n) != 0)
		return "";
	return memcmp(what.p + why.n, ": ", 2) == 0 ? what.p + why.n + 2 : "";
}

static struct err *op_error(const struct plan *p, const struct op *op, const struct fault *f)
{
	if (is_command(op->kind))
		return command_error(op->exec.command, f);
	if (is_crooked_target(op, f))
		return crooked_target(op);
	cleanup(buf_done) struct buf title = {};
	show_title(op, &(const struct launch_plan){ .child = *p }, &title);
	return call_error(buf_text(&title), f, note_of(op, f));
}

static struct err *in_context(struct err *e, const char *why, const struct fault *f)
{
	e = err_hint(e, hint_for((enum op_kind)f->kind, f->call, f->num));
	if (is_command(f->kind))
		return err_wrap(e, "unable to start container process");
	return err_wrap(e, "setting up %s", why);
}

struct err *plan_blame(const struct plan *p, const struct fault *fault)
{
	if (!fault->num)
		return NULL;
	if (fault->op >= p->n || p->ops[fault->op].kind != fault->kind)
		return err_new(ERR_SYSTEM, "the container's process sent a malformed report");
	const struct op *op = &p->ops[fault->op];
	return in_context(op_error(p, op, fault), op->why, fault);
}

struct err *fault_blame(const struct fault *fault)
{
	if (!fault->num)
		return NULL;
	if (fault->kind >= OP_KINDS)
		return err_new(ERR_SYSTEM, "the container's process sent a malformed report");
	struct fault f = *fault;
	f.what[sizeof(f.what) - 1] = 0;
	struct err *e = is_command(f.kind) ? command_error(f.what, &f)
	                                   : call_error(op_name((enum op_kind)f.kind), &f, "");
	return in_context(e, f.what, &f);
}
