#include "child/run.h"

#include "child/attrs.h"
#include "child/inside.h"
#include "child/mounts.h"
#include "child/text.h"

/* Whether the open file is the device of @op, mode included: 1 or 0. */
static int is_node(struct runner *r, int fd, const struct op *op)
{
	struct statx st;
	int failed = inside_look(r, fd, &st);
	if (failed < 0)
		return failed;
	bool same_number =
		st.stx_rdev_major == op->device.major && st.stx_rdev_minor == op->device.minor;
	return st.stx_mode == op->device.mode && (S_ISFIFO(st.stx_mode) || same_number);
}

static int make_node(struct runner *r, int dir, const char *name, const struct op *op)
{
	return (int)sys_mknodat(&r->sys, dir, name, op->device.mode,
		sys_device(op->device.major, op->device.minor));
}

/* Gives the node its owner: 1, or 0 if it is not the node. */
static int own_node(struct runner *r, int dir, const char *name, const struct op *op)
{
	int node = inside_child(r, dir, name, O_PATH);
	int result = node < 0 ? node : is_node(r, node, op);
	if (result == 1) {
		int failed = (int)sys_fchownat(
			&r->sys, node, "", op->device.uid, op->device.gid, AT_EMPTY_PATH);
		result = failed < 0 ? failed : 1;
	}
	runner_close(r, node);
	return result;
}

/* Something has the name: the image may bring the device, or anything that looks like it. */
static int replace_node(struct runner *r, int dir, const char *name, const struct op *op)
{
	int same = own_node(r, dir, name, op);
	if (same)
		return same;
	int failed = (int)sys_unlinkat(&r->sys, dir, name, 0);
	if (failed >= 0)
		failed = make_node(r, dir, name, op);
	return failed < 0 ? failed : own_node(r, dir, name, op);
}

int run_device(struct runner *r, const struct op *op)
{
	const char *name = text_base(op->device.path);
	int dir = inside_parent(r, op->device.path);
	if (dir < 0)
		return dir;
	int made = make_node(r, dir, name, op);
	if (made >= 0 && !op->device.uid && !op->device.gid)
		return 0; /* ours, with the mode that was asked for: the umask is 0 */
	int owned = made == -EEXIST ? replace_node(r, dir, name, op)
	            : made < 0      ? made
	                            : own_node(r, dir, name, op);
	return owned == 0 ? runner_refuse(r, ESTALE) : owned;
}

int run_symlink(struct runner *r, const struct op *op)
{
	int dir = inside_parent(r, op->symlink.path);
	if (dir < 0)
		return dir;
	int failed =
		(int)sys_symlinkat(&r->sys, op->symlink.text, dir, text_base(op->symlink.path));
	return failed == -EEXIST ? 0 : failed;
}

/* A path that is to be hidden or protected, and may not be there: *@open is -1 then. */
static int open_if_there(struct runner *r, const char *path, int *open)
{
	*open = inside_open(r, path, 0);
	if (*open >= 0)
		return 0;
	bool absent = *open == -ENOENT || *open == -ENOTDIR;
	int failed = absent ? 0 : *open;
	*open = -1;
	return failed;
}

/*
 * A mask is attached as it is the first time; from then on it is a mount of this namespace and can
 * be cloned. A detached tree, as the planner makes them, cannot be before Linux 6.15; a file that
 * is just open can only be cloned.
 */
static int attach_mask(struct runner *r, int slot, bool *shown, int place)
{
	int mask = runner_slot(r, slot);
	int failed = *shown ? -EINVAL : mount_attach(r, mask, place);
	*shown |= failed >= 0;
	if (failed != -EINVAL)
		return failed;
	int copy = mount_clone(r, mask, 0);
	failed = copy < 0 ? copy : mount_attach(r, copy, place);
	runner_close(r, copy);
	return failed;
}

/* Something else in its place would be bound, writable, over what is to be hidden. */
static int check_null(struct runner *r)
{
	struct statx st;
	int failed = inside_look(r, runner_slot(r, SLOT_NULL), &st);
	if (failed < 0)
		return failed;
	bool is_null = S_ISCHR(st.stx_mode) && st.stx_rdev_major == 1 && st.stx_rdev_minor == 3;
	return is_null ? 0 : runner_refuse(r, ENODEV);
}

static int hide(struct runner *r, int place)
{
	struct statx st;
	int failed = inside_look(r, place, &st);
	if (failed < 0)
		return failed;
	if (S_ISDIR(st.stx_mode))
		return attach_mask(r, SLOT_EMPTY, &r->empty_shown, place);
	failed = r->null_shown ? 0 : check_null(r);
	return failed < 0 ? failed : attach_mask(r, SLOT_NULL, &r->null_shown, place);
}

int run_mask(struct runner *r, const struct op *op)
{
	int place;
	int failed = open_if_there(r, op->inside.path, &place);
	if (place < 0)
		return failed;
	failed = hide(r, place);
	runner_close(r, place);
	return failed;
}

int run_readonly(struct runner *r, const struct op *op)
{
	int place;
	int failed = open_if_there(r, op->inside.path, &place);
	if (place < 0)
		return failed;
	int copy = mount_clone(r, place, AT_RECURSIVE);
	failed = copy;
	if (failed >= 0)
		failed = attrs_set(
			r, copy, &(struct attrs){ .rset = MOUNT_ATTR_RDONLY, .userns = -1 });
	if (failed >= 0)
		failed = mount_attach(r, copy, place);
	runner_close(r, copy);
	runner_close(r, place);
	return failed;
}
