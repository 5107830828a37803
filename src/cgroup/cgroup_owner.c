#include "cgroup/cgroup.h"

#include "base/fd.h"
#include "kernel/file.h"
#include <fcntl.h>

/* Files that came after a kernel's list, or are not in every group, are not there. */
static struct err *give_files(int dir, struct str names, uid_t uid)
{
	cleanup(arena_done) struct arena a = {};
	while (names.n) {
		const char *name = arena_str(&a, str_cut(&names, '\n'));
		if (*name && fchownat(dir, name, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno != ENOENT)
			return err_sys(errno, "chown %s", name);
	}
	return NULL;
}

struct err *cgroup_give(const char *dir, uid_t uid)
{
	/* What a kernel without the list has: before Linux 4.15. */
	static const char usual[] = "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n";
	cleanup(fd_close) struct fd group = {};
	cleanup(buf_done) struct buf names = {};
	struct err *e = fd_open(&group, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
	if (e)
		return e;
	if (fchown(fd_num(group), uid, (gid_t)-1) < 0)
		return err_sys(errno, "chown %s", dir);
	e = file_read(AT_FDCWD, "/sys/kernel/cgroup/delegate", 1 << 16, &names);
	bool unlisted = e && e->kind == ERR_NOT_FOUND;
	if (unlisted)
		err_free(&e);
	if (e)
		return e;
	struct str list = unlisted ? str_of(usual) : (struct str){ names.p, names.n };
	e = give_files(fd_num(group), list, uid);
	return e ? err_wrap(e, "giving %s to user %u", dir, uid) : NULL;
}
