#include "base/fd.h"
#include "base/test.h"
#include "kernel/sys_calls.h"
#include "kernel/sys_fake.h"
#include <errno.h>
#include <string.h>

/* The length of a table indexed by an enum shows no hole in its middle. */
TEST(every_call_has_a_row)
{
	for (int call = SYS_NONE; call < SYS_CALLS; call++) {
		if (!sys_table[call].name || !sys_table[call].args)
			test_failed(__FILE__, __LINE__, "system call %d has no row", call);
		CHECK(strlen(sys_table[call].args) <= 6);
	}
}

TEST(linux_takes_all_arguments_and_returns_errors_as_values)
{
	struct statx st;
	CHECK(sys_statx(&sys_linux, AT_FDCWD, "/dev/null", 0, STATX_TYPE, &st) == 0);
	CHECK(S_ISCHR(st.stx_mode) && st.stx_rdev_major == 1 && st.stx_rdev_minor == 3);
	CHECK(sys_statx(&sys_linux, AT_FDCWD, "/nowhere", 0, STATX_TYPE, &st) == -ENOENT);

	errno = 0;
	CHECK(sys_close(&sys_linux, -1) == -EBADF);
	CHECK(errno == 0);
}

TEST(linux_opens_below_a_directory)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	cleanup(fd_close) struct fd dev = {};
	CHECK(!fd_open(&dev, AT_FDCWD, "/dev", O_PATH));
	cleanup(fd_close) struct fd null =
		fd_own((int)sys_openat2(&sys_linux, fd_num(dev), "/../null", &how));
	CHECK(fd_valid(null));
}

TEST(devices_are_encoded_as_the_kernel_does)
{
	CHECK(sys_device(1, 3) == 0x103);
	CHECK(sys_device(0xfff, 0xfffff) == 0xffffffff);
	CHECK(sys_device(8, 0x123) == 0x100823);
}

TEST(the_fake_kernel_writes_down_and_fails_when_told)
{
	cleanup(buf_done) struct buf log = {};
	struct sys_fake fake = sys_fake(&log);
	fake.fail_at = 2;
	fake.fail_with = EPERM;
	CHECK(sys_umount2(&fake.sys, ".", 2) == 0);
	CHECK(sys_sethostname(&fake.sys, "web", 3) == -EPERM);
	CHECK(sys_fsopen(&fake.sys, "proc", 1) == 100);
	CHECK_TEXT(buf_text(&log), "umount2(\".\", 0x2)\n"
				   "sethostname(\"web\", 3)\n"
				   "fsopen(\"proc\", 0x1)\n");
}
