#include "base/fd.h"
#include "base/test.h"
#include "kernel/file.h"
#include "planner/passwd.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A directory of its own for each test, as root of a container. */
static void make_root(char path[static 32], struct fd *root)
{
	strcpy(path, "/tmp/onggi-passwd-XXXXXX");
	CHECK(mkdtemp(path));
	cleanup(err_free) struct err *e = fd_open(root, AT_FDCWD, path, O_PATH);
	CHECK(!e);
	CHECK(mkdirat(fd_num(*root), "etc", 0755) == 0);
}

static void remove_root(const char *path, struct fd *root)
{
	unlinkat(fd_num(*root), "etc/passwd", 0);
	unlinkat(fd_num(*root), "etc/other", 0);
	unlinkat(fd_num(*root), "etc", AT_REMOVEDIR);
	fd_close(root);
	CHECK(rmdir(path) == 0);
}

static void write_file(int root, const char *name, const char *text)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* The home of a user, "-" if there is none. */
static void check_home(int root, uint32_t uid, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct passwd_entry entry;
	bool found;
	cleanup(err_free) struct err *e =
		passwd_by_uid(root, "/etc/passwd", uid, &a, &entry, &found);
	if (e)
		test_failed(__FILE__, __LINE__, "%s", e->text);
	CHECK_TEXT(found ? entry.home : "-", want);
}

TEST(users_are_found_by_number)
{
	char path[32];
	struct fd root = {};
	make_root(path, &root);
	check_home(fd_num(root), 0, "-");
	write_file(fd_num(root), "etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\n"
		"# a remark\n"
		"\n"
		"short:x:7:7\n"
		"7:x:00007:7::/seven:\n"
		"again:x:7:7::/later:\n"
		"a:x:+8:8::/plus:\n"
		"b:x: 8:8::/space:\n"
		"c:x:0x8:8::/hex:\n"
		"d:x:-8:8::/minus:\n"
		"e:x:4294967304:8::/wraps:\n"
		"f:x:18446744073709551624:8::/wraps:\n"
		":x:8:8::/nameless:\n"
		"g:x:8::no group:/nogroup:\n"
		"h:x:8:8::/eight:/bin/x:and more\n"
		"nohome:x:9:9:::\n"
		"last:x:4294967294:1::/last:");
	check_home(fd_num(root), 0, "/root");
	check_home(fd_num(root), 7, "/seven");
	check_home(fd_num(root), 8, "/eight");
	check_home(fd_num(root), 9, "");
	check_home(fd_num(root), 10, "-");
	check_home(fd_num(root), 4294967294, "/last");
	remove_root(path, &root);
}

/* What an image may bring instead of a file. */
TEST(only_a_file_below_the_root_is_read)
{
	char path[32];
	struct fd root = {};
	make_root(path, &root);
	int dir = fd_num(root);
	CHECK(mkfifoat(dir, "etc/passwd", 0666) == 0);
	check_home(dir, 0, "-");
	unlinkat(dir, "etc/passwd", 0);
	CHECK(symlinkat("/dev/zero", dir, "etc/passwd") == 0);
	check_home(dir, 0, "-");
	unlinkat(dir, "etc/passwd", 0);
	CHECK(symlinkat("../../../../../../../etc/passwd", dir, "etc/passwd") == 0);
	check_home(dir, 0, "-");
	unlinkat(dir, "etc/passwd", 0);
	CHECK(symlinkat("/etc/other", dir, "etc/passwd") == 0);
	write_file(dir, "etc/other", "root:x:0:0::/inside:\n");
	check_home(dir, 0, "/inside");
	remove_root(path, &root);
}

TEST(a_file_that_is_too_large_is_refused_at_once)
{
	char path[32];
	struct fd root = {};
	make_root(path, &root);
	write_file(fd_num(root), "etc/passwd", "root:x:0:0::/root:\n");
	int fd = openat(fd_num(root), "etc/passwd", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, 1 << 30) == 0);
	close(fd);
	cleanup(arena_done) struct arena a = {};
	struct passwd_entry entry;
	bool found;
	cleanup(err_free) struct err *e =
		passwd_by_uid(fd_num(root), "/etc/passwd", 0, &a, &entry, &found);
	CHECK(e && !found);
	CHECK_TEXT(e->text, "read /etc/passwd: larger than 10485760 bytes");
	remove_root(path, &root);
}
