#include "engine/link.h"
#include "monitor/protocol.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* A socket's path is limited to 108 bytes: it is reached through a descriptor of its directory. */
static struct sockaddr_un address_in(int dir)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/attach", dir);
	return a;
}

static struct fd new_socket(void)
{
	return fd_own(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

struct err *link_connect(const char *run_dir, uint8_t flags, struct fd *out)
{
	cleanup(fd_close) struct fd dir = {};
	cleanup(fd_close) struct fd sock = {};
	struct packet_hello hello = { PACKET_HELLO, flags };
	struct err *e = fd_open(&dir, AT_FDCWD, run_dir, O_PATH | O_DIRECTORY);
	if (e)
		return e;
	struct sockaddr_un address = address_in(fd_num(dir));
	sock = new_socket();
	if (!fd_valid(sock) ||
		connect(fd_num(sock), (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		send(fd_num(sock), &hello, sizeof(hello), MSG_NOSIGNAL) < 0)
		return err_sys(
			errno == ECONNREFUSED ? ENOENT : errno, "connect to %s/attach", run_dir);
	*out = fd_take(&sock);
	return NULL;
}

struct err *link_listen(const char *run_dir, struct fd *out)
{
	cleanup(fd_close) struct fd dir = {};
	if (mkdir(run_dir, 0700) < 0 && errno != EEXIST)
		return err_sys(errno, "make %s", run_dir);
	struct err *e = fd_open(&dir, AT_FDCWD, run_dir, O_PATH | O_DIRECTORY);
	if (e)
		return e;
	struct sockaddr_un address = address_in(fd_num(dir));
	unlinkat(fd_num(dir), "attach", 0);
	*out = new_socket();
	if (!fd_valid(*out) ||
		bind(fd_num(*out), (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd_num(*out), 64) < 0)
		return err_sys(errno, "listen at %s/attach", run_dir);
	return NULL;
}
