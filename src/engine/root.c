#include "engine/root.h"
#include "kernel/compat.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

const struct launch_overlay *root_overlay(const struct engine_container *c, struct arena *a)
{
	if (c->record.request.rootfs)
		return NULL;
	struct launch_overlay *o = anew(a, struct launch_overlay, 1);
	*o = (struct launch_overlay){ .lowers = c->record.layers,
		.upper = arena_fmt(a, "%s/upper", c->dir),
		.work = arena_fmt(a, "%s/work", c->dir) };
	return o;
}

struct err *root_make(const struct engine_container *c)
{
	static const struct {
		const char *name;
		mode_t mode;
	} rows[] = { { "upper", 0755 }, { "work", 0711 }, { "rootfs", 0755 }, { "bundle", 0700 } };
	cleanup(fd_close) struct fd dir = {};
	struct err *e = fd_open(&dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; !e && i < ARRAY_LEN(rows); i++)
		if (mkdirat(fd_num(dir), rows[i].name, rows[i].mode) < 0 && errno != EEXIST)
			e = err_sys(errno, "make %s/%s", c->dir, rows[i].name);
	return e;
}

static struct err *set(int fs, const char *key, const char *value)
{
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0) == 0)
		return NULL;
	return err_sys(errno, "overlay %s=%s", key, value);
}

/* An overlay without an upper directory needs two others: the container's own is the topmost. */
static struct err *configure(int fs, const struct launch_overlay *o, bool writable)
{
	struct err *e = writable ? set(fs, "upperdir", o->upper) : set(fs, "lowerdir+", o->upper);
	if (!e && writable)
		e = set(fs, "workdir", o->work);
	for (size_t i = o->lowers.n; !e && i > 0; i--)
		e = set(fs, "lowerdir+", o->lowers.items[i - 1]);
	if (!e && syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		e = err_sys(errno, "mount an overlay");
	return e;
}

static struct err *view(const struct launch_overlay *o, bool writable, struct fd *out)
{
	cleanup(fd_close) struct fd fs =
		fd_own((int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC));
	struct err *e = fd_valid(fs) ? configure(fd_num(fs), o, writable)
	                             : err_sys(errno, "fsopen overlay");
	if (e)
		return e;
	unsigned attrs = writable ? 0 : MOUNT_ATTR_RDONLY;
	*out = fd_own((int)syscall(SYS_fsmount, fd_num(fs), FSMOUNT_CLOEXEC, attrs));
	return fd_valid(*out) ? NULL : err_sys(errno, "mount an overlay");
}

struct err *root_open(
	const struct engine_container *c, bool writable, struct arena *a, struct fd *out)
{
	if (c->pid)
		return fd_open(out, AT_FDCWD, arena_fmt(a, "/proc/%d/root", (int)c->pid),
			O_PATH | O_DIRECTORY);
	const struct launch_overlay *o = root_overlay(c, a);
	return o ? view(o, writable, out)
	         : fd_open(out, AT_FDCWD, c->record.request.rootfs, O_PATH | O_DIRECTORY);
}
