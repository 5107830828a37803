#include "runtime/listener.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "kernel/compat.h"
#include "kernel/sock.h"
#include "spec/profile.h"
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE = 10 }; /* seconds until a peer that does not read is given up */

static void write_process_state(pid_t pid, const char *metadata, const char *state, struct buf *out)
{
	struct json_writer w = { .out = out };
	json_open(&w, NULL, '{');
	json_text(&w, "ociVersion", SPEC_VERSION_MAX);
	json_open(&w, "fds", '[');
	json_text(&w, NULL, "seccompFd");
	json_close(&w, ']');
	json_int(&w, "pid", pid);
	if (metadata)
		json_text(&w, "metadata", metadata);
	json_raw(&w, "state", str_of(state));
	json_close(&w, '}');
}

static struct err *take(int pidfd, int number, struct fd *out)
{
	*out = fd_own((int)syscall(__NR_pidfd_getfd, pidfd, number, 0));
	if (!fd_valid(*out))
		return err_sys(errno, "take the descriptor out of the container's process");
	return NULL;
}

static struct err *send_to(const char *path, int listener, const struct buf *state)
{
	cleanup(fd_close) struct fd sock = {};
	struct err *e = sock_connect(path, &sock, NULL);
	if (e)
		return err_hint(e, "start the program that answers before the container");
	struct timeval patience = { .tv_sec = PATIENCE };
	setsockopt(fd_num(sock), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return sock_send_fd(fd_num(sock), (struct bytes){ state->p, state->n }, listener);
}

struct err *listener_pass(
	int pidfd, pid_t pid, int number, const char *path, const char *metadata, const char *state)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(fd_close) struct fd listener = {};
	write_process_state(pid, metadata, state, &text);
	struct err *e = take(pidfd, number, &listener);
	if (!e)
		e = send_to(path, fd_num(listener), &text);
	return e ? err_wrap(e, "passing the seccomp listener to %s", path) : NULL;
}
