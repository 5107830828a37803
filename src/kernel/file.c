#include "kernel/file.h"
#include "base/fd.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct err *file_read(int dir, const char *path, size_t limit, struct buf *out)
{
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, dir, path, O_RDONLY | O_NOCTTY);
	size_t start = out->n;
	while (!e) {
		char *room = buf_room(out, 4096);
		ssize_t n = read(fd_num(file), room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read %s", path);
		if (n == 0)
			break;
		buf_grown(out, (size_t)n);
		if (out->n - start > limit)
			return err_new(ERR_USAGE, "read %s: larger than %zu bytes", path, limit);
	}
	return e;
}

struct err *file_write(int dir, const char *path, const char *text)
{
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, dir, path, O_WRONLY | O_NOCTTY);
	if (e)
		return e;
	ssize_t n;
	do
		n = write(fd_num(file), text, strlen(text));
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(errno, "write %s to %s", text, path) : NULL;
}

static struct err *write_all(int file, const char *path, struct bytes data)
{
	for (size_t done = 0; done < data.n;) {
		ssize_t n = write(file, (const char *)data.p + done, data.n - done);
		if (n < 0 && errno != EINTR)
			return err_sys(errno, "write %s", path);
		done += n > 0 ? (size_t)n : 0;
	}
	return NULL;
}

struct err *file_replace(int dir, const char *path, mode_t mode, struct bytes data)
{
	cleanup(buf_done) struct buf beside = {};
	buf_add(&beside, "%s.%d.new", path, (int)getpid());
	unlinkat(dir, beside.p, 0); /* of a process of that number that was killed */
	cleanup(fd_close) struct fd file =
		fd_own(openat(dir, beside.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
	if (!fd_valid(file))
		return err_sys(errno, "create %s", path);
	struct err *e = write_all(fd_num(file), path, data);
	if (!e && renameat(dir, beside.p, dir, path) < 0)
		e = err_sys(errno, "rename %s", path);
	if (e)
		unlinkat(dir, beside.p, 0);
	return e;
}
