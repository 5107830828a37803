/* What operations do where their samples do not lead: refusals, fallbacks, repetitions. */
#include "child/run.h"
#include "child/world_test.h"
#include "plan/samples.h"
#include <linux/magic.h>
#include <string.h>

/* How often @call was made. */
static int count(const struct world *w, enum sys_call call)
{
	int n = 0;
	for (int i = 0; i < w->n_calls; i++)
		n += w->calls[i] == call;
	return n;
}

static bool made(const struct world *w, const char *line)
{
	return strstr(buf_text(&w->log), line) != NULL;
}

/* Runs @n operations, and checks what they leave open. */
static struct fault run_all(struct world *w, const struct op *ops, size_t n)
{
	struct fault f = plan_run(&w->front, &(struct plan){ ops, n }, w->slots, WORLD_SLOTS);
	world_check_descriptors(w);
	return f;
}

TEST(await_wants_its_own_stage)
{
	struct op op = sample_op(OP_AWAIT);
	struct world w;
	world_make(&w, OP_AWAIT);
	w.stage = STAGE_MAPPED;
	struct fault f = world_run(&w, &op);
	CHECK(f.num == EPROTO && f.call == SYS_NONE);
	world_done(&w);
}

TEST(await_ends_when_the_parent_does)
{
	struct op op = sample_op(OP_AWAIT);
	struct world w;
	world_make(&w, OP_AWAIT);
	w.text = "";
	CHECK(world_run(&w, &op).num == EPIPE);
	world_done(&w);
}

TEST(gate_opens_for_who_says_a_word)
{
	struct op op = sample_op(OP_GATE);
	struct world w;
	world_make(&w, OP_GATE);
	w.connections_lost = 2;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(count(&w, SYS_ACCEPT4) == 3);
	CHECK(w.slots[SLOT_STARTER] == 102 && w.slots[SLOT_SYNC] == -1);
	CHECK(w.slots[SLOT_CGROUP] == -1 && w.slots[SLOT_ROOT] == -1);
	world_done(&w);
}

/* A filter that knows nothing of sockets lets the child say what it has to say all the same. */
TEST(starting_is_said_once_and_before_the_filter)
{
	const struct op ops[] = { sample_op(OP_SECCOMP), sample_op(OP_CAPS), sample_op(OP_EXEC) };
	struct world w;
	world_make(&w, OP_SECCOMP);
	CHECK(run_all(&w, ops, 3).num == 0);
	CHECK(w.calls[0] == SYS_SENDTO && w.calls[1] == SYS_SECCOMP);
	CHECK(count(&w, SYS_SENDTO) == 1 && count(&w, SYS_WRITE) == 0);
	world_done(&w);
}

TEST(without_a_starter_nothing_is_said)
{
	struct op op = sample_op(OP_EXEC);
	struct world w;
	world_make(&w, OP_EXEC);
	w.open[w.slots[SLOT_STARTER]] = false;
	w.slots[SLOT_STARTER] = -1;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(w.n_calls == 1);
	world_done(&w);
}

TEST(a_starter_that_has_gone_stops_nothing)
{
	struct op op = sample_op(OP_EXEC);
	struct world w;
	world_make(&w, OP_EXEC);
	w.fake.fail_at = 1;
	w.fake.fail_with = EPIPE;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(count(&w, SYS_EXECVE) == 1);
	world_done(&w);
}

TEST(listener_is_kept_until_it_has_been_taken)
{
	struct op op = sample_op(OP_SECCOMP);
	op.seccomp.notify = true;
	struct world w;
	world_make(&w, OP_SECCOMP);
	w.message = MESSAGE_LISTENER;
	CHECK(world_run(&w, &op).num == 0);
	CHECK(made(&w, "seccomp(1, 0xa, ptr)\nwrite(16, ptr, 264)\nread(16, ptr, 264)\n"));
	world_done(&w);

	world_make(&w, OP_SECCOMP); /* the answer is something else */
	CHECK(world_run(&w, &op).num == EPROTO);
	world_done(&w);
}

TEST(refork_tells_the_new_pid_and_ends)
{
	struct op op = sample_op(OP_REFORK);
	struct world w;
	world_make(&w, OP_REFORK);
	w.clone = 4711;
	CHECK(world_run(&w, &op).num == ECHILD); /* the fake kernel survives exit_group() */
	CHECK(made(
		&w, "sendto(10, ptr, 264, 0x4000, NULL, 0)\nwrite(101, ptr, 1)\nexit_group(0)\n"));
	world_check_descriptors(&w);
	world_done(&w);
}

/* Otherwise both could speak at once, and the parent would hear of a process it does not know. */
TEST(the_new_process_waits_for_its_turn)
{
	struct op op = sample_op(OP_REFORK);
	struct world w;
	world_make(&w, OP_REFORK);
	w.text = ""; /* end of file: the old process ended without a word */
	struct fault f = run_all(&w, &op, 1);
	CHECK(f.num == EPIPE && f.call == SYS_NONE);
	world_done(&w);
}

TEST(groups_that_may_not_be_dropped_stay)
{
	struct op op = sample_op(OP_BECOME_ROOT);
	struct world w;
	world_make(&w, OP_BECOME_ROOT);
	w.fake.fail_at = 1;
	w.fake.fail_with = EPERM;
	CHECK(world_run(&w, &op).num == 0);
	CHECK(w.n_calls == 3);
	world_done(&w);
}

TEST(proc_of_the_old_root_serves_where_a_new_one_is_refused)
{
	struct op op = sample_op(OP_PROC_OPEN);
	struct world w;
	world_make(&w, OP_PROC_OPEN);
	w.file_system = PROC_SUPER_MAGIC;
	w.fake.fail_at = 4;
	w.fake.fail_with = EPERM;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "openat2(-100, \"/proc\""));
	world_done(&w);

	world_make(&w, OP_PROC_OPEN); /* something else is mounted there */
	w.fake.fail_at = 4;
	w.fake.fail_with = EPERM;
	CHECK(run_all(&w, &op, 1).num == EXDEV);
	world_done(&w);
}

TEST(proc_files_must_be_of_procfs)
{
	struct op op = sample_op(OP_PROC_WRITE);
	struct world w;
	world_make(&w, OP_PROC_WRITE);
	w.file_system = TMPFS_MAGIC;
	struct fault f = run_all(&w, &op, 1);
	CHECK(f.num == EXDEV && f.call == SYS_NONE);
	CHECK(count(&w, SYS_WRITE) == 0);
	world_done(&w);
}

TEST(what_the_kernel_says_of_a_mount_is_told)
{
	struct op op = sample_op(OP_MOUNT);
	struct world w;
	world_make(&w, OP_MOUNT);
	w.text = "e tmpfs: Bad value for 'size'\n";
	w.fake.fail_at = 5;
	w.fake.fail_with = EINVAL;
	struct fault f = run_all(&w, &op, 1);
	CHECK(f.num == EINVAL && f.call == SYS_FSCONFIG);
	CHECK_TEXT(f.what, "private /tmp: tmpfs: Bad value for 'size'");
	world_done(&w);
}

TEST(nothing_is_mounted_inside_proc_by_accident)
{
	struct op op = sample_op(OP_MOUNT);
	struct world w;
	world_make(&w, OP_MOUNT);
	w.file_system = PROC_SUPER_MAGIC;
	struct fault f = run_all(&w, &op, 1);
	CHECK(f.num == EPERM && f.call == SYS_NONE);
	CHECK_TEXT(f.what, "private /tmp: cannot be mounted because it is inside /proc");
	world_done(&w);

	op.mount.flags = MOUNT_IN_PROC;
	world_make(&w, OP_MOUNT);
	w.file_system = PROC_SUPER_MAGIC;
	CHECK(run_all(&w, &op, 1).num == 0);
	world_done(&w);
}

TEST(only_a_procfs_is_bound_on_proc)
{
	struct op op = sample_op(OP_ATTACH);
	op.attach.flags = MOUNT_ONLY_PROC | MOUNT_IN_PROC;
	struct world w;
	world_make(&w, OP_ATTACH);
	CHECK(run_all(&w, &op, 1).num == EXDEV);
	CHECK(count(&w, SYS_MOVE_MOUNT) == 0);
	world_done(&w);

	world_make(&w, OP_ATTACH);
	w.file_system = PROC_SUPER_MAGIC;
	CHECK(run_all(&w, &op, 1).num == 0);
	world_done(&w);
}

TEST(a_new_file_system_takes_the_mode_of_what_it_hides)
{
	struct op op = sample_op(OP_MOUNT);
	op.mount.flags = MOUNT_KEEP_MODE;
	struct world w;
	world_make(&w, OP_MOUNT);
	w.mode = S_IFDIR | S_ISVTX | 0777;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "\"mode\", \"1777\", 0)\nfsconfig(101, 1, \"size\""));
	world_done(&w);
}

TEST(long_values_are_mounted_the_old_way)
{
	char layers[400] = "lowerdir=";
	memset(layers + 9, 'x', sizeof(layers) - 10);
	const char *const params[] = { "ro", layers, "index=off", NULL };
	struct op op = sample_op(OP_MOUNT);
	op.mount.type = "overlay";
	op.mount.params = params;
	struct world w;
	world_make(&w, OP_MOUNT);
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "mount(\"tmpfs\", \"/dev\", \"overlay\", 0x1, \"lowerdir=xxx"));
	CHECK(made(&w, "xxx,index=off\")\nopen_tree(-100, \"/dev\", 0x80001)\numount2(\"/dev\""));
	world_done(&w);
}

TEST(a_mask_is_attached_first_and_cloned_then)
{
	const struct op ops[] = { sample_op(OP_MASK), sample_op(OP_MASK) };
	struct world w;
	world_make(&w, OP_MASK);
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(made(&w, "move_mount(13, \"\", 100"));
	CHECK(made(&w, "open_tree(13, \"\", 0x81001)\nmove_mount(102, \"\", 101"));
	world_done(&w);
}

TEST(directories_are_masked_by_an_empty_one)
{
	struct op op = sample_op(OP_MASK);
	struct world w;
	world_make(&w, OP_MOUNT);
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "move_mount(14, \"\", 100"));
	world_done(&w);
}

TEST(nothing_but_null_masks_a_file)
{
	struct op op = sample_op(OP_MASK);
	struct world w;
	world_make(&w, OP_MASK);
	w.minor = 5;
	struct fault f = run_all(&w, &op, 1);
	CHECK(f.num == ENODEV && f.call == SYS_NONE && count(&w, SYS_MOVE_MOUNT) == 0);
	world_done(&w);
}

TEST(what_is_not_there_needs_no_protection)
{
	const struct op ops[] = { sample_op(OP_MASK), sample_op(OP_READONLY) };
	struct world w;
	for (int i = 0; i < 2; i++) {
		world_make(&w, OP_MASK);
		w.missing = ops[i].inside.path;
		CHECK(run_all(&w, &ops[i], 1).num == 0);
		CHECK(w.n_calls == 1);
		world_done(&w);
	}
}

TEST(a_device_that_only_has_the_name_is_replaced)
{
	struct op op = sample_op(OP_DEVICE);
	struct world w;
	world_make(&w, OP_MASK); /* everything is /dev/null */
	w.mode = S_IFCHR | 0666;
	w.fake.fail_at = 2; /* mknodat */
	w.fake.fail_with = EEXIST;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(count(&w, SYS_MKNODAT) == 1 && count(&w, SYS_UNLINKAT) == 0);
	world_done(&w);

	world_make(&w, OP_MASK);
	w.minor = 5;
	w.fake.fail_at = 2;
	w.fake.fail_with = EEXIST;
	struct fault f = run_all(&w, &op, 1);
	CHECK(made(&w, "unlinkat(100, \"null\", 0)\nmknodat(100, \"null\""));
	CHECK(f.num == ESTALE); /* here it still looks wrong afterwards */
	world_done(&w);
}

TEST(devices_of_one_directory_open_it_once)
{
	struct op ops[] = { sample_op(OP_DEVICE), sample_op(OP_DEVICE), sample_op(OP_SYMLINK),
		sample_op(OP_DEVICE) };
	ops[1].device.path = "dev/zero";
	ops[3].device.path = "dev/net/tun";
	struct world w;
	world_make(&w, OP_DEVICE);
	CHECK(run_all(&w, ops, 4).num == 0);
	CHECK(count(&w, SYS_OPENAT2) == 2);
	world_done(&w);
}

TEST(mounts_in_one_directory_open_it_once)
{
	struct op ops[] = { sample_op(OP_DEVICE), sample_op(OP_MOUNT), sample_op(OP_ATTACH) };
	ops[1].mount.target = "dev/shm";
	ops[2].attach.target = "dev/mqueue";
	struct world w;
	world_make(&w, OP_DEVICE);
	CHECK(run_all(&w, ops, 3).num == 0);
	CHECK(made(&w, "mkdirat(100, \"shm\", 0x1ed)\nopenat2(100, \"shm\", ptr, 24)\n"));
	CHECK(made(&w, "mkdirat(100, \"mqueue\", 0x1ed)\nopenat2(100, \"mqueue\", ptr, 24)\n"));
	world_done(&w);

	world_make(&w, OP_DEVICE); /* it is there already */
	w.fake.fail_at = 3;
	w.fake.fail_with = EEXIST;
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(made(&w, "mkdirat(100, \"shm\", 0x1ed)\nopenat2(100, \"shm\", ptr, 24)\nfstatfs"));
	world_done(&w);

	ops[1].mount.flags = MOUNT_NO_CREATE;
	world_make(&w, OP_DEVICE);
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(count(&w, SYS_MKDIRAT) == 0);
	world_done(&w);
}

/* A mount on the directory itself hides the one that is open. */
TEST(a_directory_is_opened_again_once_it_is_hidden)
{
	struct op ops[] = { sample_op(OP_DEVICE), sample_op(OP_MOUNT), sample_op(OP_DEVICE) };
	ops[1].mount.target = "dev";
	struct world w;
	world_make(&w, OP_DEVICE);
	CHECK(run_all(&w, ops, 3).num == 0);
	CHECK(count(&w, SYS_OPENAT2) == 3);
	world_done(&w);
}

TEST(descriptors_are_closed_when_there_are_no_more)
{
	struct op ops[] = { sample_op(OP_ATTR), sample_op(OP_ATTR) };
	ops[0].attr.target = ops[1].attr.target = "etc";
	struct world w;
	world_make(&w, OP_ATTR);
	w.fake.fail_at = 3;
	w.fake.fail_with = EMFILE;
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(made(&w, "openat2(11, \"etc\", ptr, 24)\nclose_range(100, 0x64, 0)\nopenat2(11"));
	world_done(&w);

	world_make(&w, OP_ATTR); /* nothing to close */
	w.fake.fail_at = 1;
	w.fake.fail_with = EMFILE;
	CHECK(run_all(&w, ops, 2).num == EMFILE);
	world_done(&w);
}

TEST(a_device_needs_a_name)
{
	static const char *const paths[] = { "dev/", "dev/..", ".", "" };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct op op = sample_op(OP_DEVICE);
		op.device.path = paths[i];
		struct world w;
		world_make(&w, OP_DEVICE);
		CHECK(run_all(&w, &op, 1).num == EINVAL);
		world_done(&w);
	}
}

TEST(a_terminal_comes_from_devpts_only)
{
	struct op op = sample_op(OP_CONSOLE);
	struct world w;
	world_make(&w, OP_CONSOLE);
	w.file_system = TMPFS_MAGIC;
	CHECK(run_all(&w, &op, 1).num == ENODEV);
	CHECK(count(&w, SYS_OPENAT2) == 1);
	world_done(&w);

	world_make(&w, OP_CONSOLE);
	w.minor = 3;
	CHECK(run_all(&w, &op, 1).num == ENODEV);
	CHECK(count(&w, SYS_IOCTL) == 0);
	world_done(&w);
}

TEST(the_working_directory_is_reached_once)
{
	struct op ops[] = { sample_op(OP_CHDIR), sample_op(OP_CHDIR) };
	ops[0].may_fail = true;
	struct world w;
	world_make(&w, OP_CHDIR);
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(count(&w, SYS_FCHDIR) == 1);
	world_done(&w);

	world_make(&w, OP_CHDIR);
	w.fake.fail_at = 2;
	w.fake.fail_with = EACCES;
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(count(&w, SYS_FCHDIR) == 2);
	world_done(&w);
}

TEST(without_a_root_paths_begin_at_slash)
{
	struct op op = sample_op(OP_CHDIR);
	struct world w;
	world_make(&w, OP_CHDIR);
	w.open[w.slots[SLOT_ROOT]] = false;
	w.slots[SLOT_ROOT] = -1;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "openat2(-100, \"/\", ptr, 24)\nopenat2(100, \"/root\""));
	world_done(&w);
}

/* What is there but cannot be executed counts only if nothing else is found. */
TEST(commands_are_found_as_a_shell_finds_them)
{
	struct op op = sample_op(OP_FIND_COMMAND);
	struct world w;
	world_make(&w, OP_FIND_COMMAND);
	w.mode = S_IFDIR | 0755;
	CHECK(world_run(&w, &op).num == EISDIR);
	world_done(&w);

	world_make(&w, OP_FIND_COMMAND);
	w.mode = S_IFCHR | 0755;
	CHECK(world_run(&w, &op).num == EACCES);
	world_done(&w);

	static const char *const none[] = { NULL };
	op.exec.candidates = none;
	world_make(&w, OP_FIND_COMMAND);
	CHECK(world_run(&w, &op).num == ENOENT);
	world_done(&w);
}

TEST(the_command_found_is_the_one_executed)
{
	const struct op ops[] = { sample_op(OP_FIND_COMMAND), sample_op(OP_EXEC) };
	struct world w;
	world_make(&w, OP_FIND_COMMAND);
	w.fake.fail_at = 1;
	w.fake.fail_with = ENOENT;
	CHECK(run_all(&w, ops, 2).num == 0);
	CHECK(made(&w, "execve(\"/bin/sh\", ptr, ptr)\n"));
	world_done(&w);
}

/* Capabilities that override permissions count if the command will have them, and only then. */
TEST(commands_are_found_for_the_user)
{
	struct op ops[] = { sample_op(OP_FIND_COMMAND), sample_op(OP_CAPS) };
	struct world w;
	world_make(&w, OP_FIND_COMMAND);
	run_all(&w, ops, 2);
	CHECK(made(&w, "faccessat2(-100, \"/usr/bin/sh\", 0x1, 0)\n"));
	world_done(&w);

	ops[1].caps.effective = 1u << CAP_DAC_OVERRIDE;
	world_make(&w, OP_FIND_COMMAND);
	run_all(&w, ops, 2);
	CHECK(made(&w, "faccessat2(-100, \"/usr/bin/sh\", 0x1, 0x200)\n"));
	world_done(&w);
}

TEST(bounding_drops_all_but_those_named)
{
	struct op op = sample_op(OP_BOUNDING);
	struct world w;
	world_make(&w, OP_BOUNDING);
	CHECK(world_run(&w, &op).num == 0);
	CHECK(w.n_calls == 62);
	CHECK(!made(&w, "prctl(24, 0, ") && !made(&w, "prctl(24, 0x5, "));
	world_done(&w);

	world_make(&w, OP_BOUNDING); /* the kernel knows of 40 capabilities */
	w.fake.fail_at = 40;
	w.fake.fail_with = EINVAL;
	CHECK(world_run(&w, &op).num == 0);
	CHECK(w.n_calls == 40);
	world_done(&w);
}

TEST(each_ambient_capability_is_raised)
{
	struct op op = sample_op(OP_CAPS);
	op.caps.ambient = 1ull << 3 | 1ull << 40;
	struct world w;
	world_make(&w, OP_CAPS);
	CHECK(world_run(&w, &op).num == 0);
	CHECK(made(&w, "prctl(47, 0x2, 3, 0, 0)\nprctl(47, 0x2, 40, 0, 0)\n"));
	world_done(&w);
}

TEST(standard_streams_that_are_null_keep_their_owner)
{
	struct op op = sample_op(OP_STDIO_OWNER);
	struct world w;
	world_make(&w, OP_MASK);
	CHECK(world_run(&w, &op).num == 0);
	CHECK(count(&w, SYS_FCHOWNAT) == 0);
	world_done(&w);

	world_make(&w, OP_STDIO_OWNER);
	w.fake.fail_at = 2;
	w.fake.fail_with = EPERM;
	CHECK(world_run(&w, &op).num == 0);
	CHECK(count(&w, SYS_FCHOWNAT) == 3);
	world_done(&w);
}

/* Places of mounts as the kernel writes them: with spaces escaped, between optional fields. */
TEST(host_proc_and_sysfs_are_detached_before_the_root_moves)
{
	struct op op = sample_op(OP_MOVE_ROOT);
	struct world w;
	world_make(&w, OP_MOVE_ROOT);
	w.text = "22 1 0:21 / / rw - ext4 /dev/vda rw\n"
		 "23 22 0:22 / /root/proc rw shared:5 - proc proc rw\n"
		 "24 22 0:23 / /rootless rw shared:6 master:1 - tmpfs -proc rw\n"
		 "25 22 0:24 / /a\\040b/proc rw shared:7 - proc proc rw\n";
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "umount2(\"/a b/proc\", 0xa)\n"));
	CHECK(count(&w, SYS_UMOUNT2) == 1);
	world_done(&w);
}

TEST(host_proc_that_cannot_be_detached_is_covered)
{
	struct op op = sample_op(OP_MOVE_ROOT);
	struct world w;
	world_make(&w, OP_MOVE_ROOT);
	w.text = "25 22 0:24 / /proc rw - proc proc rw\n";
	w.fake.fail_at = 6; /* fchdir getcwd openat2 fstatfs read umount2 */
	w.fake.fail_with = EINVAL;
	CHECK(run_all(&w, &op, 1).num == 0);
	CHECK(made(&w, "mount(\"tmpfs\", \"/proc\", \"tmpfs\", 0x1, NULL)\n"));
	world_done(&w);
}
