#include "kernel/tree_copy.h"
#include "base/fd.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { DEPTH = 64 };

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* What @dir holds, to be read by readdir(); owns a descriptor of its own. */
static DIR *list(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !d)
		close(fd);
	return d;
}

static void list_close(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* --- copies -------------------------------------------------------------------------------------
 */

static struct err *copy_xattrs(int from, int to)
{
	char names[4096], value[65536];
	ssize_t n = flistxattr(from, names, sizeof(names));
	for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		ssize_t size = strncmp(name, "trusted.overlay.", 16) == 0
		                       ? -1
		                       : fgetxattr(from, name, value, sizeof(value));
		if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0 &&
			errno != EOPNOTSUPP && errno != EPERM)
			return err_sys(errno, "attribute %s", name);
	}
	return NULL;
}

static struct err *copy_attrs(int from, int to)
{
	struct stat st;
	if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0 ||
		fchmod(to, st.st_mode & 07777) < 0)
		return err_sys(errno, "owner and permissions");
	struct err *e = copy_xattrs(from, to);
	const struct timespec times[] = { st.st_atim, st.st_mtim };
	if (!e && futimens(to, times) < 0)
		e = err_sys(errno, "times");
	return e;
}

/* Holes stay holes where the file system copies; else bytes are. */
static struct err *copy_content(int from, int to)
{
	if (ioctl(to, FICLONE, from) == 0)
		return NULL;
	char bytes[65536];
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
				     errno == EOPNOTSUPP)) {
			n = read(from, bytes, sizeof(bytes));
			struct err *e = n > 0 ? fd_write_all(to, bytes, (size_t)n) : NULL;
			if (e)
				return e;
		}
		if (n < 0)
			return err_sys(errno, "copy");
		if (n == 0)
			return NULL;
	}
}

static struct err *copy_file(int from, int to, const char *name)
{
	cleanup(fd_close) struct fd in = {}, out = {};
	struct err *e = fd_open(&in, from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	if (!e) {
		out = fd_own(openat(
			to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
		if (!fd_valid(out))
			e = err_sys(errno, "make %s", name);
	}
	if (!e)
		e = copy_content(fd_num(in), fd_num(out));
	return e ? e : copy_attrs(fd_num(in), fd_num(out));
}

static struct err *copy_link(int from, int to, const char *name, const struct stat *st)
{
	char text[4097];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);
	if (n < 0)
		return err_sys(errno, "read link %s", name);
	text[n] = 0;
	if (symlinkat(text, to, name) < 0 ||
		fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(errno, "make link %s", name);
	return NULL;
}

static struct err *copy_node(int to, const char *name, const struct stat *st)
{
	if (mknodat(to, name, st->st_mode, st->st_rdev) < 0 ||
		fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(errno, "make node %s", name);
	return NULL;
}

static struct err *copy_tree(int from, int to, int depth);

static struct err *copy_dir(int from, int to, const char *name, int depth)
{
	cleanup(fd_close) struct fd in = {}, out = {};
	if (depth > 16 * DEPTH)
		return err_new(ERR_SYSTEM, "%s: directories are nested too deep", name);
	struct err *e = fd_open(&in, from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (!e && mkdirat(to, name, 0700) < 0)
		e = err_sys(errno, "make %s", name);
	if (!e)
		e = fd_open(&out, to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return e ? e : copy_tree(fd_num(in), fd_num(out), depth + 1);
}

static struct err *copy_any(int from, int to, const char *name, int depth)
{
	struct stat st;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "%s", name);
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, name, depth);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name);
	return S_ISLNK(st.st_mode) ? copy_link(from, to, name, &st) : copy_node(to, name, &st);
}

static struct err *copy_tree(int from, int to, int depth)
{
	cleanup(list_close) DIR *d = list(from, ".");
	struct err *e = d ? NULL : err_sys(errno, "read a directory");
	for (const struct dirent *it; !e && (it = readdir(d));)
		if (!is_dots(it->d_name))
			e = copy_any(dirfd(d), to, it->d_name, depth);
	return e ? e : copy_attrs(from, to);
}

struct err *tree_copy(int from, int to)
{
	return copy_tree(from, to, 0);
}
