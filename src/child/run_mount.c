#include "child/run.h"

#include "child/attrs.h"
#include "child/copy_up.h"
#include "child/inside.h"
#include "child/mounts.h"
#include "child/procfs.h"
#include "child/text.h"

enum { PARAMS = 64 };

int run_source(struct runner *r, const struct op *op)
{
	const struct attrs a = { .set = op->source.set,
		.clear = op->source.clear,
		.rset = op->source.rset,
		.rclear = op->source.rclear,
		.propagation = op->source.propagation,
		.propagation_recursive = op->source.propagation_recursive,
		.idmap_recursive = op->source.recursive_idmap,
		.userns = runner_slot(r, op->source.userns) };
	int tree = (int)sys_open_tree(&r->sys, AT_FDCWD, op->source.host,
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (op->source.recursive ? AT_RECURSIVE : 0u));
	int failed = tree < 0 ? tree : attrs_set(r, tree, &a);
	if (failed >= 0)
		return runner_keep(r, op->source.slot, tree);
	runner_close(r, tree);
	return failed;
}

static bool has_param(const char *const *params, const char *start)
{
	for (; params && *params; params++)
		if (text_starts(*params, start))
			return true;
	return false;
}

/* Makes the file system; with MOUNT_KEEP_MODE with the permissions of @place, or of none if it is
 * -1. They come first, so that a mode that was asked for wins. */
static int make(struct runner *r, const struct op *op, int place, uint64_t attrs)
{
	const char *const *params = op->mount.params;
	if (place < 0 || !(op->mount.flags & MOUNT_KEEP_MODE))
		return mount_make(r, op->mount.type, op->mount.source, params, attrs);

	struct statx st;
	int failed = inside_look(r, place, &st);
	if (failed < 0)
		return failed;
	char mode[16];
	struct text t = TEXT_IN(mode);
	text_add(&t, "mode=");
	text_add_number(&t, st.stx_mode & 07777, 8);
	const char *all[PARAMS] = { mode };
	size_t n = 1;
	for (; params && *params; params++) {
		if (n + 1 == PARAMS)
			return runner_refuse(r, E2BIG);
		all[n++] = *params;
	}
	return mount_make(r, op->mount.type, op->mount.source, all, attrs);
}

/* The new root belongs to whom the hidden directory belongs, where that can be said here. */
static int adopt_owner(struct runner *r, const struct op *op, int from, int to)
{
	struct statx st;
	if (has_param(op->mount.params, "uid=") || has_param(op->mount.params, "gid="))
		return 0;
	int failed = inside_look(r, from, &st);
	if (failed < 0)
		return failed;
	failed = (int)sys_fchownat(&r->sys, to, "", st.stx_uid, st.stx_gid, AT_EMPTY_PATH);
	return failed == -EINVAL || failed == -EPERM ? 0 : failed;
}

/* What a mount that is filled from what it hides gets only once it is filled. */
static int fill(struct runner *r, const struct op *op, int mount, int place)
{
	int failed = adopt_owner(r, op, place, mount);
	if (failed >= 0)
		failed = copy_up(r, place, mount);
	return failed < 0 ? failed
	                  : attrs_set(r, mount,
				    &(struct attrs){ .set = op->mount.attrs, .userns = -1 });
}

/* Makes the mount of @op, complete but for its place, which is @place if that is not -1. @hides
 * says whether something was at that place before. */
static int prepare(struct runner *r, const struct op *op, int place, bool hides)
{
	bool filled = hides && op->mount.flags & MOUNT_COPY_UP;
	int mount = make(r, op, hides ? place : -1,
		op->mount.attrs & ~(filled ? (uint64_t)MOUNT_ATTR_RDONLY : 0));
	if (mount < 0)
		return mount;
	const struct attrs travel = { .propagation = op->mount.propagation,
		.propagation_recursive = op->mount.propagation_recursive,
		.userns = -1 };
	int failed = filled ? fill(r, op, mount, place) : 0;
	if (failed >= 0)
		failed = attrs_set(r, mount, &travel);
	if (failed >= 0)
		return mount;
	runner_close(r, mount);
	return failed;
}

int run_mount(struct runner *r, const struct op *op)
{
	struct target t = { .path = op->mount.target, .flags = op->mount.flags, .like = -1 };
	int place = t.path ? inside_target(r, &t) : -1;
	if (t.path && place < 0)
		return place;
	int mount = prepare(r, op, place, place >= 0 && !t.made);
	int failed = mount;
	if (mount >= 0 && place >= 0)
		failed = mount_attach(r, mount, place);
	runner_close(r, place);
	if (failed >= 0 && op->mount.slot >= 0)
		return runner_keep(r, op->mount.slot, mount);
	runner_close(r, mount);
	return failed < 0 ? failed : 0;
}

/* move_mount(2) has one error for many reasons. The usual one, a directory and a file, is known to
 * callers by the error that mount(2) has for it. */
static int told_apart(struct runner *r, int tree, int place)
{
	struct statx of_tree, of_place;
	if (inside_look(r, tree, &of_tree) < 0 || inside_look(r, place, &of_place) < 0)
		return -EINVAL;
	bool alike = S_ISDIR(of_tree.stx_mode) == S_ISDIR(of_place.stx_mode);
	return alike ? -EINVAL : runner_refuse(r, ENOTDIR);
}

int run_attach(struct runner *r, const struct op *op)
{
	int tree = runner_slot(r, op->attach.slot);
	struct target t = { .path = op->attach.target, .flags = op->attach.flags, .like = tree };
	if (tree < 0)
		return runner_refuse(r, EBADF);
	if (op->attach.flags & MOUNT_ONLY_PROC && procfs_check_root(r, tree) < 0)
		return runner_refuse_because(
			r, EXDEV, "cannot be mounted because it is not of type proc");
	int place = inside_target(r, &t);
	int failed = place < 0 ? place : mount_attach(r, tree, place);
	if (place >= 0 && failed == -EINVAL)
		failed = told_apart(r, tree, place);
	runner_close(r, place);
	if (failed >= 0)
		runner_close(r, runner_take(r, op->attach.slot));
	return failed;
}

int run_attr(struct runner *r, const struct op *op)
{
	const struct attrs a = { .set = op->attr.set,
		.clear = op->attr.clear,
		.rset = op->attr.rset,
		.rclear = op->attr.rclear,
		.propagation = op->attr.propagation,
		.propagation_recursive = op->attr.propagation_recursive,
		.userns = -1 };
	if (!*op->attr.target)
		return attrs_set(r, runner_slot(r, SLOT_ROOT), &a);
	int mount = inside_open(r, op->attr.target, 0);
	int failed = mount < 0 ? mount : attrs_set(r, mount, &a);
	runner_close(r, mount);
	return failed;
}
