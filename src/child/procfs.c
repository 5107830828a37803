#include "child/procfs.h"
#include "child/inside.h"
#include "child/mounts.h"
#include <linux/magic.h>

enum { ROOT_INODE = 1 }; /* of every procfs */

int procfs_check_root(struct runner *r, int fd)
{
	struct statfs fs;
	struct statx st;
	long failed = sys_fstatfs(&r->sys, fd, &fs);
	if (failed >= 0)
		failed = inside_look(r, fd, &st);
	if (failed >= 0 && (fs.f_type != PROC_SUPER_MAGIC || st.stx_ino != ROOT_INODE))
		failed = runner_refuse(r, EXDEV);
	return (int)failed;
}

static int open_old(struct runner *r)
{
	int fd = open_at(r, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	int failed = fd < 0 ? fd : procfs_check_root(r, fd);
	if (failed >= 0)
		return fd;
	runner_close(r, fd);
	return failed;
}

int procfs_open(struct runner *r)
{
	int fd = mount_make(
		r, "proc", "proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fd == -EPERM)
		fd = open_old(r);
	return runner_keep(r, SLOT_PROC, fd);
}

static int check_file(struct runner *r, int fd)
{
	struct statfs fs;
	long failed = sys_fstatfs(&r->sys, fd, &fs);
	if (failed >= 0 && fs.f_type != PROC_SUPER_MAGIC)
		failed = runner_refuse(r, EXDEV);
	return (int)failed;
}

/* "self" and "thread-self" are ordinary links; magic ones lead out of procfs and are refused. */
int procfs_open_file(struct runner *r, const char *path, uint64_t flags)
{
	int failed = runner_slot(r, SLOT_PROC) < 0 ? procfs_open(r) : 0;
	if (failed < 0)
		return failed;
	int fd = open_at(r, runner_slot(r, SLOT_PROC), path, flags,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	failed = fd < 0 ? fd : check_file(r, fd);
	if (failed >= 0)
		return fd;
	runner_close(r, fd);
	return failed;
}
