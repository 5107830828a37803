#include "archive/merge.h"
#include "base/buf.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

/* mount(2) takes a page of options; descriptors are the shortest names that directories have. */
static struct err *open_all(char *const *dirs, size_t n, struct buf *options)
{
	buf_add(options, "lowerdir=");
	for (size_t i = n; i-- > 0;) {
		cleanup(fd_close) struct fd dir = {};
		struct err *e = fd_open(&dir, AT_FDCWD, dirs[i], O_PATH | O_DIRECTORY);
		if (e)
			return e;
		/* It stays open until the process ends: the mount is by that name. */
		buf_add(options, "/proc/self/fd/%d%s", fd_num(fd_take(&dir)), i ? ":" : "");
	}
	return options->n < 4096
	               ? NULL
	               : err_new(ERR_USAGE, "more layers than one mount can take: %zu", n);
}

struct err *merge_dirs(char *const *dirs, size_t n, struct fd *out)
{
	cleanup(buf_done) struct buf options = {};
	if (n == 1)
		return fd_open(out, AT_FDCWD, dirs[0], O_RDONLY | O_DIRECTORY);
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(errno, "make a mount namespace");
	/* Only now: overlayfs takes no directories of another namespace's mounts. */
	struct err *e = open_all(dirs, n, &options);
	if (e)
		return e;
	/* It covers one of its own layers, which it has open by now. */
	if (mount("overlay", dirs[0], "overlay", MS_RDONLY, options.p) < 0)
		return err_sys(errno, "mount the layers");
	return fd_open(out, AT_FDCWD, dirs[0], O_RDONLY | O_DIRECTORY);
}
