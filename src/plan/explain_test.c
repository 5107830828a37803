#include "base/json.h"
#include "base/test.h"
#include "plan/explain.h"
#include "plan/op_table.h"
#include "plan/samples.h"

static const char *const argv[] = { "/bin/echo",
	"a word that is long enough for the line to be broken, were it not in quotes", "next",
	NULL };
static const char *const env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL
};
static const char *const candidates[] = { "/bin/echo", NULL };

static const struct op parent[] = {
	{ OP_CGROUP_SET, .why = "limit of processes", .may_fail = true,
		.cgroup_set = { "/cg/web", "pids.max", "512" } },
	{ OP_CLONE, .why = "the process", .clone = { CLONE_NEWNS } },
	{ OP_AWAIT, .why = "mounts are made", .sync = { STAGE_READY } },
};
static const struct op child[] = {
	{ OP_POST, .why = "mounts are made", .sync = { STAGE_READY } },
	{ OP_SECCOMP, .why = "allowed calls", .seccomp = { { sample_filter, 16 } } },
	{ OP_EXEC, .why = "the command", .exec = { "echo", candidates, argv, env } },
};
static const char *warnings[] = { "CAP_SYS_RESOURCE can't be given", NULL };
static const struct launch_plan plan = { { parent, ARRAY_LEN(parent) }, { child, ARRAY_LEN(child) },
	.warnings = { warnings, 1 } };
static const struct explain_request request = { &plan, "web", "/b", "1.3.0", NULL };

TEST(a_launch_is_told_in_the_order_of_time)
{
	cleanup(buf_done) struct buf got = {};
	plan_text(&request, &got);
	CHECK_TEXT(buf_text(&got),
		"How web is made, in 6 operations. The parent is the runtime, the child becomes "
	        "the\n"
		"container's process; they are told in an order in which they can meet.\n"
		"\n"
		"   1  parent  limit of processes: write 512 to /cg/web/pids.max (may fail)\n"
		"      kernel  openat(AT_FDCWD, \"/cg/web/pids.max\", O_WRONLY|O_CLOEXEC) = file\n"
		"              write(file, \"512\")\n"
		"      shell   echo 512 > /cg/web/pids.max\n"
		"\n"
		"   2  parent  the process: make a process with new namespaces: mount\n"
		"      kernel  memfd_create(\"onggi-child\", "
	        "MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC) = program\n"
		"              fcntl(program, F_ADD_SEALS, "
	        "F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE)\n"
		"              clone3({flags=CLONE_NEWNS|CLONE_PIDFD}) = $pid\n"
		"              execveat(program, \"\", {}, {}, AT_EMPTY_PATH)\n"
		"      shell   unshare --fork --kill-child --mount --propagation unchanged "
	        "COMMAND\n"
		"\n"
		"   3  child   mounts are made: post 'ready'\n"
		"      kernel  sendto(sync, {'ready'}, MSG_NOSIGNAL)\n"
		"      shell   # the other half may go on\n"
		"\n"
		"   4  child   allowed calls: load a system call filter of 2 instructions\n"
		"      kernel  seccomp(SECCOMP_SET_MODE_FILTER, 0, {2 instructions})\n"
		"      shell   # no command of util-linux loads a filter: all system calls stay "
	        "allowed\n"
		"\n"
		"   5  child   the command: execute /bin/echo a word that is long enough for the "
	        "line to be broken,\n"
		"                  were it not in quotes next\n"
		"      kernel  execve(\"/bin/echo\", {\"/bin/echo\",\n"
		"                  \"a word that is long enough for the line to be broken, were it "
	        "not in quotes\",\n"
		"                  \"next\"}, "
	        "{\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"})\n"
		"      shell   env -i "
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/echo \\\n"
		"                  'a word that is long enough for the line to be broken, were it "
	        "not in quotes' \\\n"
		"                  next\n"
		"\n"
		"   6  parent  mounts are made: await 'ready'\n"
		"      kernel  recvfrom(sync, {'ready'})\n"
		"      shell   # goes on when the other half is there\n"
		"\n"
		"warning: CAP_SYS_RESOURCE can't be given\n");
}

static const char *member(const struct json *object, const char *key)
{
	const struct json *found = json_get(object, key);
	CHECK(found && found->type == JSON_TEXT);
	return found->text.p;
}

TEST(programs_read_a_launch_as_json)
{
	cleanup(buf_done) struct buf got = {};
	cleanup(arena_done) struct arena a = {};
	plan_json(&request, &got);
	const struct json *list;
	CHECK(!json_read((struct str){ buf_text(&got), got.n }, "plan", &a, &list));
	CHECK(list->type == JSON_LIST && list->n == ARRAY_LEN(parent) + ARRAY_LEN(child));

	const struct json *first = list->first;
	CHECK_TEXT(member(first, "side"), "parent");
	CHECK_TEXT(member(first, "operation"), "cgroup-set");
	CHECK_TEXT(member(first, "title"), "write 512 to /cg/web/pids.max");
	CHECK_TEXT(member(first, "why"), "limit of processes");
	CHECK(json_get(first, "mayFail")->yes);
	CHECK_TEXT(member(json_get(first, "arguments"), "file"), "pids.max");
	CHECK(json_get(first, "calls")->n == 2);
	CHECK_TEXT(json_get(first, "shell")->first->text.p, "echo 512 > /cg/web/pids.max");
	CHECK_TEXT(member(json_get(first->next, "arguments"), "flags"), "CLONE_NEWNS");
}

/* Whatever the operation, what is written is JSON, and no argument is lost. */
TEST(every_operation_can_be_written_as_json)
{
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		const struct op op = sample_op(kind);
		const struct launch_plan one = { .parent = { &op, 1 } };
		cleanup(buf_done) struct buf got = {};
		cleanup(arena_done) struct arena a = {};
		plan_json(&(struct explain_request){ .plan = &one, .id = "web" }, &got);
		const struct json *list;
		CHECK(!json_read((struct str){ buf_text(&got), got.n }, "plan", &a, &list));
		CHECK(json_get(list->first, "arguments")->n == op_table[kind].n_args);
	}
}
