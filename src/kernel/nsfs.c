#include "kernel/nsfs.h"
#include "kernel/ns.h"
#include <errno.h>
#include <sys/stat.h>

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
	for (size_t i = 0; i < NS_KINDS; i++) {
		bool yes;
		struct err *e = differs(pid, ns_kinds[i].proc, &yes);
		if (e)
			return e;
		flags |= yes ? ns_kinds[i].flag : 0;
	}
	*out = flags;
	return NULL;
}

struct err *nsfs_is_ours(const char *path, uint64_t flag, bool *out)
{
	char own[64];
	struct stat ours, theirs;
	snprintf(own, sizeof(own), "/proc/self/ns/%s", ns_by_flag(flag)->proc);
	if (stat(path, &theirs) < 0)
		return err_sys(errno, "stat %s", path);
	if (stat(own, &ours) < 0)
		return err_sys(errno, "stat %s", own);
	*out = ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
	return NULL;
}
