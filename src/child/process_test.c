/* The child program on the real kernel: what the process is, and how it talks to its parent. */
#include "child/script_test.h"
#include "kernel/sys.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const uint64_t kill_and_chown = 1u << CAP_KILL | 1u << CAP_CHOWN;

static void add_identity(struct script *s)
{
	static const uint32_t groups[] = { 20, 21 };
	script_add(s, (struct op){ OP_BOUNDING, .caps = { .permitted = kill_and_chown } });
	script_add(s, (struct op){ OP_IDENTITY,
			      .identity = { 1000, 1001, { groups, sizeof(groups) }, false } });
}

TEST(process_gets_user_and_capabilities)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_pivot(&s);
	add_identity(&s);
	script_add(&s, (struct op){ OP_NO_NEW_PRIVS });
	script_add(&s, (struct op){ OP_CAPS, .caps = { kill_and_chown, kill_and_chown,
						     1u << CAP_KILL, 1u << CAP_KILL } });
	script_exec(
		&s, "grep -E '^(Uid|Gid|Groups|Cap|NoNew)' /proc/self/status | tr -s '\\t ' ' '");
	script_check(&s,
		"Uid: 1000 1000 1000 1000\nGid: 1001 1001 1001 1001\nGroups: 20 21 \n"
		"CapInh: 0000000000000020\nCapPrm: 0000000000000020\nCapEff: 0000000000000020\n"
		"CapBnd: 0000000000000021\nCapAmb: 0000000000000020\nNoNewPrivs: 1\n");
	script_end(&s);
}

/* A user without ambient capabilities executes with none, root with those that it is given. */
TEST(process_of_root_keeps_what_it_is_given)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_pivot(&s);
	script_add(&s, (struct op){ OP_BOUNDING, .caps = { .permitted = kill_and_chown } });
	script_add(&s, (struct op){ OP_IDENTITY, .identity = { 0, 0 } });
	script_add(&s, (struct op){ OP_CAPS, .caps = { kill_and_chown, kill_and_chown, 0, 0 } });
	script_exec(&s, "grep -E '^(Uid|Groups|Cap)' /proc/self/status | tr -s '\\t ' ' '");
	script_check(&s, "Uid: 0 0 0 0\nGroups: \nCapInh: 0000000000000000\n"
			 "CapPrm: 0000000000000021\nCapEff: 0000000000000021\n"
			 "CapBnd: 0000000000000021\nCapAmb: 0000000000000000\n");
	script_end(&s);
}

TEST(process_gets_limits_and_scheduling)
{
	static const struct kernel_sched_attr batch = {
		.size = sizeof(batch), .policy = SCHED_BATCH, .nice = 5
	};
	static const unsigned char first_cpu[8] = { 1 }, first_node[8] = { 1 };
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_add(&s, (struct op){ OP_RLIMIT, .rlimit = { RLIMIT_NOFILE, 77, 88 } });
	script_add(&s, (struct op){ OP_SCHEDULER, .raw = { { &batch, sizeof(batch) } } });
	script_add(&s, (struct op){ OP_AFFINITY, .raw = { { first_cpu, sizeof(first_cpu) } } });
	script_add(&s, (struct op){ OP_IO_PRIORITY, .number = { 2 << 13 | 6 } });
	script_add(&s, (struct op){ OP_MEMORY_POLICY, .may_fail = true, /* not in every kernel */
			       .memory_policy = { 2, { first_node, sizeof(first_node) } } });
	script_add(&s, (struct op){ OP_PERSONALITY, .number = { 8 } });
	script_add(&s, (struct op){ OP_PROC_OPEN });
	script_add(&s, (struct op){ OP_PROC_WRITE, .proc_write = { "self/oom_score_adj", "321" } });
	script_add(&s, (struct op){ OP_PROC_WRITE, .proc_write = { "sys/kernel/shmmni", "4000" } });
	script_finish(&s, "ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj; ionice;"
			  "cat /proc/sys/kernel/shmmni; cat /proc/self/personality;"
			  "grep Cpus_allowed_list /proc/self/status | tr -s '\\t' ' ';"
			  "cut -d' ' -f19,41 /proc/self/stat");
	script_check(&s,
		"77\n88\n321\nbest-effort: prio 6\n4000\n00000008\nCpus_allowed_list: 0\n5 3\n");
	script_end(&s);
}

TEST(process_writes_only_to_procfs_files)
{
	static const char *const paths[] = { "self/cwd/etc/file", "../etc/file", "/etc/file" };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct script s;
		script_begin(&s);
		scene_put(&s.scene, "etc/file", "safe");
		script_add(&s, (struct op){ OP_PROC_OPEN });
		script_add(&s, (struct op){ OP_PROC_WRITE, .proc_write = { paths[i], "x" } });
		script_finish(&s, "true");
		CHECK(s.scene.last.kind == MESSAGE_FAULT);
		CHECK(s.scene.last.fault.call == SYS_OPENAT2);
		script_end(&s);
	}
}

TEST(process_has_a_loopback_interface)
{
	struct script s;
	script_begin(&s);
	s.namespaces |= CLONE_NEWNET;
	script_add(&s, (struct op){ OP_LOOPBACK });
	script_finish(&s, "ip link show lo | grep -c LOOPBACK,UP");
	script_check(&s, "1\n");
	script_end(&s);
}

TEST(process_has_its_own_keys)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_add(&s, (struct op){ OP_KEYRING, .text = { "_ses.onggi-unit" } });
	script_finish(&s, "grep -c '3f1b0000.*_ses.onggi-unit' /proc/keys");
	script_check(&s, "1\n");
	script_end(&s);
}

TEST(process_begins_in_its_directory)
{
	struct script s;
	script_begin(&s);
	script_link(&s, "/old", "etc/link");
	script_pivot(&s);
	script_add(&s, (struct op){ OP_CHDIR, .chdir = { "/etc/link/new/dir", .create = true } });
	script_exec(&s, "pwd -P; stat -c %a .");
	script_check(&s, "/old/new/dir\n755\n");
	script_end(&s);
}

/* One more process begins in a directory that is there. */
TEST(process_does_not_make_its_directory_unasked)
{
	struct script s;
	script_begin(&s);
	script_pivot(&s);
	script_add(&s, (struct op){ OP_CHDIR, .chdir = { "/new" } });
	script_exec(&s, "pwd");
	script_check_fault(&s, OP_CHDIR, ENOENT);
	script_end(&s);
}

/* Descriptors of the host, here the state directory of a careless caller, lead nowhere. */
TEST(process_does_not_begin_outside)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	s.scene.slots[SLOT_FREE] = open("/tmp", O_PATH | O_CLOEXEC);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s.scene.slots[SLOT_FREE]);
	script_pivot(&s);
	script_add(&s, (struct op){ OP_CHDIR, .chdir = { path } });
	script_exec(&s, "pwd");
	close(s.scene.slots[SLOT_FREE]);
	script_check_fault(&s, OP_CHDIR, ELOOP);
	script_end(&s);
}

TEST(process_does_not_execute_what_is_outside)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	s.scene.slots[SLOT_FREE] = open("/usr/bin", O_PATH | O_CLOEXEC);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d/busybox", s.scene.slots[SLOT_FREE]);
	const char *const candidates[] = { path, NULL }, *const argv[] = { "true", NULL };
	script_pivot(&s);
	script_add(&s, (struct op){ OP_UMASK, .number = { 022 } });
	script_add(&s, (struct op){ OP_CLOSE_FDS, .number = { 3 } });
	script_add(&s, (struct op){ OP_EXEC, .exec = { "true", candidates, argv, argv + 1 } });
	script_run(&s);
	close(s.scene.slots[SLOT_FREE]);
	script_check_fault(&s, OP_EXEC, ENOENT);
	script_end(&s);
}

TEST(process_finds_its_command)
{
	static const struct {
		const char *candidates[4];
		int num;
	} cases[] = {
		{ { "/etc/none", "/old/none" }, ENOENT },
		{ { "/etc/none", "/etc/plain" }, EACCES },
		{ { "/etc/plain", "/etc/none" }, EACCES },
		{ { "/etc" }, EISDIR },
		{ { "/etc/plain/below" }, ENOENT },
		{ { "/etc/secret/busybox" }, EACCES },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct script s;
		script_begin(&s);
		scene_put(&s.scene, "etc/plain", "x");
		script_shell(&s, "mkdir -m 700 etc/secret; cp bin/busybox etc/secret");
		script_pivot(&s);
		add_identity(&s);
		script_add(
			&s, (struct op){ OP_FIND_COMMAND, .exec = { "it", cases[i].candidates } });
		script_add(&s, (struct op){ OP_CAPS });
		script_exec(&s, "true");
		script_check_fault(&s, OP_FIND_COMMAND, cases[i].num);
		CHECK_TEXT(s.scene.last.fault.what, "it");
		script_end(&s);
	}
}

static int receive_descriptor(int sock, char *name, size_t room)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { name, room - 1 };
	struct msghdr m = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	CHECK(n > 0 && CMSG_FIRSTHDR(&m));
	name[n] = 0;
	int fd;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void add_terminal(struct script *s, const struct op *console)
{
	static const char *const params[] = { "newinstance", "ptmxmode=0666", "mode=0620", NULL };
	script_dev(s);
	script_add(s, (struct op){ OP_MOUNT, .mount = { .type = "devpts",
						     .params = params,
						     .target = "dev/pts",
						     .slot = NO_SLOT } });
	script_add(s, (struct op){ OP_SESSION });
	script_add(s, *console);
	script_add(s, (struct op){ OP_TTY });
}

TEST(process_gets_a_terminal)
{
	const struct op console = { OP_CONSOLE, .console = { 33, 99, true, 1000 } };
	struct script s;
	int pair[2];
	script_begin(&s);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	s.scene.slots[SLOT_CONSOLE] = pair[1];
	add_terminal(&s, &console);
	script_proc(&s);
	script_finish(&s, "tty; stty size; stat -c '%t:%T' /dev/console; echo hi >/dev/console;"
			  "stat -c '%u %a' /dev/pts/0; cut -d' ' -f7 /proc/self/stat");
	close(pair[1]);

	char name[64], got[1024] = "";
	cleanup(fd_close) struct fd ours = fd_own(pair[0]);
	cleanup(fd_close) struct fd master =
		fd_own(receive_descriptor(fd_num(ours), name, sizeof(name)));
	size_t n = 0;
	for (ssize_t r; (r = read(fd_num(master), got + n, sizeof(got) - 1 - n)) > 0;)
		n += (size_t)r;
	CHECK_TEXT(name, "/dev/pts/0");
	CHECK_TEXT(got, "/dev/pts/0\r\n33 99\r\n88:0\r\nhi\r\n1000 620\r\n34816\r\n");
	CHECK(s.scene.last.kind == 0 && s.scene.status == 0);
	script_end(&s);
}

TEST(process_refuses_a_terminal_that_is_not_the_kernels)
{
	const struct op console = { OP_CONSOLE };
	struct script s;
	script_begin(&s);
	scene_put(&s.scene, "dev/pts", NULL);
	scene_put(&s.scene, "dev/pts/ptmx", "");
	script_add(&s, console);
	script_finish(&s, "true");
	script_check_fault(&s, OP_CONSOLE, ENODEV);
	script_end(&s);
}

TEST(process_does_not_follow_a_link_at_dev_console)
{
	const struct op console = { OP_CONSOLE, .console = { .on_dev_console = true } };
	struct script s;
	script_begin(&s);
	static const char *const params[] = { "newinstance", NULL };
	scene_put(&s.scene, "etc/canary", "alive");
	script_link(&s, "/etc/canary", "dev/console");
	script_add(&s, (struct op){ OP_MOUNT, .mount = { .type = "devpts",
						      .params = params,
						      .target = "dev/pts",
						      .slot = NO_SLOT } });
	script_add(&s, console);
	script_finish(&s, "true");
	script_check_fault(&s, OP_CONSOLE, ELOOP);
	script_shell(&s, "grep -q alive etc/canary");
	script_end(&s);
}

#define ANSWER(nr, action)                                                                         \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, action)

TEST(process_is_filtered)
{
	static const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ANSWER(SYS_sethostname, SECCOMP_RET_ERRNO | 71),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_pivot(&s);
	add_identity(&s); /* without no_new_privs, as another user: the filter needs capabilities */
	script_add(&s, (struct op){ OP_SECCOMP, .seccomp = { { filter, sizeof(filter) } } });
	script_add(&s, (struct op){ OP_CAPS });
	script_exec(&s, "grep Seccomp: /proc/self/status | tr -s '\\t' ' '; hostname x 2>&1");
	CHECK_TEXT(s.scene.out, "Seccomp: 2\nhostname: sethostname: Protocol error\n");
	script_end(&s);
}

/* Takes the listener out of the child and says so. */
static void take_listener(struct scene *s, int sync, const struct message *m)
{
	if (m->kind != MESSAGE_LISTENER)
		return;
	cleanup(fd_close) struct fd pidfd = fd_own((int)syscall(SYS_pidfd_open, s->pid, 0));
	cleanup(fd_close) struct fd listener =
		fd_own((int)syscall(SYS_pidfd_getfd, fd_num(pidfd), m->number, 0));
	char path[64], link[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_num(listener));
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	CHECK_TEXT(link, "anon_inode:seccomp notify");
	CHECK(send(sync, m, sizeof(*m), 0) == sizeof(*m));
}

TEST(process_keeps_its_listener_until_it_is_taken)
{
	static const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ANSWER(SYS_sethostname, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct script s;
	script_begin(&s);
	s.scene.heard = take_listener;
	script_pivot(&s);
	script_add(&s, (struct op){ OP_SECCOMP,
			       .seccomp = { { filter, sizeof(filter) }, .notify = true } });
	script_exec(&s, "hostname x 2>&1 || echo nobody listens any more");
	CHECK(s.scene.last.kind == MESSAGE_LISTENER);
	CHECK(strstr(s.scene.out, "nobody listens any more"));
	script_end(&s);
}

/* After the filter, a failure is told with what filters allow. */
TEST(process_tells_failures_through_a_filter)
{
	static const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ANSWER(SYS_sendto, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const char *const candidates[] = { "/no/such", NULL }, *const none[] = { NULL };
	struct script s;
	script_begin(&s);
	script_pivot(&s);
	script_add(&s, (struct op){ OP_SECCOMP, .seccomp = { { filter, sizeof(filter) } } });
	script_add(&s, (struct op){ OP_EXEC, .exec = { "such", candidates, none, none } });
	script_run(&s);
	script_check_fault(&s, OP_EXEC, ENOENT);
	CHECK_TEXT(s.scene.last.fault.what, "such");
	script_end(&s);
}
