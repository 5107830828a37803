/* Spec to operations: the container's root, and what is hidden in it. */
#include "planner/draft.h"

#include "kernel/compat.h"
#include "kernel/lsm.h"
#include "spec/mount_opts.h"
#include "spec/sysctl.h"

/* linux.rootfsPropagation as MS_*, recursive with MS_REC; 0 if it is not said. */
static uint64_t propagation(const struct draft *d)
{
	const char *word = d->spec->linux.rootfs_propagation;
	return word ? mount_opts_propagation(word) : 0;
}

static void propagate(struct draft *d, bool new_root, uint64_t flags, const char *why)
{
	struct op op = { OP_PROPAGATE, .why = why };
	op.propagate.new_root = new_root;
	op.propagate.recursive = flags & MS_REC;
	op.propagate.flags = flags & ~(uint64_t)MS_REC;
	draft_child(d, op);
}

/* The layers as one tree, not yet attached: lowerdir+ takes one path a time, from the top, whatever
 * characters it holds, so neither a page nor a colon limits them: overlayfs.rst "Multiple lower".
 */
static struct err *plan_overlay(struct draft *d, int slot)
{
	const struct launch_overlay *o = d->launch->overlay;
	struct text_list params = {};
	if (d->userns)
		return err_new(
			ERR_USAGE, "an overlay as root can't be mounted in a user namespace");
	for (size_t i = o->lowers.n; i > 0; i--)
		text_list_add(&params, d->arena,
			arena_fmt(d->arena, "lowerdir+=%s", o->lowers.items[i - 1]));
	if (o->upper) {
		text_list_add(&params, d->arena, arena_fmt(d->arena, "upperdir=%s", o->upper));
		text_list_add(&params, d->arena, arena_fmt(d->arena, "workdir=%s", o->work));
	}
	struct op op = { OP_MOUNT, .why = "its layers as one tree" };
	op.mount.type = op.mount.source = "overlay";
	op.mount.params = params.items;
	op.mount.slot = slot;
	draft_child(d, op);
	return NULL;
}

/* The root is a mount of its own. As long as it is being filled it is private, so that nothing of
 * it shows outside; a slave shows nothing either and goes on hearing from the host. */
struct err *plan_root(struct draft *d)
{
	uint64_t asked = propagation(d);
	bool deaf = asked & MS_PRIVATE;
	propagate(d, false, (deaf ? MS_PRIVATE : MS_SLAVE) | MS_REC,
		"nothing mounted here shows outside");
	struct op root = { OP_ROOT, .why = "its root", .root = { d->launch->rootfs, NO_SLOT } };
	if (d->launch->overlay) {
		root.root.from = draft_slot(d);
		struct err *e = plan_overlay(d, root.root.from);
		if (e)
			return e;
	} else if (d->early_sources) {
		struct op op = { OP_SOURCE, .why = "its root" };
		op.source.host = d->launch->rootfs;
		op.source.slot = root.root.from = draft_slot(d);
		op.source.userns = NO_SLOT;
		op.source.recursive = true;
		op.source.propagation = deaf ? MS_PRIVATE : MS_SLAVE;
		op.source.propagation_recursive = true;
		draft_source(d, op);
	}
	draft_child(d, root);
	if (!(asked & MS_SLAVE))
		propagate(d, true, MS_PRIVATE, "its root is nobody's copy");
	return NULL;
}

static struct err *add_sysctls(struct draft *d)
{
	const struct text_map *sysctl = &d->spec->linux.sysctl;
	for (size_t i = 0; i < sysctl->n; i++) {
		const struct text_pair *pair = &sysctl->items[i];
		const char *path;
		struct err *e = sysctl_path(pair->key, d->arena, &path);
		if (!e && sysctl_owner(path) & d->launch->host_namespaces)
			e = sysctl_foreign(pair->key, sysctl_owner(path));
		if (e)
			return err_wrap(e, "linux.sysctl");
		draft_proc_write(d, path, pair->value, "kernel settings of its own");
	}
	return NULL;
}

/* What covers masked directories: one file system without room, attached as often as needed. */
static struct err *add_cover(struct draft *d)
{
	struct text_list params = {};
	text_list_add(&params, d->arena, "nr_blocks=1");
	text_list_add(&params, d->arena, "nr_inodes=1");
	text_list_add(&params, d->arena, "ro");
	const char *label = d->spec->linux.mount_label, *option;
	struct err *e = label ? lsm_selinux_mount(d->host, label, d->arena, &option) : NULL;
	if (e)
		return err_wrap(e, "linux.mountLabel");
	if (label)
		text_list_add(&params, d->arena, option);

	struct op op = { OP_MOUNT, .why = "an empty directory to hide others" };
	op.mount.type = op.mount.source = "tmpfs";
	op.mount.params = params.items;
	op.mount.slot = SLOT_EMPTY;
	op.mount.attrs =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	draft_child(d, op);
	return NULL;
}

static struct err *prepare_masks(struct draft *d)
{
	if (!d->spec->linux.masked_paths.n)
		return NULL;
	struct op op = { OP_SOURCE, .why = "an empty file to hide others" };
	op.source.host = "/dev/null";
	op.source.slot = SLOT_NULL;
	op.source.userns = NO_SLOT;
	op.source.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	op.source.propagation = MS_PRIVATE;
	draft_source(d, op);
	return add_cover(d);
}

static const char *inside(const char *path)
{
	return path + strspn(path, "/");
}

static void restrict_paths(struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	for (size_t i = 0; i < l->readonly_paths.n; i++)
		draft_child(d, (struct op){ OP_READONLY, .why = "can be read, not changed",
				       .inside = { inside(l->readonly_paths.items[i]) } });
	for (size_t i = 0; i < l->masked_paths.n; i++)
		draft_child(d, (struct op){ OP_MASK, .why = "tells too much of the host",
				       .inside = { inside(l->masked_paths.items[i]) } });
}

static void make_readonly(struct draft *d, const char *target, const char *why)
{
	draft_child(d, (struct op){ OP_ATTR, .why = why,
			       .attr = { .target = target, .set = MOUNT_ATTR_RDONLY } });
}

static void finish_mounts(struct draft *d)
{
	for (size_t i = 0; i < d->readonly_later.n; i++)
		make_readonly(d, d->readonly_later.items[i], "now that all is in place");
	if (d->spec->root.readonly)
		make_readonly(d, "", "its root can't be changed");
	restrict_paths(d);
}

static void leave_old_root(struct draft *d)
{
	uint64_t asked = propagation(d);
	if (d->launch->no_pivot)
		draft_child(d, (struct op){ OP_MOVE_ROOT, .why = "its root becomes the root" });
	else
		draft_child(d, (struct op){ OP_PIVOT, .why = "its root becomes the root" });
	if (asked & (MS_SHARED | MS_UNBINDABLE))
		propagate(d, true, asked, "as rootfsPropagation has it");
}

struct err *plan_pivot(struct draft *d)
{
	struct err *e = add_sysctls(d);
	if (!e)
		e = prepare_masks(d);
	if (e)
		return e;
	leave_old_root(d);
	plan_chdir(d, true);
	finish_mounts(d);
	return NULL;
}
