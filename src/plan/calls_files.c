/* What the child asks of the kernel for the container's files. */
#include "kernel/compat.h"
#include "kernel/flags.h"
#include "plan/calls.h"
#include "plan/show.h"

/* Opens a path beneath the root, whatever links the image has. */
static void add_open(const char *path, const char *flags, const char *name, struct buf *out)
{
	buf_add(out, "openat2(root, ");
	call_text(*path ? path : ".", out);
	call_add(out, ", {%s|O_CLOEXEC, RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}) = %s", flags, name);
}

/* Attaches a detached mount. */
static void add_move(const char *mount, const char *place, struct buf *out)
{
	call_add(out,
		"move_mount(%s, \"\", %s, \"\", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
		mount, place);
}

struct change {
	uint64_t set, clear, propagation;
	const char *userns; /* for MOUNT_ATTR_IDMAP, or NULL */
};

static void add_set(const char *mount, const struct change *c, bool recursive, struct buf *out)
{
	const char *sep = "";
	if (!c->set && !c->clear && !c->propagation && !c->userns)
		return;
	buf_add(out, "mount_setattr(%s, \"\", AT_EMPTY_PATH%s, {", mount,
		recursive ? "|AT_RECURSIVE" : "");
	if (c->set || c->userns) {
		buf_add(out, "attr_set=");
		words_show(&mount_attr_flags, c->set | (c->userns ? MOUNT_ATTR_IDMAP : 0), out);
		sep = ", ";
	}
	if (c->clear) {
		buf_add(out, "%sattr_clr=", sep);
		words_show(&mount_attr_flags, c->clear, out);
		sep = ", ";
	}
	if (c->propagation) {
		buf_add(out, "%spropagation=", sep);
		words_show(&mount_flags, c->propagation, out);
		sep = ", ";
	}
	if (c->userns)
		buf_add(out, "%suserns_fd=%s", sep, c->userns);
	call_add(out, "})");
}

/* Two calls where both the topmost mount and the whole tree are changed. */
static void add_changes(const char *mount, struct change one, struct change all,
	bool propagation_recursive, struct buf *out)
{
	if (propagation_recursive) {
		all.propagation = one.propagation;
		one.propagation = 0;
	}
	add_set(mount, &one, false, out);
	add_set(mount, &all, true, out);
}

static void calls_source(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf slot = {}, userns = {};
	slot_name(op->source.slot, &slot);
	slot_name(op->source.userns, &userns);
	const char *map = op->source.userns == NO_SLOT ? NULL : buf_text(&userns);
	buf_add(out, "open_tree(AT_FDCWD, ");
	call_text(op->source.host, out);
	call_add(out, ", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC%s) = %s",
		op->source.recursive ? "|AT_RECURSIVE" : "", buf_text(&slot));
	struct change one = { op->source.set, op->source.clear, op->source.propagation,
		op->source.recursive_idmap ? NULL : map };
	struct change all = { op->source.rset, op->source.rclear, 0,
		op->source.recursive_idmap ? map : NULL };
	add_changes(buf_text(&slot), one, all, op->source.propagation_recursive, out);
}

static void calls_propagate(const struct op *op, struct buf *out)
{
	if (op->propagate.new_root) {
		add_changes("root", (struct change){ .propagation = op->propagate.flags },
			(struct change){}, op->propagate.recursive, out);
		return;
	}
	buf_add(out, "mount_setattr(AT_FDCWD, \"/\", %s, {propagation=",
		op->propagate.recursive ? "AT_RECURSIVE" : "0");
	words_show(&mount_flags, op->propagate.flags, out);
	call_add(out, "})");
}

static void calls_root(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf from = {};
	if (op->root.from == NO_SLOT) {
		buf_add(out, "open_tree(AT_FDCWD, ");
		call_text(op->root.host, out);
		call_add(out, ", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = root");
		buf_add(&from, "root");
	} else {
		slot_name(op->root.from, &from);
	}
	buf_add(out, "move_mount(%s, \"\", AT_FDCWD, ", buf_text(&from));
	call_text(op->root.host, out);
	call_add(out, ", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_SYMLINKS)");
}

static void add_params(const char *source, const char *const *params, struct buf *out)
{
	if (source) {
		buf_add(out, "fsconfig(fs, FSCONFIG_SET_STRING, \"source\", ");
		call_text(source, out);
		call_add(out, ", 0)");
	}
	for (; params && *params; params++) {
		size_t n = strcspn(*params, "=");
		if (!(*params)[n]) {
			call_add(out, "fsconfig(fs, FSCONFIG_SET_FLAG, \"%s\", NULL, 0)", *params);
			continue;
		}
		buf_add(out, "fsconfig(fs, FSCONFIG_SET_STRING, \"%.*s\", ", (int)n, *params);
		call_text(*params + n + 1, out);
		call_add(out, ", 0)");
	}
	call_add(out, "fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)");
}

static void add_new(const char *type, const char *source, const char *const *params, uint64_t attrs,
	struct buf *out)
{
	call_add(out, "fsopen(\"%s\", FSOPEN_CLOEXEC) = fs", type);
	add_params(source, params, out);
	buf_add(out, "fsmount(fs, FSMOUNT_CLOEXEC, ");
	words_show(&mount_attr_flags, attrs, out);
}

static void calls_proc_open(const struct op *, struct buf *out)
{
	add_new("proc", "proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		out);
	call_add(out, ") = proc");
}

/* A file of our own procfs. */
static void add_proc_open(const char *path, const char *flags, struct buf *out)
{
	buf_add(out, "openat2(proc, ");
	call_text(path, out);
	call_add(out,
		", {%s|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS}) = file",
		flags);
}

static void calls_proc_write(const struct op *op, struct buf *out)
{
	add_proc_open(op->proc_write.path, "O_WRONLY", out);
	buf_add(out, "write(file, ");
	call_text(op->proc_write.text, out);
	call_add(out, ")");
}

static void add_target(const char *target, uint32_t flags, struct buf *out)
{
	if (!(flags & MOUNT_PLAIN_DIR)) {
		add_open(target, flags & MOUNT_NO_SYMLINK ? "O_PATH|O_NOFOLLOW" : "O_PATH", "place",
			out);
		return;
	}
	buf_add(out, "openat2(root, ");
	call_text(target, out);
	call_add(out, ", {O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC, "
		      "RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS}) = place");
}

static void calls_mount(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf mount = {};
	if (op->mount.slot == NO_SLOT)
		buf_add(&mount, "mount");
	else
		slot_name(op->mount.slot, &mount);
	if (op->mount.target)
		add_target(op->mount.target, op->mount.flags, out);
	add_new(op->mount.type, op->mount.source, op->mount.params, op->mount.attrs, out);
	call_add(out, ") = %s", buf_text(&mount));
	if (op->mount.flags & MOUNT_COPY_UP)
		call_add(out,
			"getdents64(place), mkdirat(mount), read, write: a copy of what it hides");
	add_changes(buf_text(&mount), (struct change){ .propagation = op->mount.propagation },
		(struct change){}, op->mount.propagation_recursive, out);
	if (op->mount.target)
		add_move(buf_text(&mount), "place", out);
}

static void calls_attach(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf slot = {};
	slot_name(op->attach.slot, &slot);
	add_target(op->attach.target, op->attach.flags, out);
	add_move(buf_text(&slot), "place", out);
}

static void calls_attr(const struct op *op, struct buf *out)
{
	const char *mount = *op->attr.target ? "place" : "root";
	if (*op->attr.target)
		add_open(op->attr.target, "O_PATH", "place", out);
	add_changes(mount,
		(struct change){ op->attr.set, op->attr.clear, op->attr.propagation, NULL },
		(struct change){ op->attr.rset, op->attr.rclear, 0, NULL },
		op->attr.propagation_recursive, out);
}

/* The directory that is to hold an entry, and the entry's name. */
static const char *add_parent(const char *path, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	add_open(arena_str(&a, (struct str){ path, (size_t)(name - path) }), "O_PATH", "dir", out);
	return name;
}

static const char *node_type(uint32_t mode)
{
	return S_ISCHR(mode) ? "S_IFCHR" : S_ISBLK(mode) ? "S_IFBLK" : "S_IFIFO";
}

static void calls_device(const struct op *op, struct buf *out)
{
	const char *name = add_parent(op->device.path, out);
	call_add(out, "mknodat(dir, \"%s\", %s|%04o, makedev(%u, %u))", name,
		node_type(op->device.mode), op->device.mode & 07777, op->device.major,
		op->device.minor);
	if (!op->device.uid && !op->device.gid)
		return;
	call_add(out,
		"openat2(dir, \"%s\", {O_PATH|O_NOFOLLOW|O_CLOEXEC, "
		"RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS}) = node",
		name);
	call_add(
		out, "fchownat(node, \"\", %u, %u, AT_EMPTY_PATH)", op->device.uid, op->device.gid);
}

static void calls_symlink(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf text = {};
	call_text(op->symlink.text, &text);
	const char *name = add_parent(op->symlink.path, out);
	call_add(out, "symlinkat(%s, dir, \"%s\")", buf_text(&text), name);
}

/* Which of both follows from what is there. */
static void calls_mask(const struct op *op, struct buf *out)
{
	add_open(op->inside.path, "O_PATH", "place", out);
	call_add(out, "open_tree(a directory: empty, a file: null, \"\", "
		      "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH) = mask");
	add_move("mask", "place", out);
}

static void calls_readonly(const struct op *op, struct buf *out)
{
	add_open(op->inside.path, "O_PATH", "place", out);
	call_add(out, "open_tree(place, \"\", "
		      "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE) = copy");
	add_set("copy", &(struct change){ .set = MOUNT_ATTR_RDONLY }, true, out);
	add_move("copy", "place", out);
}

static void calls_console(const struct op *op, struct buf *out)
{
	add_open("dev/pts", "O_PATH|O_DIRECTORY", "pts", out);
	call_add(out, "openat2(pts, \"ptmx\", {O_RDWR|O_NOCTTY|O_CLOEXEC, "
		      "RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_XDEV}) = master");
	call_add(out, "ioctl(master, TIOCSPTLCK, 0)");
	if (op->console.rows || op->console.columns)
		call_add(out, "ioctl(master, TIOCSWINSZ, {%u, %u})", op->console.rows,
			op->console.columns);
	call_add(out, "ioctl(master, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC) = tty");
	if (op->console.uid)
		call_add(out, "fchownat(tty, \"\", %u, -1, AT_EMPTY_PATH)", op->console.uid);
	if (op->console.on_dev_console) {
		add_open("dev/console", "O_PATH|O_NOFOLLOW", "place", out);
		call_add(out, "open_tree(tty, \"\", "
			      "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH) = copy");
		add_move("copy", "place", out);
	}
	call_add(out, "ioctl(master, TIOCGPTN)");
	call_add(out, "sendmsg(console, {\"/dev/pts/N\", SCM_RIGHTS={master}}, MSG_NOSIGNAL)");
}

static void calls_pivot(const struct op *, struct buf *out)
{
	call_add(out, "fchdir(root)");
	call_add(out, "pivot_root(\".\", \".\")");
	call_add(out, "umount2(\".\", MNT_DETACH)");
	call_add(out, "chdir(\"/\")");
}

/* The old root stays below the new one; what could be mounted again from there goes before. */
static void calls_move_root(const struct op *, struct buf *out)
{
	call_add(out, "fchdir(root)");
	add_proc_open("self/mountinfo", "O_RDONLY", out);
	call_add(out, "read(file) = the place of another procfs or sysfs");
	call_add(out, "umount2(that place, MNT_DETACH|UMOUNT_NOFOLLOW)");
	add_proc_open("self/mountinfo", "O_RDONLY", out);
	call_add(out, "read(file) = no other");
	call_add(out, "mount(\".\", \"/\", NULL, MS_MOVE, NULL)");
	call_add(out, "chroot(\".\")");
	call_add(out, "chdir(\"/\")");
}

static void calls_chdir(const struct op *op, struct buf *out)
{
	add_open(op->chdir.path, "O_PATH", "dir", out);
	call_add(out, "fchdir(dir)");
}

const struct call_row calls_files[OP_KINDS] = {
	[OP_SOURCE] = { calls_source },
	[OP_PROPAGATE] = { calls_propagate },
	[OP_ROOT] = { calls_root },
	[OP_PROC_OPEN] = { calls_proc_open },
	[OP_PROC_WRITE] = { calls_proc_write },
	[OP_MOUNT] = { calls_mount },
	[OP_ATTACH] = { calls_attach },
	[OP_ATTR] = { calls_attr },
	[OP_DEVICE] = { calls_device },
	[OP_SYMLINK] = { calls_symlink },
	[OP_MASK] = { calls_mask },
	[OP_READONLY] = { calls_readonly },
	[OP_CONSOLE] = { calls_console },
	[OP_PIVOT] = { calls_pivot },
	[OP_MOVE_ROOT] = { calls_move_root },
	[OP_CHDIR] = { calls_chdir },
};
