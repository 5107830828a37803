#include "base/fd.h"
#include "base/test.h"
#include "kernel/lock.h"
#include <fcntl.h>
#include <time.h>

static int64_t milliseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether @fd could be locked within @wait milliseconds. */
static bool locks(int fd, int wait)
{
	bool taken = false;
	cleanup(err_free) struct err *e = lock_take(fd, wait, &taken);
	CHECK(!e);
	return taken;
}

TEST(a_lock_excludes_and_a_wait_ends)
{
	char path[] = "/tmp/lock_test.XXXXXX";
	cleanup(fd_close) struct fd a = fd_own(mkostemp(path, O_CLOEXEC));
	cleanup(fd_close) struct fd b = fd_own(open(path, O_RDWR | O_CLOEXEC));
	unlink(path);
	CHECK(locks(fd_num(a), 0) && !locks(fd_num(b), 0));

	int64_t start = milliseconds();
	CHECK(!locks(fd_num(b), 60));
	int64_t waited = milliseconds() - start;
	CHECK(waited >= 55 && waited < 2000);

	lock_release(fd_num(a));
	CHECK(locks(fd_num(b), 60));
	CHECK(!locks(fd_num(a), 0));
	fd_close(&b);
	CHECK(locks(fd_num(a), -1));
}
