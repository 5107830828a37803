#include "kernel/sock.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The address of @path, through a descriptor of its directory, which must stay open while the
 * address is used. */
static struct err *address_of(const char *path, struct fd *dir, struct sockaddr_un *out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!parent)
		return err_sys(ENOMEM, "socket %s", path);
	struct err *e = fd_open(dir, AT_FDCWD, parent, O_PATH | O_DIRECTORY);
	free(parent);
	if (e)
		return e;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int n = snprintf(
		out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", fd_num(*dir), name);
	if (n < 0 || (size_t)n >= sizeof(out->sun_path))
		return err_new(ERR_USAGE, "socket %s: its name is too long", path);
	return NULL;
}

struct err *sock_connect(const char *path, struct fd *out, bool *refused)
{
	cleanup(fd_close) struct fd dir = {};
	struct sockaddr_un address;
	struct err *e = address_of(path, &dir, &address);
	if (e)
		return e;
	cleanup(fd_close) struct fd sock = fd_own(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (!fd_valid(sock))
		return err_sys(errno, "socket");
	if (refused)
		*refused = false;
	if (connect(fd_num(sock), (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno != ECONNREFUSED || !refused)
			return err_sys(errno, "connect to %s", path);
		*refused = true;
		return NULL;
	}
	*out = fd_take(&sock);
	return NULL;
}

/* Asked with a socket of another type, the kernel finds the one behind the path, sees that the two
 * do not fit (EPROTOTYPE), and so tells that it is there without waking its owner; once it has
 * been closed it is ECONNREFUSED. unix(7). */
struct err *sock_listens(const char *path, bool *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct sockaddr_un address;
	struct err *e = address_of(path, &dir, &address);
	if (e)
		return e;
	cleanup(fd_close) struct fd sock = fd_own(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (!fd_valid(sock))
		return err_sys(errno, "socket");
	*out = connect(fd_num(sock), (struct sockaddr *)&address, sizeof(address)) < 0 &&
	       errno == EPROTOTYPE;
	if (*out || errno == ENOENT || errno == ECONNREFUSED)
		return NULL;
	return err_sys(errno, "connect to %s", path);
}

struct err *sock_listen(const char *path, struct fd *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct sockaddr_un address;
	struct err *e = address_of(path, &dir, &address);
	if (e)
		return e;
	cleanup(fd_close) struct fd sock = fd_own(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (!fd_valid(sock))
		return err_sys(errno, "socket");
	/* fchmod before bind decides the mode of the file: no moment with another one. */
	if (fchmod(fd_num(sock), 0600) < 0 ||
		bind(fd_num(sock), (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(errno, "bind %s", path);
	if (listen(fd_num(sock), 64) < 0)
		return err_sys(errno, "listen on %s", path);
	*out = fd_take(&sock);
	return NULL;
}

struct err *sock_pair(struct fd *a, struct fd *b)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(errno, "socketpair");
	*a = fd_own(pair[0]);
	*b = fd_own(pair[1]);
	return NULL;
}

/* Room for one descriptor beside a message. */
union fd_control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

struct err *sock_send_fd(int sock, struct bytes data, int passed)
{
	struct iovec iov = { (void *)(uintptr_t)data.p, data.n };
	union fd_control control = {};
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &passed, sizeof(int));
	ssize_t n;
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(errno, "send a descriptor") : NULL;
}

struct err *sock_hand_over(const char *path, struct bytes data, int passed)
{
	cleanup(fd_close) struct fd sock = {};
	struct err *e = path ? sock_connect(path, &sock, NULL) : NULL;
	return e || !path ? e : sock_send_fd(fd_num(sock), data, passed);
}

struct err *sock_recv_fd(int sock, struct fd *out)
{
	char data[256];
	struct iovec iov = { data, sizeof(data) };
	union fd_control control = {};
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(errno, "receive a descriptor");
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return err_new(ERR_SYSTEM, "receive a descriptor: the peer sent none");
	int num;
	memcpy(&num, CMSG_DATA(c), sizeof(int));
	*out = fd_own(num);
	return NULL;
}
