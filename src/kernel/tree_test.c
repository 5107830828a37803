#include "base/fd.h"
#include "base/test.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(trees_deeper_than_descriptors_are_removed)
{
	enum { DEPTH = 3000 };
	char top[] = "/tmp/onggi-tree-XXXXXX";
	CHECK(mkdtemp(top));
	cleanup(fd_close) struct fd dir = {}, at = {};
	CHECK(!fd_open(&dir, AT_FDCWD, top, O_RDONLY | O_DIRECTORY));
	CHECK(mkdirat(fd_num(dir), "x", 0700) == 0);
	CHECK(!fd_open(&at, fd_num(dir), "x", O_RDONLY | O_DIRECTORY));
	for (int i = 0; i < DEPTH; i++) {
		cleanup(fd_close) struct fd up = fd_take(&at);
		CHECK(mkdirat(fd_num(up), "d", 0700) == 0);
		CHECK(mknodat(fd_num(up), "file", S_IFREG | 0400, 0) == 0);
		CHECK(!fd_open(&at, fd_num(up), "d", O_RDONLY | O_DIRECTORY));
	}
	CHECK(symlinkat("/etc", fd_num(at), "link") == 0);
	fd_close(&at);
	CHECK(!tree_remove(fd_num(dir), "x"));
	CHECK(faccessat(fd_num(dir), "x", F_OK, 0) < 0);
	CHECK(!tree_remove(fd_num(dir), "x"));
	CHECK(access("/etc/passwd", F_OK) == 0);
	CHECK(rmdir(top) == 0);
}

TEST(a_link_is_removed_and_not_followed)
{
	char top[] = "/tmp/onggi-tree-XXXXXX";
	CHECK(mkdtemp(top));
	cleanup(fd_close) struct fd dir = {};
	CHECK(!fd_open(&dir, AT_FDCWD, top, O_RDONLY | O_DIRECTORY));
	CHECK(mkdirat(fd_num(dir), "kept", 0700) == 0);
	CHECK(mknodat(fd_num(dir), "kept/file", S_IFREG | 0600, 0) == 0);
	CHECK(symlinkat("kept", fd_num(dir), "x") == 0);
	CHECK(!tree_remove(fd_num(dir), "x"));
	CHECK(faccessat(fd_num(dir), "kept/file", F_OK, 0) == 0);
	CHECK(!tree_remove(fd_num(dir), "kept"));
	CHECK(rmdir(top) == 0);
}
