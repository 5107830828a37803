#include "base/test.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

TEST(files_are_replaced_whole)
{
	char dir[] = "/tmp/onggi-file-XXXXXX", path[64], other[64];
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(other, sizeof(other), "%s/b", dir);
	CHECK(!file_replace(AT_FDCWD, path, 0600, (struct bytes){ "one", 3 }));
	CHECK(symlink("a", other) == 0);
	CHECK(!file_replace(AT_FDCWD, other, 0600, (struct bytes){ "two", 3 }));
	cleanup(buf_done) struct buf a = {}, b = {};
	CHECK(!file_read(AT_FDCWD, path, 10, &a));
	CHECK(!file_read(AT_FDCWD, other, 10, &b));
	CHECK_TEXT(buf_text(&a), "one");
	CHECK_TEXT(buf_text(&b), "two");
	unlink(path);
	unlink(other);
	CHECK(rmdir(dir) == 0); /* nothing else is left in it */
}

TEST(a_file_larger_than_the_limit_is_refused)
{
	cleanup(buf_done) struct buf out = {};
	cleanup(err_free) struct err *e = file_read(AT_FDCWD, "/dev/zero", 100000, &out);
	CHECK(e && strstr(e->text, "larger than 100000 bytes"));
	CHECK(out.n < 200000);
}
