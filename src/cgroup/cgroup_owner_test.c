/* Ownership of a directory that only looks like a group: what is given and what is not. */
#include "base/fd.h"
#include "base/test.h"
#include "cgroup/cgroup.h"
#include <fcntl.h>
#include <sys/stat.h>

static const char *const files[] = { "cgroup.procs", "cgroup.threads", "cgroup.subtree_control",
	"cgroup.freeze", "memory.max" };

static uid_t owner_of(int dir, const char *name)
{
	struct stat st;
	CHECK(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return st.st_uid;
}

TEST(a_group_is_given_to_a_user_without_its_limits)
{
	char path[] = "/tmp/onggi-owner-XXXXXX";
	if (geteuid() != 0)
		test_skipped("needs root");
	CHECK(mkdtemp(path));
	cleanup(fd_close) struct fd dir = fd_own(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		close(openat(fd_num(dir), files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	cleanup(err_free) struct err *e = cgroup_give(path, 1234);
	CHECK(!e);
	CHECK(owner_of(fd_num(dir), ".") == 1234);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CHECK(owner_of(fd_num(dir), files[i]) == (i < 3 ? 1234u : 0u));
		unlinkat(fd_num(dir), files[i], 0);
	}
	CHECK(rmdir(path) == 0);
	cleanup(err_free) struct err *gone = cgroup_give(path, 1234);
	CHECK(gone && gone->kind == ERR_NOT_FOUND);
}
