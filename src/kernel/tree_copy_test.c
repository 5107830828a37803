#include "base/fd.h"
#include "base/test.h"
#include "kernel/tree.h"
#include "kernel/tree_copy.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int make_scratch(char *path)
{
	CHECK(mkdtemp(path));
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir >= 0);
	return dir;
}

static void put(int dir, const char *name, const char *text)
{
	int file = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	CHECK(write(file, text, strlen(text)) == (ssize_t)strlen(text));
	close(file);
}

TEST(a_copy_has_content_permissions_and_links)
{
	char path[] = "/tmp/tree-XXXXXX", text[16] = "";
	int top = make_scratch(path);
	struct stat st;
	CHECK(mkdirat(top, "from", 0751) == 0 && mkdirat(top, "to", 0700) == 0);
	CHECK(mkdirat(top, "from/sub", 0711) == 0);
	put(top, "from/sub/file", "content");
	CHECK(symlinkat("/nowhere", top, "from/link") == 0);
	int from = openat(top, "from", O_RDONLY | O_CLOEXEC),
	    to = openat(top, "to", O_RDONLY | O_CLOEXEC);
	cleanup(err_free) struct err *e = tree_copy(from, to);
	CHECK(!e);
	CHECK(fstat(to, &st) == 0 && (st.st_mode & 07777) == 0751);
	CHECK(fstatat(to, "sub", &st, 0) == 0 && (st.st_mode & 07777) == 0711);
	CHECK(readlinkat(to, "link", text, sizeof(text)) == 8);
	int file = openat(to, "sub/file", O_RDONLY | O_CLOEXEC);
	CHECK(read(file, text, sizeof(text)) == 7 && memcmp(text, "content", 7) == 0);
	close(file);
	close(from);
	close(to);
	cleanup(err_free) struct err *gone = tree_remove(top, "from");
	CHECK(!gone);
	gone = tree_remove(top, "to");
	CHECK(!gone);
	close(top);
	CHECK(rmdir(path) == 0);
}
