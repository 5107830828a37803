#include "image/mirror.h"
#include "base/fd.h"
#include "base/path.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINKS_MAX = 40, CHUNK = 1 << 30 };

/* A place below the new root: the directory, and the name in it. */
struct spot {
	struct fd dir;
	const char *name;
};

static void spot_done(struct spot *s)
{
	fd_close(&s->dir);
}

/* With exactly that mode, whatever the process's file mode mask; one that is there is left alone.
 */
static struct err *make_dir(int dir, const char *name, mode_t mode)
{
	if (mkdirat(dir, name, 0700) < 0)
		return errno == EEXIST ? NULL : err_sys(errno, "make directory %s", name);
	return fchmodat(dir, name, mode, 0) < 0 ? err_sys(errno, "chmod %s", name) : NULL;
}

static struct err *step_into(struct fd *dir, const char *name)
{
	cleanup(fd_close) struct fd next = {};
	struct err *e = make_dir(fd_num(*dir), name, 0755);
	if (!e)
		e = fd_open(&next, fd_num(*dir), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
	if (e)
		return e;
	fd_close(dir);
	*dir = fd_take(&next);
	return NULL;
}

/* The directory @path below the root, made as far as it is not there. */
static struct err *open_dir(struct mirror *m, struct str path, struct fd *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct err *e = fd_open(&dir, m->root, ".", O_PATH | O_DIRECTORY);
	for (struct str part = path_cut(&path); part.n && !e; part = path_cut(&path))
		e = step_into(&dir, arena_str(m->arena, part));
	if (!e)
		*out = fd_take(&dir);
	return e;
}

static struct err *open_spot(struct mirror *m, const char *path, struct spot *out)
{
	out->name = arena_str(m->arena, path_base(str_of(path)));
	return open_dir(m, path_dir(str_of(path)), &out->dir);
}

/* --- files
 * ------------------------------------------------------------------------------------------- */

/* By reference where the file system can, else by the kernel's own copying, else piece by piece. */
static struct err *copy_bytes(int from, int to, const char *path)
{
	char room[65536];
	bool piecewise = false;
	for (;;) {
		ssize_t n = piecewise ? read(from, room, sizeof(room))
		                      : copy_file_range(from, NULL, to, NULL, CHUNK, 0);
		if (n == 0)
			return NULL;
		if (n < 0 && !piecewise &&
			(errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
				errno == EOPNOTSUPP))
			piecewise = true;
		else if (n < 0 && errno != EINTR)
			return err_sys(errno, "copy %s", path);
		else if (n > 0 && piecewise && write(to, room, (size_t)n) != n)
			return err_sys(errno, "write %s", path);
	}
}

static struct err *copy_into(
	int from, const struct stat *st, const struct spot *to, const char *path)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	mode_t mode = st->st_mode & 0777;
	cleanup(fd_close) struct fd file = fd_own(openat(fd_num(to->dir), to->name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
	if (!fd_valid(file))
		return err_sys(errno, "create %s", path);
	struct err *e = copy_bytes(from, fd_num(file), path);
	if (!e && (fchmod(fd_num(file), mode) < 0 || futimens(fd_num(file), times) < 0))
		e = err_sys(errno, "finish %s", path);
	return e;
}

/* The same file from an earlier time is left alone. */
static bool is_same(const struct spot *at, const struct stat *st)
{
	struct stat there;
	return fstatat(fd_num(at->dir), at->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(there.st_mode) && there.st_size == st->st_size &&
	       there.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	       there.st_mtim.tv_nsec == st->st_mtim.tv_nsec;
}

static struct err *copy_file(struct mirror *m, const char *path)
{
	cleanup(spot_done) struct spot to = {};
	cleanup(fd_close) struct fd from = {};
	struct stat st;
	struct err *e = fd_open(&from, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	if (!e)
		e = open_spot(m, path, &to);
	if (e)
		return e;
	if (fstat(fd_num(from), &st) < 0 || !S_ISREG(st.st_mode))
		return err_new(ERR_USAGE, "%s is not a file", path);
	m->files++;
	m->bytes += (uint64_t)st.st_size;
	if (is_same(&to, &st))
		return NULL;
	if (unlinkat(fd_num(to.dir), to.name, 0) < 0 && errno != ENOENT)
		return err_sys(errno, "replace %s", path);
	return copy_into(fd_num(from), &st, &to, path);
}

/* --- links
 * ------------------------------------------------------------------------------------------- */

static struct err *put_link(struct mirror *m, const char *path, const char *target)
{
	cleanup(spot_done) struct spot at = {};
	char there[PATH_MAX];
	struct err *e = open_spot(m, path, &at);
	if (e)
		return e;
	if (symlinkat(target, fd_num(at.dir), at.name) == 0)
		return NULL;
	int num = errno;
	ssize_t n = readlinkat(fd_num(at.dir), at.name, there, sizeof(there) - 1);
	if (num == EEXIST && n >= 0) {
		there[n] = '\0';
		if (strcmp(there, target) == 0)
			return NULL;
	}
	return err_sys(num, "link %s", path);
}

/*
 * Follows @path to its first link: *@link is its path and *@rest what follows it in @path. NULL
 * if there is none.
 */
static struct err *first_link(
	const char *path, struct arena *a, const char **link, struct str *rest)
{
	struct str left = str_of(path);
	for (struct str part = path_cut(&left); part.n; part = path_cut(&left)) {
		struct stat st;
		size_t n = (size_t)(part.p + part.n - path);
		const char *so_far = arena_str(a, (struct str){ path, n });
		if (lstat(so_far, &st) < 0)
			return err_sys(errno, "%s", so_far);
		if (!S_ISLNK(st.st_mode))
			continue;
		*link = so_far;
		*rest = left;
		return NULL;
	}
	*link = NULL;
	return NULL;
}

/* Puts the link at @link, and gives the path that it makes of the rest. */
static struct err *follow(struct mirror *m, const char *link, struct str rest, const char **out)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(errno, "read link %s", link);
	target[n] = '\0';
	struct err *e = put_link(m, link, target);
	if (e)
		return e;
	const char *dir = arena_str(m->arena, path_dir(str_of(link)));
	const char *to = path_join(m->arena, dir, target);
	*out = rest.n ? path_join(m->arena, to, arena_str(m->arena, rest)) : to;
	return NULL;
}

static struct err *put(struct mirror *m, const char *path)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return err_sys(errno, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return copy_file(m, path);
	return strcmp(path, "/") == 0 ? NULL : mirror_dir(m, path, st.st_mode & 01777);
}

struct err *mirror_path(struct mirror *m, const char *path)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		const char *link = NULL;
		struct str rest = {};
		struct err *e = first_link(path, m->arena, &link, &rest);
		if (e || !link)
			return e ? e : put(m, path);
		e = follow(m, link, rest, &path);
		if (e)
			return e;
	}
	return err_sys(ELOOP, "%s", path);
}

struct err *mirror_dir(struct mirror *m, const char *path, mode_t mode)
{
	cleanup(spot_done) struct spot at = {};
	struct err *e = open_spot(m, path, &at);
	return e ? e : make_dir(fd_num(at.dir), at.name, mode);
}

struct err *mirror_text(struct mirror *m, const char *path, mode_t mode, struct bytes text)
{
	cleanup(spot_done) struct spot at = {};
	struct err *e = open_spot(m, path, &at);
	if (e)
		return e;
	cleanup(fd_close) struct fd file = fd_own(openat(fd_num(at.dir), at.name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
	if (!fd_valid(file))
		return errno == EEXIST ? NULL : err_sys(errno, "create %s", path);
	if (write(fd_num(file), text.p, text.n) != (ssize_t)text.n ||
		fchmod(fd_num(file), mode) < 0)
		return err_sys(errno, "write %s", path);
	return NULL;
}
