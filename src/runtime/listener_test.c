#include "base/fd.h"
#include "base/test.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "runtime/listener.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { NUMBER = 77 };

/* A process that has a descriptor under NUMBER, here a pipe's end instead of a listener. */
struct holder {
	pid_t pid;
	struct fd pidfd, reader;
};

static void hold(int ready, pid_t parent)
{
	char byte = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* however the test ends */
	if (getppid() == parent && write(ready, &byte, 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

static struct holder make_holder(void)
{
	int pipe_ends[2], ready[2];
	pid_t parent = getpid();
	char byte;
	CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0 && pipe2(ready, O_CLOEXEC) == 0);
	struct holder h = { .reader = fd_own(pipe_ends[0]), .pid = fork() };
	if (h.pid == 0) {
		dup2(pipe_ends[1], NUMBER);
		hold(ready[1], parent);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	close(pipe_ends[1]);
	CHECK(!proc_open(h.pid, &h.pidfd));
	return h;
}

static void end_holder(struct holder *h)
{
	kill(h->pid, SIGKILL);
	waitpid(h->pid, NULL, 0);
	fd_close(&h->pidfd);
	fd_close(&h->reader);
}

static void socket_path(char out[64])
{
	strcpy(out, "/tmp/onggi-listener-XXXXXX");
	CHECK(mkdtemp(out));
	strcat(out, "/socket");
}

static void remove_socket(char (*path)[64])
{
	unlink(*path);
	*strrchr(*path, '/') = '\0';
	rmdir(*path);
}

/* The text that came and, in @passed, the descriptor. */
static void receive(int server, char *text, size_t room, struct fd *passed)
{
	cleanup(fd_close) struct fd peer = fd_own(accept4(server, NULL, NULL, SOCK_CLOEXEC));
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { text, room - 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd_num(peer), &msg, MSG_CMSG_CLOEXEC);
	CHECK(n > 0 && CMSG_FIRSTHDR(&msg));
	text[n] = '\0';
	int num;
	memcpy(&num, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(num));
	*passed = fd_own(num);
}

TEST(a_listener_is_passed_on_with_whose_it_is)
{
	cleanup(end_holder) struct holder h = make_holder();
	cleanup(remove_socket) char path[64];
	cleanup(fd_close) struct fd server = {}, passed = {};
	socket_path(path);
	CHECK(!sock_listen(path, &server));
	CHECK(!listener_pass(fd_num(h.pidfd), h.pid, NUMBER, path, "a \"b\"", "{\"id\":\"x\"}"));
	char text[512], want[512], byte;
	receive(fd_num(server), text, sizeof(text), &passed);
	snprintf(want, sizeof(want),
		"{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":%d,"
		"\"metadata\":\"a \\\"b\\\"\",\"state\":{\"id\":\"x\"}}",
		(int)h.pid);
	CHECK_TEXT(text, want);
	CHECK(write(fd_num(passed), "!", 1) == 1);
	CHECK(read(fd_num(h.reader), &byte, 1) == 1 && byte == '!');
}

TEST(a_listener_nobody_wants_is_an_error)
{
	cleanup(end_holder) struct holder h = make_holder();
	cleanup(err_free) struct err *e =
		listener_pass(fd_num(h.pidfd), h.pid, NUMBER, "/nowhere/socket", NULL, "{}");
	CHECK(e && e->cause);
	CHECK_TEXT(e->text, "passing the seccomp listener to /nowhere/socket");
	err_free(&e);
	e = listener_pass(fd_num(h.pidfd), h.pid, NUMBER + 1, "/nowhere/socket", NULL, "{}");
	CHECK(e && strstr(e->cause->text, "bad file descriptor"));
}
