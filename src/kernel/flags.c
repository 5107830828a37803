#include "kernel/flags.h"
#include "kernel/compat.h"
#include <linux/personality.h>
#include <linux/seccomp.h>

static const struct word clone_rows[] = {
	{ "CLONE_NEWUSER", CLONE_NEWUSER },
	{ "CLONE_NEWNS", CLONE_NEWNS },
	{ "CLONE_NEWPID", CLONE_NEWPID },
	{ "CLONE_NEWNET", CLONE_NEWNET },
	{ "CLONE_NEWIPC", CLONE_NEWIPC },
	{ "CLONE_NEWUTS", CLONE_NEWUTS },
	{ "CLONE_NEWCGROUP", CLONE_NEWCGROUP },
	{ "CLONE_NEWTIME", CLONE_NEWTIME },
	{ "CLONE_PARENT", CLONE_PARENT },
	{ "CLONE_PIDFD", CLONE_PIDFD },
	{ "CLONE_VFORK", CLONE_VFORK },
	{ "CLONE_VM", CLONE_VM },
	{ "CLONE_INTO_CGROUP", CLONE_INTO_CGROUP },
};
const struct words clone_flags = WORDS(clone_rows);

/* The field of access times comes before its values: whoever clears it names it as a whole. */
static const struct word mount_attr_rows[] = {
	{ "MOUNT_ATTR_RDONLY", MOUNT_ATTR_RDONLY },
	{ "MOUNT_ATTR_NOSUID", MOUNT_ATTR_NOSUID },
	{ "MOUNT_ATTR_NODEV", MOUNT_ATTR_NODEV },
	{ "MOUNT_ATTR_NOEXEC", MOUNT_ATTR_NOEXEC },
	{ "MOUNT_ATTR__ATIME", MOUNT_ATTR__ATIME },
	{ "MOUNT_ATTR_NOATIME", MOUNT_ATTR_NOATIME },
	{ "MOUNT_ATTR_STRICTATIME", MOUNT_ATTR_STRICTATIME },
	{ "MOUNT_ATTR_NODIRATIME", MOUNT_ATTR_NODIRATIME },
	{ "MOUNT_ATTR_IDMAP", MOUNT_ATTR_IDMAP },
	{ "MOUNT_ATTR_NOSYMFOLLOW", MOUNT_ATTR_NOSYMFOLLOW },
};
const struct words mount_attr_flags = WORDS(mount_attr_rows);

static const struct word mount_rows[] = {
	{ "MS_RDONLY", MS_RDONLY },
	{ "MS_NOSUID", MS_NOSUID },
	{ "MS_NODEV", MS_NODEV },
	{ "MS_NOEXEC", MS_NOEXEC },
	{ "MS_REMOUNT", MS_REMOUNT },
	{ "MS_NOATIME", MS_NOATIME },
	{ "MS_BIND", MS_BIND },
	{ "MS_MOVE", MS_MOVE },
	{ "MS_REC", MS_REC },
	{ "MS_UNBINDABLE", MS_UNBINDABLE },
	{ "MS_PRIVATE", MS_PRIVATE },
	{ "MS_SLAVE", MS_SLAVE },
	{ "MS_SHARED", MS_SHARED },
	{ "MS_RELATIME", MS_RELATIME },
	{ "MS_STRICTATIME", MS_STRICTATIME },
};
const struct words mount_flags = WORDS(mount_rows);

static const struct word seccomp_rows[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_NEW_LISTENER", SECCOMP_FILTER_FLAG_NEW_LISTENER },
	{ "SECCOMP_FILTER_FLAG_TSYNC_ESRCH", SECCOMP_FILTER_FLAG_TSYNC_ESRCH },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
const struct words seccomp_load_flags = WORDS(seccomp_rows);

static const struct word personality_rows[] = {
	{ "PER_LINUX32", PER_LINUX32 },
	{ "UNAME26", UNAME26 },
	{ "ADDR_NO_RANDOMIZE", ADDR_NO_RANDOMIZE },
	{ "MMAP_PAGE_ZERO", MMAP_PAGE_ZERO },
	{ "READ_IMPLIES_EXEC", READ_IMPLIES_EXEC },
	{ "ADDR_LIMIT_32BIT", ADDR_LIMIT_32BIT },
	{ "ADDR_LIMIT_3GB", ADDR_LIMIT_3GB },
	{ "ADDR_COMPAT_LAYOUT", ADDR_COMPAT_LAYOUT },
};
const struct words personality_flags = WORDS(personality_rows);

static const struct word open_rows[] = {
	{ "O_CREAT", O_CREAT },
	{ "O_EXCL", O_EXCL },
	{ "O_TRUNC", O_TRUNC },
	{ "O_APPEND", O_APPEND },
	{ "O_NOCTTY", O_NOCTTY },
	{ "O_NONBLOCK", O_NONBLOCK },
	{ "O_PATH", O_PATH },
	{ "O_DIRECTORY", O_DIRECTORY },
	{ "O_NOFOLLOW", O_NOFOLLOW },
	{ "O_CLOEXEC", O_CLOEXEC },
};
static const struct words open_words = WORDS(open_rows);

static const char *const access_names[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
_Static_assert(ARRAY_LEN(access_names) == O_ACCMODE + 1, "every access mode has a name");

void open_flags_show(uint64_t flags, struct buf *out)
{
	uint64_t rest = flags & ~(uint64_t)O_ACCMODE;
	if (!(flags & O_PATH) || !rest)
		buf_add(out, "%s%s", access_names[flags & O_ACCMODE], rest ? "|" : "");
	if (rest)
		words_show(&open_words, rest, out);
}
