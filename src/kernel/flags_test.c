#include "base/test.h"
#include "kernel/compat.h"
#include "kernel/flags.h"
#include <linux/personality.h>

static void check(const struct words *names, uint64_t flags, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	words_show(names, flags, &got);
	CHECK_TEXT(buf_text(&got), want);
}

static void check_open(uint64_t flags, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	open_flags_show(flags, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(flags_are_named_and_joined)
{
	check(&clone_flags, CLONE_NEWPID | CLONE_NEWNS, "CLONE_NEWNS|CLONE_NEWPID");
	check(&clone_flags, CLONE_INTO_CGROUP, "CLONE_INTO_CGROUP");
	check(&mount_attr_flags, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME,
		"MOUNT_ATTR_NODEV|MOUNT_ATTR_NOATIME");
	check(&mount_flags, MS_REC | MS_SLAVE, "MS_REC|MS_SLAVE");
	check(&personality_flags, PER_LINUX32, "PER_LINUX32");
}

TEST(access_times_are_cleared_as_one_field)
{
	check(&mount_attr_flags, MOUNT_ATTR__ATIME, "MOUNT_ATTR__ATIME");
	check(&mount_attr_flags, MOUNT_ATTR_STRICTATIME, "MOUNT_ATTR_STRICTATIME");
}

TEST(unknown_flags_stay_a_number)
{
	check(&clone_flags, CLONE_NEWNET | 1ULL << 60, "CLONE_NEWNET|0x1000000000000000");
	check(&seccomp_load_flags, 1u << 30, "0x40000000");
}

TEST(open_flags_name_the_access_mode)
{
	check_open(O_RDONLY, "O_RDONLY");
	check_open(O_WRONLY | O_CLOEXEC, "O_WRONLY|O_CLOEXEC");
	check_open(O_RDWR | O_NOCTTY, "O_RDWR|O_NOCTTY");
	check_open(O_PATH | O_CLOEXEC, "O_PATH|O_CLOEXEC");
}
