#include "kernel/tree.h"
#include "base/fd.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* A tree deeper than descriptors reach is cut: what lies deeper moves up to its root first. */
enum { DEEPEST = 64 };

struct removal {
	int top;        /* borrowed: the root of the tree */
	unsigned moved; /* how many have moved up */
	bool again;     /* something moved up: the root is not empty yet */
};

static struct err *empty(struct removal *r, int dir, int depth);

static struct err *move_up(struct removal *r, int dir, const char *name)
{
	char to[32];
	for (int tries = 0; tries < 1000; tries++) {
		snprintf(to, sizeof(to), ".deep.%u", r->moved++);
		if (renameat2(dir, name, r->top, to, RENAME_NOREPLACE) == 0) {
			r->again = true;
			return NULL;
		}
		if (errno != EEXIST)
			break;
	}
	return err_sys(errno, "rename %s", name);
}

static struct err *remove_entry(struct removal *r, int dir, const char *name, int depth)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return NULL;
	/* EPERM is what a directory gives on some file systems: unlink(2). */
	if (errno != EISDIR && errno != EPERM)
		return err_sys(errno, "remove %s", name);
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return NULL;
	if (depth >= DEEPEST)
		return move_up(r, dir, name);
	cleanup(fd_close) struct fd sub = {};
	struct err *e = fd_open(&sub, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (!e)
		e = empty(r, fd_num(sub), depth + 1);
	if (!e && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		e = err_sys(errno, "remove %s", name);
	return e;
}

static struct err *empty(struct removal *r, int dir, int depth)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct err *e = d ? NULL : err_sys(errno, "list a directory");
	if (!d && copy >= 0)
		close(copy);
	while (!e && d) {
		errno = 0;
		const struct dirent *entry = readdir(d);
		if (!entry) {
			e = errno ? err_sys(errno, "list a directory") : NULL;
			break;
		}
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			e = remove_entry(r, dir, entry->d_name, depth);
	}
	if (d)
		closedir(d);
	return e;
}

struct err *tree_remove(int dir, const char *name)
{
	cleanup(fd_close) struct fd top =
		fd_own(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (!fd_valid(top)) {
		if (errno == ENOENT ||
			((errno == ENOTDIR || errno == ELOOP) && unlinkat(dir, name, 0) == 0))
			return NULL;
		return err_sys(errno, "remove %s", name);
	}
	struct removal r = { .top = fd_num(top), .again = true };
	struct err *e = NULL;
	while (!e && r.again) {
		r.again = false;
		lseek(fd_num(top), 0, SEEK_SET); /* the copies of it share the place in the list */
		e = empty(&r, fd_num(top), 0);
	}
	if (!e && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		e = err_sys(errno, "remove %s", name);
	return e ? err_wrap(e, "removing %s", name) : NULL;
}
