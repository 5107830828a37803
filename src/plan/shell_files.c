/* Commands for the container's files: mounts, devices, masks. */
#include "base/words.h"
#include "kernel/compat.h"
#include "plan/shell_rows.h"
#include "plan/show.h"

/* "mount -o remount,bind,ro TARGET" for what was mounted without; nothing for no change. */
static void add_remount(uint64_t set, uint64_t clear, const char *target, struct buf *out)
{
	cleanup(buf_done) struct buf words = {};
	shell_attrs(set, clear, &words);
	if (words.n)
		buf_add(out, "mount -o remount,bind,%s %s\n", buf_text(&words), target);
}

/* The same for all mounts of a tree; mount(8) can do that by itself since 2.39 ("ro=recursive"). */
static void add_remount_all(uint64_t set, uint64_t clear, const char *target, struct buf *out)
{
	cleanup(buf_done) struct buf words = {};
	shell_attrs(set, clear, &words);
	if (!words.n)
		return;
	buf_add(out, "findmnt --raw --noheadings --output TARGET --submounts %s |\n", target);
	buf_add(out, "while read -r at; do mount -o remount,bind,%s \"$at\"; done\n",
		buf_text(&words));
}

static void add_propagation(uint64_t flags, bool recursive, const char *target, struct buf *out)
{
	if (!flags)
		return;
	buf_add(out, "mount --make-");
	show_propagation(flags, recursive, out);
	buf_add(out, " %s\n", target);
}

/* An id-mapped mount: the user namespace is named by a file that stands for it. */
static void add_bind(const struct shell *s, const struct op *op, const char *at, struct buf *out)
{
	buf_add(out, op->source.recursive ? "mount --rbind " : "mount --bind ");
	if (op->source.userns != NO_SLOT) {
		buf_add(out, "-o X-mount.idmap=");
		shell_slot(s, op->source.userns, out);
		buf_add(out, " ");
	}
	shell_quote(op->source.host, out);
	buf_add(out, " %s\n", at);
	if (op->source.userns != NO_SLOT && s->script)
		buf_add(out, "check_idmap %s\n", at);
}

static void shell_source(const struct shell *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf at = {};
	shell_slot(s, op->source.slot, &at);
	add_bind(s, op, buf_text(&at), out);
	add_remount(op->source.set, op->source.clear, buf_text(&at), out);
	add_remount_all(op->source.rset, op->source.rclear, buf_text(&at), out);
	add_propagation(
		op->source.propagation, op->source.propagation_recursive, buf_text(&at), out);
}

static void shell_propagate(const struct shell *, const struct op *op, struct buf *out)
{
	add_propagation(op->propagate.flags, op->propagate.recursive,
		op->propagate.new_root ? "\"$root\"" : "/", out);
}

static void shell_root(const struct shell *s, const struct op *op, struct buf *out)
{
	buf_add(out, "mount --rbind ");
	if (op->root.from == NO_SLOT)
		buf_add(out, "\"$root\"");
	else
		shell_slot(s, op->root.from, out);
	buf_add(out, " \"$root\"\n");
}

bool shell_sets_clocks(const struct op *op)
{
	return op->kind == OP_PROC_WRITE && !strcmp(op->proc_write.path, "self/timens_offsets");
}

/* From lines "monotonic SECONDS NANOSECONDS". */
void shell_clocks(const struct op *op, struct buf *out)
{
	for (struct str rest = str_of(op->proc_write.text); rest.n;) {
		struct str line = str_cut(&rest, '\n');
		struct str clock = str_cut(&line, ' ');
		struct str seconds = str_cut(&line, ' ');
		buf_add(out, " --" STR_FMT " " STR_FMT, STR_ARG(clock), STR_ARG(seconds));
	}
}

static void shell_proc_write(const struct shell *, const struct op *op, struct buf *out)
{
	if (shell_sets_clocks(op)) {
		buf_add(out, "unshare --time");
		shell_clocks(op, out);
		buf_add(out, " COMMAND\n");
		return;
	}
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "/proc/%s", op->proc_write.path);
	buf_add(out, "printf %%s ");
	shell_quote(op->proc_write.text, out);
	buf_add(out, " > ");
	shell_quote(buf_text(&path), out);
	buf_add(out, "\n");
}

/* The place of a mount, as a word; in scripts it is made if it is not there, like @like is. */
static void add_place(const struct shell *s, const char *target, const char *like, struct buf *out)
{
	if (!s->script) {
		shell_inside(s, target, out);
		return;
	}
	cleanup(buf_done) struct buf inside = {};
	show_inside(target, &inside);
	buf_add(out, "\"$(place %s ", like);
	shell_quote(buf_text(&inside), out);
	buf_add(out, ")\"");
}

/* "-o nosuid,size=64m": attributes, then what the file system itself takes; mount(8) makes both
 * read-only with one word. */
static void add_options(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf words = {};
	shell_attrs(op->mount.attrs, 0, &words);
	for (const char *const *p = op->mount.params; p && *p; p++)
		if (strcmp(*p, "ro") != 0 || !(op->mount.attrs & MOUNT_ATTR_RDONLY))
			buf_add(&words, "%s%s", words.n ? "," : "", *p);
	if (!words.n)
		return;
	buf_add(out, "-o ");
	shell_quote(buf_text(&words), out);
	buf_add(out, " ");
}

/* Where the mode is that of a directory that is there. */
static void add_mode(const struct shell *s, const char *target, struct buf *out)
{
	cleanup(buf_done) struct buf at = {};
	if (s->script)
		show_inside(target, &at);
	else
		shell_inside(s, target, &at);
	buf_add(out, s->script ? "-o \"$(mode_of " : "-o mode=$(stat --format %%a ");
	if (s->script)
		shell_quote(buf_text(&at), out);
	else
		buf_add(out, "%s", buf_text(&at));
	buf_add(out, s->script ? ")\" " : ") ");
}

static void add_mount(const struct shell *s, const struct op *op, const char *at, struct buf *out)
{
	bool keep_mode = op->mount.target && op->mount.flags & MOUNT_KEEP_MODE;
	buf_add(out, "mount -t %s ", op->mount.type);
	if (keep_mode)
		add_mode(s, op->mount.target, out);
	add_options(op, out);
	shell_quote(op->mount.source ? op->mount.source : "none", out);
	buf_add(out, " %s\n", at);
}

/* A file system that begins with what it hides: filled elsewhere, then moved into place. */
static void add_copy_up(const struct shell *s, const struct op *op, const char *at, struct buf *out)
{
	add_mount(s, op, "\"$work/new\"", out);
	buf_add(out, "cp -a %s/. \"$work/new\"\n", at);
	buf_add(out, "mount --move \"$work/new\" %s\n", at);
}

static void shell_mount(const struct shell *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf at = {};
	if (op->mount.target)
		add_place(s, op->mount.target, "/", &at);
	else
		shell_slot(s, op->mount.slot, &at);
	if (op->mount.flags & MOUNT_COPY_UP)
		add_copy_up(s, op, buf_text(&at), out);
	else
		add_mount(s, op, buf_text(&at), out);
	add_propagation(op->mount.propagation, op->mount.propagation_recursive, buf_text(&at), out);
}

static void shell_attach(const struct shell *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf from = {};
	shell_slot(s, op->attach.slot, &from);
	buf_add(out, "mount --rbind %s ", buf_text(&from));
	add_place(s, op->attach.target, buf_text(&from), out);
	buf_add(out, "\n");
}

static void shell_attr(const struct shell *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf at = {};
	shell_inside(s, op->attr.target, &at);
	add_remount(op->attr.set, op->attr.clear, buf_text(&at), out);
	add_remount_all(op->attr.rset, op->attr.rclear, buf_text(&at), out);
	add_propagation(op->attr.propagation, op->attr.propagation_recursive, buf_text(&at), out);
}

/* In scripts a function does it, which leaves alone what is there already. */
static void add_device_call(const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf inside = {};
	show_inside(op->device.path, &inside);
	buf_add(out, "device ");
	shell_quote(buf_text(&inside), out);
	buf_add(out, " %u:%u %o ", op->device.uid, op->device.gid, op->device.mode & 07777);
	show_device_number(op, out);
	buf_add(out, "\n");
}

static void shell_device(const struct shell *s, const struct op *op, struct buf *out)
{
	if (s->script) {
		add_device_call(op, out);
		return;
	}
	cleanup(buf_done) struct buf at = {};
	shell_inside(s, op->device.path, &at);
	buf_add(out, "mknod -m %o %s ", op->device.mode & 07777, buf_text(&at));
	show_device_number(op, out);
	if (op->device.uid || op->device.gid)
		buf_add(out, "\nchown %u:%u %s", op->device.uid, op->device.gid, buf_text(&at));
	buf_add(out, "\n");
}

/* The end of a call of one of the script's functions: a path of the container. */
static void add_call(const char *function, const char *path, struct buf *out)
{
	cleanup(buf_done) struct buf inside = {};
	show_inside(path, &inside);
	buf_add(out, "%s", function);
	shell_quote(buf_text(&inside), out);
	buf_add(out, "\n");
}

static void shell_symlink(const struct shell *s, const struct op *op, struct buf *out)
{
	buf_add(out, s->script ? "link " : "ln -s ");
	shell_quote(op->symlink.text, out);
	buf_add(out, " ");
	if (s->script) {
		add_call("", op->symlink.path, out);
		return;
	}
	shell_inside(s, op->symlink.path, out);
	buf_add(out, "\n");
}

/* A file gets /dev/null in front of it, a directory an empty one. */
static void shell_mask(const struct shell *s, const struct op *op, struct buf *out)
{
	if (s->script) {
		add_call("hide ", op->inside.path, out);
		return;
	}
	cleanup(buf_done) struct buf at = {};
	shell_inside(s, op->inside.path, &at);
	buf_add(out, "[ -d %s ] && mount -t tmpfs -o ro tmpfs %s\n", buf_text(&at), buf_text(&at));
	buf_add(out, "[ -f %s ] && mount --bind /dev/null %s\n", buf_text(&at), buf_text(&at));
}

static void shell_readonly(const struct shell *s, const struct op *op, struct buf *out)
{
	if (s->script) {
		add_call("read_only ", op->inside.path, out);
		return;
	}
	cleanup(buf_done) struct buf at = {};
	shell_inside(s, op->inside.path, &at);
	buf_add(out, "mount --rbind %s %s\n", buf_text(&at), buf_text(&at));
	buf_add(out, "mount -o remount,bind,ro %s\n", buf_text(&at));
}

/* The terminal is that of script(1), from the host's /dev/pts. */
static void shell_console(const struct shell *s, const struct op *op, struct buf *out)
{
	if (!op->console.on_dev_console) {
		buf_add(out, "# script(1) has made it\n");
		return;
	}
	buf_add(out, "mount --bind \"$(tty)\" ");
	add_place(s, "/dev/console", "/dev/null", out);
	buf_add(out, "\n");
}

const struct shell_row shell_files[OP_KINDS] = {
	[OP_SOURCE] = { .add = shell_source },
	[OP_PROPAGATE] = { .add = shell_propagate },
	[OP_ROOT] = { .add = shell_root },
	[OP_PROC_WRITE] = { .add = shell_proc_write },
	[OP_MOUNT] = { .add = shell_mount },
	[OP_ATTACH] = { .add = shell_attach },
	[OP_ATTR] = { .add = shell_attr },
	[OP_DEVICE] = { .add = shell_device },
	[OP_SYMLINK] = { .add = shell_symlink },
	[OP_MASK] = { .add = shell_mask },
	[OP_READONLY] = { .add = shell_readonly },
	[OP_CONSOLE] = { .add = shell_console },
};
