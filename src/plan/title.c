/* Operations in a few words: a verb and an object. */
#include "base/words.h"
#include "kernel/cap.h"
#include "kernel/compat.h"
#include "kernel/flags.h"
#include "kernel/ns.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include "plan/handshake.h"
#include "plan/show.h"
#include <sys/stat.h>

void slot_name(int slot, struct buf *out)
{
	static const char *const names[] = {
		[SLOT_SYNC] = "sync",
		[SLOT_ROOT] = "root",
		[SLOT_PROC] = "proc",
		[SLOT_NULL] = "null",
		[SLOT_EMPTY] = "empty",
		[SLOT_GATE] = "gate",
		[SLOT_STARTER] = "starter",
		[SLOT_CONSOLE] = "console",
		[SLOT_TTY] = "tty",
		[SLOT_CGROUP] = "cgroup",
	};
	_Static_assert(ARRAY_LEN(names) == SLOT_FREE, "every slot with a meaning has a name");
	if (slot == NO_SLOT)
		buf_add(out, "none");
	else if (slot < SLOT_FREE)
		buf_add(out, "%s", names[slot]);
	else
		buf_add(out, "fd%d", slot);
}

void show_inside(const char *path, struct buf *out)
{
	path += strspn(path, "/");
	buf_add(out, "/%s", path);
}

void show_namespaces(uint64_t flags, struct buf *out)
{
	const char *sep = "";
	for (size_t i = 0; i < NS_KINDS; i++) {
		if (!(flags & ns_kinds[i].flag))
			continue;
		buf_add(out, "%s%s", sep, ns_kinds[i].type);
		sep = ", ";
	}
}

void show_bits(struct bytes mask, struct buf *out)
{
	const unsigned char *p = mask.p;
	const char *sep = "";
	for (size_t i = 0, end; i < mask.n * 8; i = end + 1) {
		for (end = i; end < mask.n * 8 && p[end / 8] >> end % 8 & 1; end++)
			;
		if (end == i)
			continue;
		buf_add(out, end == i + 1 ? "%s%zu" : "%s%zu-%zu", sep, i, end - 1);
		sep = ",";
	}
}

void show_propagation(uint64_t flags, bool recursive, struct buf *out)
{
	static const struct word rows[] = {
		{ "shared", MS_SHARED },
		{ "slave", MS_SLAVE },
		{ "private", MS_PRIVATE },
		{ "unbindable", MS_UNBINDABLE },
	};
	static const struct words names = WORDS(rows);
	const char *name = words_name(&names, flags & ~(uint64_t)MS_REC);
	buf_add(out, "%s%s", recursive || (flags & MS_REC) ? "r" : "", name ? name : "?");
}

static void add_stage(const struct op *op, struct buf *out)
{
	buf_add(out, "'%s'", stage_name(op->sync.stage));
}

/* Text that is written somewhere: its first line. */
static void add_line(const char *text, struct buf *out)
{
	size_t n = strcspn(text, "\n");
	buf_add(out, "%.*s%s", (int)n, text, text[n] && text[n + 1] ? " ..." : "");
}

static void add_cgroup_set(const struct op *op, struct buf *out)
{
	if (op->cgroup_set.text)
		add_line(op->cgroup_set.text, out);
	else
		buf_add(out, "what the parent group has");
	buf_add(out, " to %s/%s", op->cgroup_set.host, op->cgroup_set.file);
}

static void add_maps(const struct op *op, struct buf *out)
{
	buf_add(out, "users ");
	add_line(op->id_map.uid_map, out);
	buf_add(out, ", groups ");
	add_line(op->id_map.gid_map, out);
}

static void add_clone(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf names = {};
	show_namespaces(op->clone.flags, &names);
	if (names.n)
		buf_add(out, " with new namespaces: %s", buf_text(&names));
}

static void add_number(const struct op *op, struct buf *out)
{
	buf_add(out, "%lld", (long long)op->number.value);
}

static void add_net_device(const struct op *op, struct buf *out)
{
	buf_add(out, "%s", op->net_device.name);
	if (op->net_device.new_name)
		buf_add(out, " as %s", op->net_device.new_name);
}

static void add_hook(const struct op *op, struct buf *out)
{
	buf_add(out, "%s hook %s", op->hook.point, op->hook.host);
}

static void add_setns(const struct op *op, struct buf *out)
{
	buf_add(out, ": ");
	show_namespaces(op->ns.flags, out);
}

static void add_unshare(const struct op *op, struct buf *out)
{
	show_namespaces(op->ns.flags, out);
}

static void add_propagate(const struct op *op, struct buf *out)
{
	buf_add(out, op->propagate.new_root ? "the new root " : "/ ");
	show_propagation(op->propagate.flags, op->propagate.recursive, out);
}

static void add_proc_write(const struct op *op, struct buf *out)
{
	add_line(op->proc_write.text, out);
	buf_add(out, " to /proc/%s", op->proc_write.path);
}

static void add_mount(const struct op *op, struct buf *out)
{
	buf_add(out, "%s", op->mount.type);
	if (!op->mount.target)
		return;
	buf_add(out, " on ");
	show_inside(op->mount.target, out);
}

static void add_attach(const struct op *op, struct buf *out)
{
	buf_add(out, " on ");
	show_inside(op->attach.target, out);
}

static void add_attr(const struct op *op, struct buf *out)
{
	show_inside(op->attr.target, out);
}

void show_device_number(const struct op *op, struct buf *out)
{
	const char *letter = S_ISCHR(op->device.mode) ? "c" : S_ISBLK(op->device.mode) ? "b" : "p";
	buf_add(out, "%s", letter);
	if (!S_ISFIFO(op->device.mode))
		buf_add(out, " %u %u", op->device.major, op->device.minor);
}

static void add_device(const struct op *op, struct buf *out)
{
	show_inside(op->device.path, out);
	buf_add(out, " (");
	show_device_number(op, out);
	buf_add(out, ")");
}

static void add_symlink(const struct op *op, struct buf *out)
{
	show_inside(op->symlink.path, out);
	buf_add(out, " to %s", op->symlink.text);
}

static void add_inside(const struct op *op, struct buf *out)
{
	show_inside(op->inside.path, out);
}

static void add_readonly(const struct op *op, struct buf *out)
{
	show_inside(op->inside.path, out);
	buf_add(out, " read-only");
}

static void add_chdir(const struct op *op, struct buf *out)
{
	buf_add(out, "(\"%s\")", op->chdir.path);
}

static void add_cgroup_owner(const struct op *op, struct buf *out)
{
	buf_add(out, "%s to user %u", op->cgroup_owner.host, op->cgroup_owner.uid);
}

static void add_owner(const struct op *op, struct buf *out)
{
	buf_add(out, "user %u, group %u", op->identity.uid, op->identity.gid);
}

void show_limit(uint64_t value, struct buf *out)
{
	if (value == UINT64_MAX)
		buf_add(out, "unlimited");
	else
		buf_add(out, "%llu", (unsigned long long)value);
}

static void add_rlimit(const struct op *op, struct buf *out)
{
	const char *name = words_name(&rlimit_words, op->rlimit.resource);
	buf_add(out, "%s to ", name ? name : "?");
	show_limit(op->rlimit.soft, out);
	buf_add(out, ":");
	show_limit(op->rlimit.hard, out);
}

static void add_scheduler(const struct op *op, struct buf *out)
{
	const struct kernel_sched_attr *attr = op->raw.data.p;
	const char *name = words_name(&sched_policies, attr->policy);
	buf_add(out, "%s", name ? name : "?");
}

static void add_io_priority(const struct op *op, struct buf *out)
{
	const char *name = words_name(&ioprio_classes, (uint64_t)op->number.value >> 13);
	buf_add(out, "%s %d", name ? name : "?", (int)(op->number.value & 0x1fff));
}

static void add_cpus(const struct op *op, struct buf *out)
{
	show_bits(op->raw.data, out);
}

void show_memory_mode(const struct op *op, struct buf *out)
{
	uint64_t mode = (uint64_t)op->memory_policy.mode, flags = mode & 0xe000;
	const char *name = words_name(&mempolicy_modes, mode & ~flags);
	buf_add(out, "%s", name ? name : "?");
	if (!flags)
		return;
	buf_add(out, "|");
	words_show(&mempolicy_flags, flags, out);
}

static void add_memory_policy(const struct op *op, struct buf *out)
{
	show_memory_mode(op, out);
	buf_add(out, " on nodes ");
	show_bits(op->memory_policy.nodes, out);
}

static void add_personality(const struct op *op, struct buf *out)
{
	words_show(&personality_flags, (uint64_t)op->number.value, out);
}

static void add_umask(const struct op *op, struct buf *out)
{
	buf_add(out, "%04o", (unsigned)op->number.value);
}

static void add_command(const struct op *op, struct buf *out)
{
	buf_add(out, "%s", op->exec.command);
}

static void add_bounding(const struct op *op, struct buf *out)
{
	cap_show(op->caps.permitted, out);
}

static void add_seccomp(const struct op *op, struct buf *out)
{
	buf_add(out, "of %zu instructions", op->seccomp.filter.n / 8);
}

static void add_caps(const struct op *op, struct buf *out)
{
	cap_show(op->caps.effective, out);
}

static void add_argv(const struct op *op, struct buf *out)
{
	for (const char *const *arg = op->exec.argv; arg && *arg; arg++)
		buf_add(out, "%s%s", arg == op->exec.argv ? "" : " ", *arg);
}

/* A verb, and the object: a text member of the operation, what is in a slot, what a function adds.
 * Places are of members; 0 is none, as struct op begins with its kind. */
struct title {
	const char *verb;
	size_t text; /* of a const char * */
	size_t slot; /* of an int */
	void (*add)(const struct op *op, struct buf *out);
};
#define TEXT(member) .text = offsetof(struct op, member)
#define SLOT(member) .slot = offsetof(struct op, member)

static const struct title titles[] = {
	[OP_POST] = { "post ", .add = add_stage },
	[OP_AWAIT] = { "await ", .add = add_stage },
	[OP_RECORD] = { "record what is to be undone" },
	[OP_SCOPE] = { "ask systemd for ", TEXT(scope.name) },
	[OP_CGROUP_MAKE] = { "make control group ", TEXT(cgroup_make.host) },
	[OP_CGROUP_SET] = { "write ", .add = add_cgroup_set },
	[OP_CGROUP_DEVICES] = { "filter devices of ", TEXT(cgroup_devices.host) },
	[OP_CGROUP_OWNER] = { "give ", .add = add_cgroup_owner },
	[OP_OPEN] = { "open ", TEXT(open.host) },
	[OP_CONNECT] = { "connect to ", TEXT(connect.host) },
	[OP_GATE_MAKE] = { "listen at ", TEXT(connect.host) },
	[OP_USERNS] = { "make id maps: ", .add = add_maps },
	[OP_CLONE] = { "make a process", .add = add_clone },
	[OP_TAKE_PID] = { "learn the process's number" },
	[OP_ID_MAP] = { "map ", .add = add_maps },
	[OP_OOM_SCORE] = { "set oom_score_adj to ", .add = add_number },
	[OP_NET_DEVICE] = { "move interface ", .add = add_net_device },
	[OP_RDT] = { "join resctrl group ", TEXT(rdt.host) },
	[OP_HOOK] = { "run ", .add = add_hook },
	[OP_COMMIT] = { "complete the record" },
	[OP_PID_FILE] = { "write the process's number to ", TEXT(path.host) },
	[OP_SOURCE] = { "clone mount ", TEXT(source.host) },
	[OP_UNDUMPABLE] = { "become undumpable" },
	[OP_JOIN_CGROUP] = { "join control group by ", SLOT(ns.slot) },
	[OP_SETNS] = { "join namespaces of ", SLOT(ns.slot), add_setns },
	[OP_UNSHARE] = { "make new namespaces: ", .add = add_unshare },
	[OP_REFORK] = { "go on in a new process", .add = add_clone },
	[OP_BECOME_ROOT] = { "become root of the user namespace" },
	[OP_SESSION] = { "begin a session" },
	[OP_KEYRING] = { "join session keyring ", TEXT(text.text) },
	[OP_LOOPBACK] = { "bring interface lo up" },
	[OP_PROPAGATE] = { "make ", .add = add_propagate },
	[OP_ROOT] = { "take as root ", TEXT(root.host) },
	[OP_PROC_OPEN] = { "open a procfs of our own" },
	[OP_PROC_WRITE] = { "write ", .add = add_proc_write },
	[OP_MOUNT] = { "mount ", .add = add_mount },
	[OP_ATTACH] = { "attach ", SLOT(attach.slot), add_attach },
	[OP_ATTR] = { "change attributes of ", .add = add_attr },
	[OP_DEVICE] = { "make device ", .add = add_device },
	[OP_SYMLINK] = { "link ", .add = add_symlink },
	[OP_MASK] = { "hide ", .add = add_inside },
	[OP_READONLY] = { "make ", .add = add_readonly },
	[OP_CONSOLE] = { "make a terminal" },
	[OP_PIVOT] = { "pivot to the new root" },
	[OP_MOVE_ROOT] = { "move the new root to /" },
	[OP_CHDIR] = { "chdir to cwd ", .add = add_chdir },
	[OP_HOSTNAME] = { "set host name ", TEXT(text.text) },
	[OP_DOMAINNAME] = { "set domain name ", TEXT(text.text) },
	[OP_TTY] = { "take the terminal" },
	[OP_STDIO_OWNER] = { "give 0, 1, 2 to ", .add = add_owner },
	[OP_RLIMIT] = { "limit ", .add = add_rlimit },
	[OP_SCHEDULER] = { "schedule as ", .add = add_scheduler },
	[OP_IO_PRIORITY] = { "set I/O priority ", .add = add_io_priority },
	[OP_AFFINITY] = { "run on CPUs ", .add = add_cpus },
	[OP_MEMORY_POLICY] = { "place memory by ", .add = add_memory_policy },
	[OP_PERSONALITY] = { "set personality ", .add = add_personality },
	[OP_UMASK] = { "set umask ", .add = add_umask },
	[OP_FIND_COMMAND] = { "find command ", .add = add_command },
	[OP_GATE] = { "wait for start" },
	[OP_BOUNDING] = { "bound capabilities by ", .add = add_bounding },
	[OP_IDENTITY] = { "become ", .add = add_owner },
	[OP_NO_NEW_PRIVS] = { "set no_new_privs" },
	[OP_CLOSE_FDS] = { "close at exec descriptors from ", .add = add_number },
	[OP_SECCOMP] = { "load a system call filter ", .add = add_seccomp },
	[OP_CAPS] = { "set capabilities ", .add = add_caps },
	[OP_EXEC] = { "execute ", .add = add_argv },
};
_Static_assert(ARRAY_LEN(titles) == OP_KINDS, "every operation has a title");

/* The host's path that an operation puts into @slot; NULL if it puts nothing there. */
static const char *filled_from(const struct op *op, int slot)
{
	if (op->kind == OP_OPEN && op->open.slot == slot)
		return op->open.host;
	return op->kind == OP_SOURCE && op->source.slot == slot ? op->source.host : NULL;
}

static const char *find_host(const struct plan *p, int slot)
{
	const char *host = NULL;
	for (size_t i = 0; i < p->n && !host; i++)
		host = filled_from(&p->ops[i], slot);
	return host;
}

static void add_slot(int slot, const struct launch_plan *where, struct buf *out)
{
	const char *host = where ? find_host(&where->parent, slot) : NULL;
	if (where && !host)
		host = find_host(&where->child, slot);
	if (host)
		buf_add(out, "%s", host);
	else
		slot_name(slot, out);
}

void show_title(const struct op *op, const struct launch_plan *where, struct buf *out)
{
	const struct title *t = &titles[op->kind];
	const char *at = (const char *)op;
	buf_add(out, "%s", t->verb);
	if (t->text)
		buf_add(out, "%s", *(const char *const *)(at + t->text));
	if (t->slot)
		add_slot(*(const int *)(at + t->slot), where, out);
	if (t->add)
		t->add(op, out);
}

void op_title(const struct op *op, struct buf *out)
{
	show_title(op, NULL, out);
}
