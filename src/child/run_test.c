#include "child/run.h"
#include "child/world_test.h"
#include "plan/op_table.h"
#include "plan/samples.h"
#include <string.h>

/* The calls of each kind's sample. Slot n holds descriptor 10 + n; new ones begin at 100. */
static const struct expectation {
	enum op_kind kind;
	const char *calls;
} expectations[] = {
	{ OP_POST, "sendto(10, ptr, 264, 0x4000, NULL, 0)\n" },
	{ OP_AWAIT, "read(10, ptr, 264)\n" },
	{ OP_SOURCE, "open_tree(-100, \"/srv/data\", 0x88001)\n"
		     "mount_setattr(100, \"\", 0x1000, ptr, 32)\n"
		     "close_range(22, 0x16, 0)\n" },
	{ OP_UNDUMPABLE, "prctl(4, 0, 0, 0, 0)\n" },
	{ OP_JOIN_CGROUP, "write(23, ptr, 1)\n" },
	{ OP_SETNS, "setns(20, 0x40000000)\n" },
	{ OP_UNSHARE, "unshare(0x4020000)\n" },
	{ OP_REFORK, "pipe2(ptr, 0x80000)\n"
		     "clone3(ptr, 88)\n"
		     "close(101)\n"
		     "read(100, ptr, 1)\n"
		     "close_range(100, 0x64, 0)\n" },
	{ OP_BECOME_ROOT, "setgroups(0, NULL)\n"
			  "setresgid(0, 0, 0)\n"
			  "setresuid(0, 0, 0)\n" },
	{ OP_SESSION, "setsid()\n" },
	{ OP_KEYRING, "keyctl(1, ptr, 0)\n"
		      "keyctl(5, NULL, 0x3f1b0000)\n" },
	{ OP_LOOPBACK, "socket(1, 524290, 0)\n"
		       "ioctl(100, 0x8914, ptr)\n"
		       "close_range(100, 0x64, 0)\n" },
	{ OP_PROPAGATE, "mount_setattr(-100, \"/\", 0x8000, ptr, 32)\n" },
	{ OP_ROOT, "open_tree(-100, \"/srv/web/rootfs\", 0x88001)\n"
		   "move_mount(100, \"\", -100, \"/srv/web/rootfs\", 0x14)\n"
		   "close_range(11, 0xb, 0)\n" },
	{ OP_PROC_OPEN, "fsopen(\"proc\", 0x1)\n"
			"fsconfig(100, 1, \"source\", \"proc\", 0)\n"
			"fsconfig(100, 6, NULL, NULL, 0)\n"
			"fsmount(100, 0x1, 0xe)\n"
			"close_range(12, 0xc, 0)\n"
			"close_range(100, 0x64, 0)\n" },
	{ OP_PROC_WRITE, "openat2(12, \"sys/net/ipv4/ip_forward\", ptr, 24)\n"
			 "fstatfs(100, ptr)\n"
			 "write(100, ptr, 1)\n"
			 "close_range(100, 0x64, 0)\n" },
	{ OP_MOUNT, "openat2(11, \"/tmp\", ptr, 24)\n"
		    "fstatfs(100, ptr)\n"
		    "fsopen(\"tmpfs\", 0x1)\n"
		    "fsconfig(101, 1, \"source\", \"tmpfs\", 0)\n"
		    "fsconfig(101, 1, \"size\", \"64m\", 0)\n"
		    "fsconfig(101, 1, \"mode\", \"1777\", 0)\n"
		    "fsconfig(101, 6, NULL, NULL, 0)\n"
		    "fsmount(101, 0x1, 0x6)\n"
		    "move_mount(102, \"\", 100, \"\", 0x44)\n"
		    "close_range(100, 0x66, 0)\n" },
	{ OP_ATTACH, "openat2(11, \"data\", ptr, 24)\n"
		     "fstatfs(100, ptr)\n"
		     "move_mount(22, \"\", 100, \"\", 0x44)\n"
		     "close_range(22, 0x16, 0)\n"
		     "close_range(100, 0x64, 0)\n" },
	{ OP_ATTR, "mount_setattr(11, \"\", 0x1000, ptr, 32)\n" },
	{ OP_DEVICE, "openat2(11, \"dev/\", ptr, 24)\n"
		     "mknodat(100, \"null\", 0x21b6, 0x103)\n"
		     "close_range(100, 0x64, 0)\n" },
	{ OP_SYMLINK, "openat2(11, \"dev/\", ptr, 24)\n"
		      "symlinkat(\"/proc/self/fd\", 100, \"fd\")\n"
		      "close_range(100, 0x64, 0)\n" },
	{ OP_MASK, "openat2(11, \"/proc/kcore\", ptr, 24)\n"
		   "statx(100, \"\", 0x1000, 0x7ff, ptr)\n"
		   "statx(13, \"\", 0x1000, 0x7ff, ptr)\n"
		   "move_mount(13, \"\", 100, \"\", 0x44)\n"
		   "close_range(100, 0x64, 0)\n" },
	{ OP_READONLY, "openat2(11, \"/proc/sys\", ptr, 24)\n"
		       "open_tree(100, \"\", 0x89001)\n"
		       "mount_setattr(101, \"\", 0x9000, ptr, 32)\n"
		       "move_mount(101, \"\", 100, \"\", 0x44)\n"
		       "close_range(100, 0x65, 0)\n" },
	{ OP_CONSOLE, "openat2(11, \"dev/pts\", ptr, 24)\n"
		      "fstatfs(100, ptr)\n"
		      "openat2(100, \"ptmx\", ptr, 24)\n"
		      "statx(101, \"\", 0x1000, 0x7ff, ptr)\n"
		      "ioctl(101, 0x40045431, ptr)\n"
		      "ioctl(101, 0x5414, ptr)\n"
		      "ioctl(101, 0x5441, ptr)\n"
		      "openat2(11, \"dev/console\", ptr, 24)\n"
		      "statx(103, \"\", 0x1000, 0x7ff, ptr)\n"
		      "open_tree(102, \"\", 0x81001)\n"
		      "move_mount(104, \"\", 103, \"\", 0x44)\n"
		      "ioctl(101, 0x80045430, ptr)\n"
		      "sendmsg(17, ptr, 0x4000)\n"
		      "close(101)\n"
		      "close(17)\n"
		      "close_range(18, 0x12, 0)\n"
		      "close_range(100, 0x64, 0)\n"
		      "close_range(103, 0x68, 0)\n" },
	{ OP_PIVOT, "fchdir(11)\n"
		    "pivot_root(\".\", \".\")\n"
		    "umount2(\".\", 0x2)\n"
		    "chdir(\"/\")\n" },
	{ OP_MOVE_ROOT, "fchdir(11)\n"
			"getcwd(ptr, 4096)\n"
			"openat2(12, \"self/mountinfo\", ptr, 24)\n"
			"fstatfs(100, ptr)\n"
			"read(100, ptr, 1024)\n"
			"mount(\".\", \"/\", NULL, 0x2000, NULL)\n"
			"chroot(\".\")\n"
			"chdir(\"/\")\n"
			"close_range(100, 0x64, 0)\n" },
	{ OP_CHDIR, "openat2(11, \"/root\", ptr, 24)\n"
		    "fchdir(100)\n"
		    "getcwd(ptr, 4096)\n"
		    "close_range(100, 0x64, 0)\n" },
	{ OP_HOSTNAME, "sethostname(\"web\", 3)\n" },
	{ OP_DOMAINNAME, "setdomainname(\"example.org\", 11)\n" },
	{ OP_TTY, "dup3(18, 0, 0)\n"
		  "dup3(18, 1, 0)\n"
		  "dup3(18, 2, 0)\n"
		  "ioctl(0, 0x540e, NULL)\n"
		  "close_range(18, 0x12, 0)\n" },
	{ OP_STDIO_OWNER, "statx(0, \"\", 0x1000, 0x7ff, ptr)\n"
			  "fchownat(0, \"\", 1000, 4294967295, 0x1000)\n"
			  "statx(1, \"\", 0x1000, 0x7ff, ptr)\n"
			  "fchownat(1, \"\", 1000, 4294967295, 0x1000)\n"
			  "statx(2, \"\", 0x1000, 0x7ff, ptr)\n"
			  "fchownat(2, \"\", 1000, 4294967295, 0x1000)\n" },
	{ OP_RLIMIT, "prlimit64(0, 7, ptr, NULL)\n" },
	{ OP_SCHEDULER, "sched_setattr(0, ptr, 0)\n" },
	{ OP_IO_PRIORITY, "ioprio_set(1, 0, 0x4004)\n" },
	{ OP_AFFINITY, "sched_setaffinity(0, 1, ptr)\n" },
	{ OP_MEMORY_POLICY, "set_mempolicy(2, ptr, 9)\n" },
	{ OP_PERSONALITY, "personality(0x8)\n" },
	{ OP_UMASK, "umask(0x12)\n" },
	{ OP_FIND_COMMAND, "statx(-100, \"/usr/bin/sh\", 0, 0x1, ptr)\n"
			   "faccessat2(-100, \"/usr/bin/sh\", 0x1, 0x200)\n" },
	{ OP_GATE, "close_range(10, 0xe, 0)\n"
		   "close_range(17, 0x1b, 0)\n"
		   "accept4(15, NULL, NULL, 0x80000)\n"
		   "recvfrom(100, ptr, 1, 0, NULL, NULL)\n"
		   "close_range(16, 0x10, 0)\n" },
	{ OP_IDENTITY, "setgroups(2, ptr)\n"
		       "setresgid(1000, 1000, 1000)\n"
		       "prctl(8, 0x1, 0, 0, 0)\n"
		       "setresuid(1000, 1000, 1000)\n"
		       "capget(ptr, ptr)\n"
		       "capset(ptr, ptr)\n" },
	{ OP_NO_NEW_PRIVS, "prctl(38, 0x1, 0, 0, 0)\n" },
	{ OP_CLOSE_FDS, "close_range(11, 0xe, 0)\n"
			"close_range(17, 0x1b, 0)\n"
			"close_range(3, 0xffffffff, 0x4)\n" },
	{ OP_SECCOMP, "sendto(16, ptr, 264, 0x4000, NULL, 0)\n"
		      "seccomp(1, 0x2, ptr)\n" },
	{ OP_CAPS, "capset(ptr, ptr)\n"
		   "prctl(47, 0x4, 0, 0, 0)\n" },
	{ OP_EXEC, "sendto(16, ptr, 264, 0x4000, NULL, 0)\n"
		   "execve(\"/usr/bin/sh\", ptr, ptr)\n" },
};

static bool is_ours(enum op_kind kind)
{
	return op_side(kind) != SIDE_PARENT;
}

TEST(operations_make_these_calls)
{
	for (size_t i = 0; i < ARRAY_LEN(expectations); i++) {
		struct op op = sample_op(expectations[i].kind);
		struct world w;
		world_make(&w, op.kind);
		struct fault f = world_run(&w, &op);
		CHECK_TEXT(buf_text(&w.log), expectations[i].calls);
		CHECK(f.num == 0);
		world_check_descriptors(&w);
		world_done(&w);
	}
}

TEST(every_operation_of_the_child_is_expected_to_make_calls)
{
	for (int kind = 0; kind < OP_KINDS; kind++) {
		bool found = kind == OP_BOUNDING; /* has a test of its own */
		for (size_t i = 0; i < ARRAY_LEN(expectations); i++)
			found |= (int)expectations[i].kind == kind;
		if (found != is_ours((enum op_kind)kind))
			test_failed(__FILE__, __LINE__, "%s", op_name((enum op_kind)kind));
	}
}

/* Whether a failure of @call, the last one or not, goes unnoticed, and may. */
static bool is_passed_over(enum op_kind kind, enum sys_call call, bool last)
{
	return call == SYS_CLOSE || call == SYS_UMASK ||
	       (call == SYS_CLOSE_RANGE && !(kind == OP_CLOSE_FDS && last)) ||
	       (kind == OP_GATE && call == SYS_RECVFROM); /* waits for the next one */
}

/* Fails call number @nth of an operation; false if it makes fewer. */
static bool fail_call(enum op_kind kind, int nth)
{
	struct op op = sample_op(kind);
	if (kind == OP_FIND_COMMAND)
		op.exec.candidates++; /* the last one: another would be tried */
	struct world w;
	world_make(&w, kind);
	w.fake.fail_at = nth;
	w.fake.fail_with = EIO;
	struct fault f = world_run(&w, &op);
	bool reached = w.fake.calls >= nth;
	enum sys_call failed = reached ? w.calls[nth - 1] : SYS_NONE;
	if (reached && !is_passed_over(kind, failed, w.n_calls == nth)) {
		if (f.num != EIO || f.call != failed || f.kind != kind)
			test_failed(__FILE__, __LINE__, "%s, call %d: %d in %s\n%s", op_name(kind),
				nth, f.num, sys_table[f.call].name, buf_text(&w.log));
		CHECK_TEXT(f.what,
			kind == OP_EXEC || kind == OP_FIND_COMMAND ? op.exec.command : op.why);
	}
	/* The fake closes nothing when it is told to fail. */
	if (failed != SYS_CLOSE && failed != SYS_CLOSE_RANGE)
		world_check_descriptors(&w);
	world_done(&w);
	return reached;
}

TEST(each_call_can_fail_and_is_blamed)
{
	for (int kind = 0; kind < OP_KINDS; kind++) {
		int nth = 1;
		while (is_ours((enum op_kind)kind) && fail_call((enum op_kind)kind, nth))
			nth++;
	}
}

TEST(interrupted_calls_are_made_again)
{
	struct op op = sample_op(OP_AWAIT);
	struct world w;
	world_make(&w, OP_AWAIT);
	w.fake.fail_at = 1;
	w.fake.fail_with = EINTR;
	CHECK(world_run(&w, &op).num == 0);
	CHECK(w.fake.calls == 2);
	world_done(&w);
}

TEST(a_failure_that_may_be_is_passed_over)
{
	const struct op ops[] = {
		{ OP_SESSION, .may_fail = true, .why = "apart" },
		{ OP_NO_NEW_PRIVS, .why = "powerless" },
	};
	struct world w;
	world_make(&w, OP_SESSION);
	w.fake.fail_at = 1;
	w.fake.fail_with = EPERM;
	struct fault f = plan_run(&w.front, &(struct plan){ ops, 2 }, w.slots, WORLD_SLOTS);
	CHECK(f.num == 0 && w.n_calls == 2);
	world_done(&w);
}

TEST(the_second_operation_is_blamed_by_its_index)
{
	const struct op ops[] = { sample_op(OP_SESSION), sample_op(OP_PIVOT) };
	struct world w;
	world_make(&w, OP_PIVOT);
	w.fake.fail_at = 3;
	w.fake.fail_with = EINVAL;
	struct fault f = plan_run(&w.front, &(struct plan){ ops, 2 }, w.slots, WORLD_SLOTS);
	CHECK(f.op == 1 && f.kind == OP_PIVOT && f.call == SYS_PIVOT_ROOT && f.num == EINVAL);
	world_done(&w);
}

TEST(operations_of_the_parent_are_refused)
{
	struct op op = sample_op(OP_CLONE);
	struct world w;
	world_make(&w, OP_CLONE);
	struct fault f = world_run(&w, &op);
	CHECK(f.num == ENOSYS && f.call == SYS_NONE);
	world_done(&w);
}
