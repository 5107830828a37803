#include "base/test.h"
#include "plan/samples.h"
#include "plan/show.h"

TEST(every_operation_has_a_title)
{
	cleanup(buf_done) struct buf got = {};
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		struct op op = sample_op(kind);
		CHECK(op.why);
		op_title(&op, &got);
		buf_add(&got, "\n");
	}
	CHECK_TEXT(buf_text(&got), "post 'mapped'\n"
				   "await 'ready'\n"
				   "record what is to be undone\n"
				   "ask systemd for onggi-web.scope\n"
				   "make control group /sys/fs/cgroup/pids/web\n"
				   "write 512 to /sys/fs/cgroup/pids/web/pids.max\n"
				   "filter devices of /sys/fs/cgroup/web\n"
				   "give /sys/fs/cgroup/web to user 100000\n"
				   "open /run/netns/blue\n"
				   "connect to /run/tty.sock\n"
				   "listen at /run/onggi/web/gate\n"
				   "make id maps: users 0 1000 1, groups 0 1000 1\n"
				   "make a process with new namespaces: mount, pid\n"
				   "learn the process's number\n"
				   "map users 0 100000 65536, groups 0 100000 65536\n"
				   "set oom_score_adj to 500\n"
				   "move interface eth1 as lan\n"
				   "join resctrl group /sys/fs/resctrl/web\n"
				   "run createRuntime hook /usr/bin/hook\n"
				   "complete the record\n"
				   "write the process's number to /run/web.pid\n"
				   "clone mount /srv/data\n"
				   "become undumpable\n"
				   "join control group by fd13\n"
				   "join namespaces of fd10: network\n"
				   "make new namespaces: mount, uts\n"
				   "go on in a new process with new namespaces: pid\n"
				   "become root of the user namespace\n"
				   "begin a session\n"
				   "join session keyring _ses.web\n"
				   "bring interface lo up\n"
				   "make / rslave\n"
				   "take as root /srv/web/rootfs\n"
				   "open a procfs of our own\n"
				   "write 1 to /proc/sys/net/ipv4/ip_forward\n"
				   "mount tmpfs on /tmp\n"
				   "attach fd12 on /data\n"
				   "change attributes of /\n"
				   "make device /dev/null (c 1 3)\n"
				   "link /dev/fd to /proc/self/fd\n"
				   "hide /proc/kcore\n"
				   "make /proc/sys read-only\n"
				   "make a terminal\n"
				   "pivot to the new root\n"
				   "move the new root to /\n"
				   "chdir to cwd (\"/root\")\n"
				   "set host name web\n"
				   "set domain name example.org\n"
				   "take the terminal\n"
				   "give 0, 1, 2 to user 1000, group 1000\n"
				   "limit RLIMIT_NOFILE to 1024:unlimited\n"
				   "schedule as SCHED_BATCH\n"
				   "set I/O priority IOPRIO_CLASS_BE 4\n"
				   "run on CPUs 0-1,3\n"
				   "place memory by MPOL_BIND on nodes 0\n"
				   "set personality PER_LINUX32\n"
				   "set umask 0022\n"
				   "find command sh\n"
				   "wait for start\n"
				   "bound capabilities by CAP_CHOWN CAP_KILL\n"
				   "become user 1000, group 1000\n"
				   "set no_new_privs\n"
				   "close at exec descriptors from 3\n"
				   "load a system call filter of 2 instructions\n"
				   "set capabilities CAP_KILL\n"
				   "execute sh -c echo it's\n");
}

TEST(a_plan_is_shown_one_line_an_operation)
{
	struct op ops[] = { sample_op(OP_MOUNT), sample_op(OP_MASK) };
	ops[1].may_fail = true;
	cleanup(buf_done) struct buf got = {};
	plan_show(&(struct plan){ ops, 2 }, &got);
	CHECK_TEXT(buf_text(&got),
		" 1. mount tmpfs on /tmp  # private /tmp\n"
		" 2. hide /proc/kcore  # not the container's business, may fail\n");
}

TEST(titles_name_what_the_plan_puts_into_slots)
{
	struct op parent[] = { sample_op(OP_OPEN) }, child[] = { sample_op(OP_SOURCE) };
	struct launch_plan plan = { .parent = { parent, 1 }, .child = { child, 1 } };
	struct op join = sample_op(OP_SETNS), attach = sample_op(OP_ATTACH);
	cleanup(buf_done) struct buf got = {};
	show_title(&join, &plan, &got);
	buf_add(&got, "\n");
	show_title(&attach, &plan, &got);
	CHECK_TEXT(buf_text(&got),
		"join namespaces of /run/netns/blue: network\nattach /srv/data on /data");
}

TEST(slots_have_names)
{
	cleanup(buf_done) struct buf got = {};
	slot_name(NO_SLOT, &got);
	for (int slot = SLOT_SYNC; slot <= SLOT_FREE; slot++) {
		buf_add(&got, " ");
		slot_name(slot, &got);
	}
	CHECK_TEXT(buf_text(&got),
		"none sync root proc null empty gate starter console tty cgroup fd10");
}
