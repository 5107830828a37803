#include "kernel/file.h"
#include "kernel/compat.h"
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct err *read_all(int file, const char *path, size_t limit, struct buf *out)
{
	for (size_t start = out->n;;) {
		char *room = buf_room(out, 4096);
		ssize_t n = read(file, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read %s", path);
		if (n == 0)
			return NULL;
		buf_grown(out, (size_t)n);
		if (out->n - start > limit)
			return err_new(ERR_USAGE, "read %s: larger than %zu bytes", path, limit);
	}
}

struct err *file_read(int dir, const char *path, size_t limit, struct buf *out)
{
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, dir, path, O_RDONLY | O_NOCTTY);
	return e ? e : read_all(fd_num(file), path, limit, out);
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

/* @durably: the content is on the disk before the name shows it. */
static struct err *replace(int dir, const char *path, mode_t mode, struct bytes data, bool durably)
{
	cleanup(buf_done) struct buf beside = {};
	buf_add(&beside, "%s.%d.new", path, (int)getpid());
	cleanup(fd_close) struct fd file = {};
	for (int tries = 0; tries < 2 && !fd_valid(file); tries++) {
		if (tries) /* of a process of that number that was killed */
			unlinkat(dir, beside.p, 0);
		file = fd_own(openat(dir, beside.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
	}
	if (!fd_valid(file))
		return err_sys(errno, "create %s", path);
	struct err *e = write_all(fd_num(file), path, data);
	if (!e && durably && fsync(fd_num(file)) < 0)
		e = err_sys(errno, "sync %s", path);
	if (!e && renameat(dir, beside.p, dir, path) < 0)
		e = err_sys(errno, "rename %s", path);
	if (e)
		unlinkat(dir, beside.p, 0);
	return e;
}

struct err *file_replace(int dir, const char *path, mode_t mode, struct bytes data)
{
	return replace(dir, path, mode, data, false);
}

/* The name itself is in the directory: that has to be on the disk, too. */
struct err *file_replace_durably(int dir, const char *path, mode_t mode, struct bytes data)
{
	struct err *e = replace(dir, path, mode, data, true);
	cleanup(fd_close) struct fd parent = {};
	const char *slash = strrchr(path, '/');
	char above[PATH_MAX];
	if (!e && slash && slash - path >= (long)sizeof(above))
		e = err_sys(ENAMETOOLONG, "sync %s", path);
	if (e)
		return e;
	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		slash ? path : ".");
	e = fd_open(&parent, dir, above, O_RDONLY | O_DIRECTORY);
	if (!e && fsync(fd_num(parent)) < 0)
		e = err_sys(errno, "sync the directory of %s", path);
	return e;
}

/* The kernel says EAGAIN where a rename elsewhere kept it from being sure: openat2(2). */
struct err *file_open_in(struct fd *out, int root, const char *path, int flags)
{
	enum { RACES = 64 };
	const struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd = -1;
	for (int i = 0; fd < 0 && i < RACES; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_new(ERR_NOT_FOUND, "open %s: %s", path, errno_text(errno).p);
	if (fd < 0)
		return err_sys(errno, "open %s", path);
	*out = fd_own((int)fd);
	return NULL;
}

struct err *file_read_in(int root, const char *path, size_t limit, struct buf *out)
{
	cleanup(fd_close) struct fd file = {};
	struct stat st;
	/* Nothing is opened for reading before it is known to be a file: a FIFO could block and a
	 * device could do anything. */
	struct err *e = file_open_in(&file, root, path, O_PATH);
	if (e)
		return e;
	if (fstat(fd_num(file), &st) < 0)
		return err_sys(errno, "fstat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_new(ERR_NOT_FOUND, "%s is not a regular file", path);
	char self[64];
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd_num(file));
	cleanup(fd_close) struct fd content = {};
	e = fd_open(&content, AT_FDCWD, self, O_RDONLY | O_NOCTTY);
	return e ? err_wrap(e, "read %s", path) : read_all(fd_num(content), path, limit, out);
}
