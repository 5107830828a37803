#include "child/run.h"

#include "child/attrs.h"
#include "child/inside.h"
#include "child/mounts.h"
#include "child/procfs.h"

int run_propagate(struct runner *r, const struct op *op)
{
	const struct attrs a = { .propagation = op->propagate.flags,
		.propagation_recursive = op->propagate.recursive,
		.userns = -1 };
	if (op->propagate.new_root)
		return attrs_set(r, runner_slot(r, SLOT_ROOT), &a);
	return (int)sys_mount_setattr(&r->sys, AT_FDCWD, "/",
		op->propagate.recursive ? AT_RECURSIVE : 0u,
		&(struct mount_attr){ .propagation = op->propagate.flags });
}

/* The root must be a mount of its own: for pivot_root, and so that its attributes can be set. */
int run_root(struct runner *r, const struct op *op)
{
	int tree = runner_take(r, op->root.from);
	if (tree < 0)
		tree = (int)sys_open_tree(&r->sys, AT_FDCWD, op->root.host,
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return tree;
	int failed = (int)sys_move_mount(&r->sys, tree, "", AT_FDCWD, op->root.host,
		MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
	if (failed >= 0)
		return runner_keep(r, SLOT_ROOT, tree);
	runner_close(r, tree);
	return failed;
}

/* The old root ends on top of the new one at ".", and is detached from there: pivot_root(2). */
int run_pivot(struct runner *r, const struct op *)
{
	long failed = sys_fchdir(&r->sys, runner_slot(r, SLOT_ROOT));
	if (failed >= 0)
		failed = sys_pivot_root(&r->sys, ".", ".");
	if (failed >= 0)
		failed = sys_umount2(&r->sys, ".", MNT_DETACH);
	return failed < 0 ? (int)failed : (int)sys_chdir(&r->sys, "/");
}

/* The whole tree of the old root stays below the new one, out of sight but not gone: a complete
 * procfs or sysfs among it would let the container mount its own without masks. So they go. */
int run_move_root(struct runner *r, const struct op *)
{
	long failed = sys_fchdir(&r->sys, runner_slot(r, SLOT_ROOT));
	if (failed >= 0)
		failed = procfs_hide_others(r);
	if (failed >= 0)
		failed = sys_mount(&r->sys, ".", "/", NULL, MS_MOVE, NULL);
	if (failed >= 0)
		failed = sys_chroot(&r->sys, ".");
	return failed < 0 ? (int)failed : (int)sys_chdir(&r->sys, "/");
}
