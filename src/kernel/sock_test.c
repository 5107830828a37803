#include "base/test.h"
#include "kernel/sock.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

TEST(sockets_with_long_paths_listen_and_refuse)
{
	char dir[256] = "/tmp/onggi-sock-XXXXXX", path[512];
	CHECK(mkdtemp(dir));
	size_t base = strlen(dir);
	memset(dir + base, 'd', 150);
	dir[base] = '/';
	dir[base + 150] = 0;
	CHECK(mkdir(dir, 0700) == 0);
	snprintf(path, sizeof(path), "%s/gate", dir);

	cleanup(fd_close) struct fd listener = {}, client = {}, late = {};
	CHECK(!sock_listen(path, &listener));
	struct stat st;
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	bool refused = true;
	CHECK(!sock_connect(path, &client, &refused) && !refused && fd_valid(client));
	/* A listener that never accepts is one all the same, however often it is asked. */
	bool listens = false;
	for (int i = 0; i < 200; i++)
		CHECK(!sock_listens(path, &listens) && listens);
	fd_close(&listener);
	CHECK(!sock_listens(path, &listens) && !listens);
	CHECK(!sock_connect(path, &late, &refused) && refused && !fd_valid(late));
	unlink(path);
	CHECK(!sock_listens(path, &listens) && !listens);
	cleanup(err_free) struct err *e = sock_connect(path, &late, &refused);
	CHECK(e && e->kind == ERR_NOT_FOUND);
	rmdir(dir);
	dir[base] = 0;
	rmdir(dir);
}

TEST(a_descriptor_travels)
{
	cleanup(fd_close) struct fd a = {}, b = {}, got = {};
	CHECK(!sock_pair(&a, &b));
	int pipes[2];
	CHECK(pipe2(pipes, O_CLOEXEC) == 0);
	CHECK(!sock_send_fd(fd_num(a), (struct bytes){ "tty", 3 }, pipes[1]));
	close(pipes[1]);
	CHECK(!sock_recv_fd(fd_num(b), &got));
	CHECK(write(fd_num(got), "x", 1) == 1);
	char c;
	CHECK(read(pipes[0], &c, 1) == 1 && c == 'x');
	close(pipes[0]);
	fd_close(&a);
	cleanup(err_free) struct err *e = sock_recv_fd(fd_num(b), &got);
	CHECK(e);
}
