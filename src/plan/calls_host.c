/* What the parent asks of the kernel. */
#include "kernel/compat.h"
#include "kernel/flags.h"
#include "plan/calls.h"
#include "plan/handshake.h"
#include "plan/show.h"

/* The child has no C library whose recv() would be another call. */
static bool is_for_child(char stage)
{
	return stage == STAGE_MAPPED || stage == STAGE_HOOKED;
}

static void calls_sync(const struct op *op, struct buf *out)
{
	const char *stage = stage_name(op->sync.stage);
	if (op->kind == OP_POST)
		call_add(out, "sendto(sync, {'%s'}, MSG_NOSIGNAL)", stage);
	else if (op->sync.stage == STAGE_RUNS)
		call_add(out, "recvfrom(sync) = 0: the end of file, as exec has closed the socket");
	else
		call_add(out,
			is_for_child(op->sync.stage) ? "read(sync, {'%s'})"
						     : "recvfrom(sync, {'%s'})",
			stage);
}

/* A file beside the old one, which then takes its name: a reader sees one or the other, whole. */
static void add_replace(const char *dir, const char *path, const char *content, struct buf *out)
{
	cleanup(buf_done) struct buf name = {}, new_name = {};
	call_text(path, &name);
	buf_add(&new_name, "\"%s.new\"", path);
	call_add(out, "openat(%s, %s, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC) = file", dir,
		buf_text(&new_name));
	call_add(out, "write(file, %s)", content);
	call_add(out, "renameat(%s, %s, %s, %s)", dir, buf_text(&new_name), dir, buf_text(&name));
}

static void calls_record(const struct op *op, struct buf *out)
{
	if (op->kind == OP_RECORD)
		add_replace("directory", "record.json", "what is to be undone", out);
	else
		add_replace(
			"directory", "process.json", "the process's number and start time", out);
}

static void calls_scope(const struct op *op, struct buf *out)
{
	buf_add(out, "sendmsg(%s bus, StartTransientUnit(", op->scope.user ? "user" : "system");
	call_text(op->scope.name, out);
	buf_add(out, ", ");
	call_texts(op->scope.properties, out);
	call_add(out, "))");
}

static void calls_cgroup_make(const struct op *op, struct buf *out)
{
	buf_add(out, "mkdir(");
	call_text(op->cgroup_make.host, out);
	call_add(out, ", 0755)");
}

static void add_open(const char *dir, const char *name, struct buf *out)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/%s", dir, name);
	buf_add(out, "openat(AT_FDCWD, ");
	call_text(buf_text(&path), out);
	call_add(out, ", O_WRONLY|O_CLOEXEC) = file");
}

/* Opens a file in a directory and writes to it. */
static void add_write(const char *dir, const char *name, const char *text, struct buf *out)
{
	add_open(dir, name, out);
	buf_add(out, "write(file, ");
	call_text(text, out);
	call_add(out, ")");
}

/* Control groups take one setting a write. */
static void calls_cgroup_set(const struct op *op, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	add_open(op->cgroup_set.host, op->cgroup_set.file, out);
	if (!op->cgroup_set.text)
		call_add(out, "write(file, what the group above has)");
	for (struct str rest = str_of(op->cgroup_set.text ? op->cgroup_set.text : ""); rest.n;) {
		buf_add(out, "write(file, ");
		call_text(arena_str(&a, str_cut(&rest, '\n')), out);
		call_add(out, ")");
	}
}

static void calls_cgroup_devices(const struct op *op, struct buf *out)
{
	call_add(out,
		"bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, %zu instructions}) = filter",
		op->cgroup_devices.program.n / 8);
	buf_add(out, "openat(AT_FDCWD, ");
	call_text(op->cgroup_devices.host, out);
	call_add(out, ", O_RDONLY|O_DIRECTORY|O_CLOEXEC) = group");
	call_add(out, "bpf(BPF_PROG_ATTACH, {group, filter, BPF_CGROUP_DEVICE})");
}

static void calls_cgroup_owner(const struct op *op, struct buf *out)
{
	buf_add(out, "openat(AT_FDCWD, ");
	call_text(op->cgroup_owner.host, out);
	call_add(out, ", O_RDONLY|O_DIRECTORY|O_CLOEXEC) = group");
	call_add(out, "fchown(group, %u, -1)", op->cgroup_owner.uid);
	call_add(out, "fchownat(group, each file of /sys/kernel/cgroup/delegate, %u, -1, 0)",
		op->cgroup_owner.uid);
}

static void calls_open(const struct op *op, struct buf *out)
{
	buf_add(out, "openat(AT_FDCWD, ");
	call_text(op->open.host, out);
	buf_add(out, ", ");
	open_flags_show((uint64_t)(unsigned)op->open.flags | O_CLOEXEC, out);
	buf_add(out, ") = ");
	slot_name(op->open.slot, out);
	buf_add(out, "\n");
}

static void add_socket(const struct op *op, const char *then, struct buf *out)
{
	cleanup(buf_done) struct buf slot = {};
	slot_name(op->connect.slot, &slot);
	call_add(out, "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = %s", buf_text(&slot));
	buf_add(out, "%s(%s, {AF_UNIX, ", then, buf_text(&slot));
	call_text(op->connect.host, out);
	call_add(out, "})");
}

static void calls_connect(const struct op *op, struct buf *out)
{
	add_socket(op, "connect", out);
}

static void calls_gate_make(const struct op *op, struct buf *out)
{
	add_socket(op, "bind", out);
	buf_add(out, "listen(");
	slot_name(op->connect.slot, out);
	call_add(out, ", 64)");
}

static void add_maps(const struct op *op, struct buf *out)
{
	if (op->id_map.deny_setgroups)
		add_write("/proc/$pid", "setgroups", "deny", out);
	add_write("/proc/$pid", "uid_map", op->id_map.uid_map, out);
	add_write("/proc/$pid", "gid_map", op->id_map.gid_map, out);
}

static void calls_userns(const struct op *op, struct buf *out)
{
	call_add(out, "clone3({flags=CLONE_NEWUSER|CLONE_PIDFD}) = $pid");
	add_maps(op, out);
	buf_add(out, "openat(AT_FDCWD, \"/proc/$pid/ns/user\", O_RDONLY|O_CLOEXEC) = ");
	slot_name(op->id_map.slot, out);
	buf_add(out, "\n");
}

static void calls_id_map(const struct op *op, struct buf *out)
{
	add_maps(op, out);
}

/* The child executes a program of its own, with its plan, from a file that nobody can change. */
static void calls_clone(const struct op *op, struct buf *out)
{
	call_add(out,
		"memfd_create(\"onggi-child\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC) = program");
	call_add(out,
		"fcntl(program, F_ADD_SEALS, F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE)");
	buf_add(out, "clone3({flags=");
	words_show(&clone_flags, op->clone.flags | CLONE_PIDFD, out);
	call_add(out, "%s}) = $pid", op->clone.flags & CLONE_INTO_CGROUP ? ", cgroup=cgroup" : "");
	call_add(out, "execveat(program, \"\", {}, {}, AT_EMPTY_PATH)");
}

static void calls_take_pid(const struct op *, struct buf *out)
{
	call_add(out, "recvfrom(sync, {'forked', $pid})");
	call_add(out, "pidfd_open($pid, 0)");
	call_add(out, "waitid(P_PIDFD, the first process, WEXITED)");
}

static void calls_oom_score(const struct op *op, struct buf *out)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)op->number.value);
	add_write("/proc/$pid", "oom_score_adj", text, out);
}

static void calls_net_device(const struct op *op, struct buf *out)
{
	buf_add(out, "sendto(netlink, {RTM_NEWLINK, ");
	call_text(op->net_device.name, out);
	buf_add(out, ", IFLA_NET_NS_PID=$pid");
	if (op->net_device.new_name) {
		buf_add(out, ", IFLA_IFNAME=");
		call_text(op->net_device.new_name, out);
	}
	call_add(out, "})");
}

static void add_mkdir(const char *path, struct buf *out)
{
	buf_add(out, "mkdir(");
	call_text(path, out);
	call_add(out, ", 0755)");
}

static void calls_rdt(const struct op *op, struct buf *out)
{
	if (op->rdt.create)
		add_mkdir(op->rdt.host, out);
	for (const char *const *line = op->rdt.schemata; line && *line; line++)
		add_write(op->rdt.host, "schemata", *line, out);
	add_write(op->rdt.host, "tasks", "$pid", out);
	if (op->rdt.monitor) {
		add_mkdir(op->rdt.monitor, out);
		add_write(op->rdt.monitor, "tasks", "$pid", out);
	}
}

static void calls_hook(const struct op *op, struct buf *out)
{
	call_add(out, "clone({flags=SIGCHLD}) = $hook");
	if (op->hook.inside)
		call_add(out, "setns(the container's process, its namespaces)");
	buf_add(out, "execve(");
	call_text(op->hook.host, out);
	buf_add(out, ", ");
	call_texts(op->hook.argv, out);
	buf_add(out, ", ");
	call_texts(op->hook.env, out);
	call_add(out, ")");
	call_add(out, "write(its standard input, the container's state)");
	call_add(out, "wait4($hook)");
}

static void calls_pid_file(const struct op *op, struct buf *out)
{
	add_replace("AT_FDCWD", op->path.host, "\"$pid\"", out);
}

const struct call_row calls_host[OP_KINDS] = {
	[OP_POST] = { calls_sync },
	[OP_AWAIT] = { calls_sync },
	[OP_RECORD] = { calls_record },
	[OP_SCOPE] = { calls_scope },
	[OP_CGROUP_MAKE] = { calls_cgroup_make },
	[OP_CGROUP_SET] = { calls_cgroup_set },
	[OP_CGROUP_DEVICES] = { calls_cgroup_devices },
	[OP_CGROUP_OWNER] = { calls_cgroup_owner },
	[OP_OPEN] = { calls_open },
	[OP_CONNECT] = { calls_connect },
	[OP_GATE_MAKE] = { calls_gate_make },
	[OP_USERNS] = { calls_userns },
	[OP_CLONE] = { calls_clone },
	[OP_TAKE_PID] = { calls_take_pid },
	[OP_ID_MAP] = { calls_id_map },
	[OP_OOM_SCORE] = { calls_oom_score },
	[OP_NET_DEVICE] = { calls_net_device },
	[OP_RDT] = { calls_rdt },
	[OP_HOOK] = { calls_hook },
	[OP_COMMIT] = { calls_record },
	[OP_PID_FILE] = { calls_pid_file },
};
