#include "kernel/nsfs.h"
#include "kernel/compat.h"
#include <errno.h>
#include <stdbool.h>

static const struct ns_file {
	const char *name;
	uint64_t flag;
} files[] = {
	{ "user", CLONE_NEWUSER },
	{ "mnt", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },
	{ "net", CLONE_NEWNET },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "time", CLONE_NEWTIME },
};

/* A namespace that the kernel was built without has no file and differs from nothing. */
static struct err *differs(pid_t pid, const char *name, bool *out)
{
	char path[64];
	struct stat ours, theirs;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	*out = false;
	if (stat(path, &ours) < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "stat %s", path);
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	if (stat(path, &theirs) < 0)
		return err_sys(errno, "stat %s", path);
	*out = ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
	return NULL;
}

struct err *nsfs_differing(pid_t pid, uint64_t *out)
{
	uint64_t flags = 0;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		bool yes;
		struct err *e = differs(pid, files[i].name, &yes);
		if (e)
			return e;
		flags |= yes ? files[i].flag : 0;
	}
	*out = flags;
	return NULL;
}
