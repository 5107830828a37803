#include "base/buf.h"
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/cgroup_file.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* What a refused write means to a person. The first row that fits is taken; "x*" fits what begins
 * with x, "*" everything. */
static const struct refusal {
	const char *file;
	int num;
	const char *hint;
} refusals[] = {
	{ "memory.limit_in_bytes", EBUSY,
		"more memory is in use than the new limit allows: stop something, or allow more" },
	{ "memory.limit_in_bytes", EINVAL,
		"the limit is above that of memory and swap together: raise both at the same "
		"time" },
	{ "memory.memsw.limit_in_bytes", EBUSY,
		"more memory and swap are in use than the new limit allows" },
	{ "memory.memsw.limit_in_bytes", EINVAL,
		"memory and swap together can't be limited to less than memory alone" },
	{ "memory.memsw.*", ENOENT, "the kernel does not count swap: boot it with swapaccount=1" },
	{ "memory.swap.*", ENOENT, "the kernel does not count swap: boot it with swapaccount=1" },
	{ "memory.kmem.*", EOPNOTSUPP, "Linux has no limit of kernel memory since 5.16" },
	{ "memory.oom_control", EINVAL,
		"the OOM killer can be disabled in a group alone that has no "
		"groups below it" },
	{ "cgroup.subtree_control", EBUSY,
		"a v2 group with processes of its own can't give controllers to groups below it: "
		"choose a path below another group" },
	{ "cgroup.subtree_control", ENOENT,
		"the controller was not delegated to this group (see its cgroup.controllers); for "
		"a "
		"user without root set Delegate= of user@.service" },
	{ "cgroup.subtree_control", EOPNOTSUPP, "the group is threaded: choose another path" },
	{ "cpuset.cpus", EACCES, "the parent group does not have all of these processors" },
	{ "cpuset.mems", EACCES, "the parent group does not have all of these memory nodes" },
	{ "cpuset.cpus", EINVAL,
		"there is no such processor, or another group has it exclusively" },
	{ "cpuset.mems", EINVAL, "there is no such memory node" },
	{ "cpuset.*", ERANGE, "the number is beyond what this kernel was built for" },
	{ "cpuset.*", ENOSPC,
		"a group with processes needs at least one processor and memory node" },
	{ "cpuset.*", EBUSY, "groups below it use what would be taken away" },
	{ "devices.allow", EPERM,
		"the parent group does not have that device: allow it there first" },
	{ "devices.*", EINVAL,
		"the rule for all devices can't change while groups exist below it" },
	{ "cpu.rt_*", EINVAL,
		"the parent group has not that much real-time left: give it some in "
		"cpu.rt_runtime_us" },
	{ "cpu.cfs_*", EINVAL,
		"a period is 1000 to 1000000 microseconds, a quota at least 1000, and not more "
		"than "
		"the parent group has" },
	{ "cpu.max", EINVAL, "a period is 1000 to 1000000 microseconds, a quota at least 1000" },
	{ "cpu.max.burst", EINVAL, "a burst can't be larger than the quota" },
	{ "cpu.shares", EINVAL, "an idle group has no weight: set cpu.idle to 0 first" },
	{ "cpu.weight", EINVAL, "an idle group has no weight: set cpu.idle to 0 first" },
	{ "blkio.bfq.*", ENOENT,
		"no disk uses the BFQ scheduler, the only one with weights on v1" },
	{ "io.weight", ENOENT, "neither the BFQ scheduler nor io.cost is there to weigh disks" },
	{ "io.*", ENODEV, "there is no such disk; a partition can't be limited" },
	{ "blkio.*", ENODEV, "there is no such disk; a partition can't be limited" },
	{ "hugetlb.*", ENOENT, "this kernel has no huge pages of that size" },
	{ "net_prio.ifpriomap", ENODEV, "there is no such network interface" },
	{ "rdma.max", ENODEV, "there is no such RDMA device" },
	{ "rdma.max", EINVAL, "there is no such RDMA device" },
	{ "*", ENOENT,
		"the controller is not in force for this group, or the kernel has no such file" },
	{ "*", EROFS, "the control groups are mounted read-only here" },
	{ "*", EACCES, "this user may not change the group: run as root, or have it delegated" },
	{ "*", EPERM, "this user may not change the group: run as root, or have it delegated" },
};

static bool fits(const char *pattern, const char *file)
{
	size_t n = strlen(pattern);
	if (pattern[n - 1] == '*')
		return strncmp(file, pattern, n - 1) == 0;
	return strcmp(file, pattern) == 0;
}

static const char *hint_for(const char *file, int num)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].num == num && fits(refusals[i].file, file))
			return refusals[i].hint;
	return NULL;
}

/* One write; -errno on failure. Shrinking a memory limit is interrupted by signals. */
static int write_line(int file, struct str line)
{
	ssize_t n;
	do
		n = write(file, line.p, line.n);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static struct err *write_lines(const char *dir, const char *file, struct str text)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/%s", dir, file);
	cleanup(fd_close) struct fd fd = fd_own(open(buf_text(&path), O_WRONLY | O_CLOEXEC));
	if (!fd_valid(fd)) {
		int num = errno;
		return err_hint(err_sys(num, "open %s", buf_text(&path)), hint_for(file, num));
	}
	do {
		struct str line = str_cut(&text, '\n');
		int r = write_line(fd_num(fd), line);
		if (r < 0)
			return err_hint(err_sys(-r, "write '" STR_FMT "' to %s", STR_ARG(line),
						buf_text(&path)),
				hint_for(file, -r));
	} while (text.n);
	return NULL;
}

/* The parent group of @dir. */
static char *parent_of(const char *dir, struct arena *a)
{
	const char *slash = strrchr(dir, '/');
	return arena_str(a, (struct str){ dir, slash ? (size_t)(slash - dir) : 0 });
}

/* What the group @dir has in @file. One without gets what its parent has, for which that may have
 * to get something first; the hierarchy's top has everything. */
static struct err *inherited(const char *dir, const char *file, struct arena *a, const char **out)
{
	struct err *e = cgroup_read(dir, file, a, out);
	if (e || **out)
		return e;
	e = inherited(parent_of(dir, a), file, a, out);
	return e ? e : write_lines(dir, file, str_of(*out));
}

/* Drops from @wanted, "+memory +pids", what the file has: for what is enabled already the kernel
 * would still lock the hierarchy and wait for groups that are being removed. */
static struct err *enable(const char *dir, const char *file, struct str wanted, struct arena *a)
{
	const char *enabled;
	struct err *e = cgroup_read(dir, file, a, &enabled);
	if (e)
		return e;
	cleanup(buf_done) struct buf missing = {};
	while (wanted.n) {
		struct str word = str_cut(&wanted, ' ');
		struct str name = { word.p + 1, word.n - 1 };
		if (word.n && (*word.p != '+' || !str_lists(str_of(enabled), ' ', name)))
			buf_add(&missing, "%s" STR_FMT, missing.n ? " " : "", STR_ARG(word));
	}
	return missing.n ? write_lines(dir, file, (struct str){ missing.p, missing.n }) : NULL;
}

struct err *cgroup_set(const char *dir, const char *file, const char *text)
{
	cleanup(arena_done) struct arena scratch = {};
	if (!text)
		return inherited(dir, file, &scratch, &text);
	if (strcmp(file, "cgroup.subtree_control") == 0)
		return enable(dir, file, str_of(text), &scratch);
	return write_lines(dir, file, str_of(text));
}

static const char *mkdir_hint(int num)
{
	switch (num) {
	case EAGAIN:
		return "a group above allows no more groups: see cgroup.max.descendants and "
		       "cgroup.max.depth";
	case EROFS:
		return "the control groups are mounted read-only here";
	case EACCES:
	case EPERM:
		return "this user may not make control groups here: run as root, or have a group "
		       "delegated (a systemd user session does)";
	default:
		return NULL;
	}
}

struct err *cgroup_make(const char *dir, bool *created)
{
	*created = mkdir(dir, 0755) == 0;
	if (*created || errno == EEXIST)
		return NULL;
	int num = errno;
	cleanup(arena_done) struct arena scratch = {};
	char *parent = parent_of(dir, &scratch);
	if (num != ENOENT || !*parent)
		return err_hint(err_sys(num, "make control group %s", dir), mkdir_hint(num));
	bool above;
	struct err *e = cgroup_make(parent, &above);
	if (e)
		return e;
	*created = mkdir(dir, 0755) == 0;
	if (*created || errno == EEXIST)
		return NULL;
	num = errno;
	return err_hint(err_sys(num, "make control group %s", dir), mkdir_hint(num));
}
