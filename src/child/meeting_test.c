/* The child program on the real kernel: handing over to new processes, joining others, the gate. */
#include "child/script_test.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static void write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	cleanup(fd_close) struct fd f = {};
	CHECK(!fd_open(&f, AT_FDCWD, path, O_WRONLY));
	CHECK(write(fd_num(f), text, strlen(text)) == (ssize_t)strlen(text));
}

/* A parent: notes the pid that a child hands over to, writes id maps when they are due. */
static void be_parent(struct scene *s, int sync, const struct message *m)
{
	if (m->kind == MESSAGE_STAGE && m->stage == STAGE_FORKED)
		s->pid = m->number;
	if (m->kind != MESSAGE_STAGE || m->stage != STAGE_READY)
		return;
	write_file(s->pid, "uid_map", "0 100000 65536");
	write_file(s->pid, "gid_map", "0 200000 65536");
	const struct message answer = { .kind = MESSAGE_STAGE, .stage = STAGE_MAPPED };
	CHECK(send(sync, &answer, sizeof(answer), 0) == sizeof(answer));
}

static void begin_user_namespace(struct script *s)
{
	script_begin(s);
	s->scene.heard = be_parent;
	s->namespaces = 0;
	s->b.n = 0; /* begins with the namespaces instead */
	script_shell(s, "chown -R 100000:200000 . && chmod 755 .");
	script_add(s, (struct op){ OP_UNDUMPABLE });
	script_add(s, (struct op){ OP_UNSHARE, .ns = { NO_SLOT, CLONE_NEWUSER } });
	script_add(s, (struct op){ OP_POST, .sync = { STAGE_READY } });
	script_add(s, (struct op){ OP_AWAIT, .sync = { STAGE_MAPPED } });
	script_add(s, (struct op){ OP_BECOME_ROOT });
	script_add(s, (struct op){ OP_REFORK, .clone = { CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS |
							 CLONE_NEWIPC | CLONE_NEWNET } });
	script_add(s, (struct op){ OP_PROPAGATE,
			      .propagate = { .recursive = true, .flags = MS_PRIVATE } });
	script_add(s, (struct op){ OP_ROOT, .root = { .host = s->scene.root, .from = NO_SLOT } });
}

TEST(meeting_makes_a_user_namespace)
{
	struct script s;
	begin_user_namespace(&s);
	script_proc(&s);
	script_finish(&s, "id -u; id -g; echo $$; cat /proc/self/uid_map | tr -s ' ';"
			  "stat -c %u:%g /etc; grep CapEff /proc/self/status | cut -f2");
	script_check(&s, "0\n0\n1\n 0 100000 65536\n0:0\n000001ffffffffff\n");
	script_end(&s);
}

/* What cannot be said in a user namespace is said by who takes part in it. */
TEST(meeting_fails_where_ids_are_not_mapped)
{
	struct script s;
	begin_user_namespace(&s);
	script_pivot(&s);
	script_add(&s, (struct op){ OP_IDENTITY, .identity = { 70000, 70000 } });
	script_exec(&s, "true");
	script_check_fault(&s, OP_IDENTITY, EINVAL);
	CHECK(s.scene.last.fault.op == 9);
	script_end(&s);
}

/* Starts @shell in namespaces of its own and leaves it running. */
static pid_t start_other(struct script *s, int *pidfd)
{
	int ready[2];
	char byte;
	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWIPC) < 0 ||
			sethostname("other", 5) < 0 || chroot(s->scene.root) < 0 ||
			write(ready[1], "r", 1) != 1)
			_exit(1);
		execl("/bin/sleep", "sleep", "15", NULL);
		_exit(1);
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	*pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	CHECK(*pidfd >= 0);
	return pid;
}

TEST(meeting_joins_the_namespaces_of_a_process)
{
	struct script s;
	int pidfd;
	script_begin(&s);
	pid_t other = start_other(&s, &pidfd);
	s.scene.heard = be_parent;
	s.namespaces = 0;
	s.b.n = 0;
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	s.scene.slots[SLOT_FREE] = pidfd;
	script_add(&s, (struct op){ OP_SETNS, .ns = { SLOT_FREE, CLONE_NEWUTS | CLONE_NEWIPC } });
	script_add(&s, (struct op){ OP_REFORK });
	script_add(&s, (struct op){ OP_REFORK }); /* may come twice */
	static const char *const candidates[] = { "/bin/hostname", "/usr/bin/hostname", NULL };
	static const char *const argv[] = { "hostname", NULL }, *const env[] = { NULL };
	script_add(
		&s, (struct op){ OP_FIND_COMMAND, .exec = { "hostname", candidates, argv, env } });
	script_add(&s, (struct op){ OP_EXEC, .exec = { "hostname", candidates, argv, env } });
	script_run(&s);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(pidfd);
	script_check(&s, "other\n");
	script_end(&s);
}

/* Without pivot_root the old tree lies below, but nothing of the host's /proc and /sys. */
TEST(meeting_moves_the_root_where_it_cannot_pivot)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_add(&s, (struct op){ OP_MOVE_ROOT });
	script_exec(&s, "ls /; cut -d' ' -f2 /proc/mounts");
	script_check(&s, "bin\ndev\netc\nold\nproc\nsys\ntmp\n/\n/proc\n");
	script_end(&s);
}

/* The kernel gives a new procfs without masks to who has one in sight; so the host's must not be.
 */
TEST(meeting_leaves_no_proc_in_sight)
{
	struct script s;
	script_begin(&s);
	script_proc(&s);
	script_masks(&s);
	script_add(&s, (struct op){ OP_MASK, .inside = { "/proc/version" } });
	script_add(&s, (struct op){ OP_MOVE_ROOT });
	script_exec(&s, "unshare -Urmpf mount -t proc proc /tmp 2>&1");
	CHECK_TEXT(s.scene.out, "mount: permission denied (are you root?)\n");
	script_end(&s);
}

static struct sockaddr_un gate_address(const struct scene *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/gate", s->root);
	return a;
}

static struct fd knock(const struct scene *s)
{
	struct sockaddr_un a = gate_address(s);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connect(sock, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd_own(sock);
}

static struct message starter_got[2];

/* Asks twice whether the gate is open, then starts; all in another process, as the parent's last
 * act would be to leave. */
static void start_it(struct scene *s, int, const struct message *m)
{
	if (m->kind != MESSAGE_STAGE || m->stage != STAGE_CREATED)
		return;
	for (int i = 0; i < 2; i++) {
		cleanup(fd_close) struct fd asks = knock(s);
	}
	cleanup(fd_close) struct fd starter = knock(s);
	CHECK(send(fd_num(starter), "s", 1, 0) == 1);
	for (size_t i = 0; i < 2; i++)
		if (recv(fd_num(starter), &starter_got[i], sizeof(*m), MSG_WAITALL) != sizeof(*m))
			break;
}

static void begin_gate(struct script *s)
{
	script_begin(s);
	struct sockaddr_un a = gate_address(&s->scene);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(sock, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(sock, 8) == 0);
	s->scene.slots[SLOT_GATE] = sock;
	s->scene.heard = start_it;
	script_pivot(s);
	script_add(s, (struct op){ OP_POST, .sync = { STAGE_CREATED } });
	script_add(s, (struct op){ OP_GATE });
}

TEST(meeting_waits_at_the_gate)
{
	struct script s;
	begin_gate(&s);
	script_exec(&s, "echo started");
	close(s.scene.slots[SLOT_GATE]);
	script_check(&s, "started\n");
	CHECK(starter_got[0].kind == MESSAGE_STARTING && starter_got[1].kind == 0);
	script_end(&s);
}

TEST(meeting_tells_the_starter_what_failed)
{
	static const char *const candidates[] = { "/no/such", NULL }, *const none[] = { NULL };
	struct script s;
	begin_gate(&s);
	script_add(&s, (struct op){ OP_EXEC, .exec = { "such", candidates, none, none } });
	script_run(&s);
	close(s.scene.slots[SLOT_GATE]);
	CHECK(starter_got[0].kind == MESSAGE_STARTING);
	CHECK(starter_got[1].kind == MESSAGE_FAULT && starter_got[1].fault.num == ENOENT);
	CHECK_TEXT(starter_got[1].fault.what, "such");
	CHECK(WEXITSTATUS(s.scene.status) == 1);
	script_end(&s);
}

/* The parent ends while the child waits for it. */
static void hang_up(struct scene *, int sync, const struct message *)
{
	shutdown(sync, SHUT_RDWR);
}

TEST(meeting_ends_when_the_parent_is_gone)
{
	struct script s;
	script_begin(&s);
	s.scene.heard = hang_up;
	script_add(&s, (struct op){ OP_POST, .sync = { STAGE_READY } });
	script_add(&s, (struct op){ OP_AWAIT, .sync = { STAGE_HOOKED } });
	script_finish(&s, "echo wrong");
	CHECK_TEXT(s.scene.out, "");
	CHECK(WIFEXITED(s.scene.status) && WEXITSTATUS(s.scene.status) == 1);
	script_end(&s);
}
