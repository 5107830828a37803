#include "base/fd.h"
#include "base/test.h"
#include "image/mirror.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A host with what is to be copied in "from", and a new root in "to". */
struct world {
	char dir[40];
	struct arena arena;
	struct fd root;
	struct mirror mirror;
};

static const char *in(struct world *w, const char *path)
{
	return arena_fmt(&w->arena, "%s/%s", w->dir, path);
}

static void run(struct world *w, const char *commands)
{
	CHECK(system(arena_fmt(&w->arena, "cd %s && %s", w->dir, commands)) == 0);
}

static void setup(struct world *w, const char *commands)
{
	*w = (struct world){ .dir = "/tmp/onggi-mirror-XXXXXX" };
	CHECK(mkdtemp(w->dir));
	run(w, "mkdir from to");
	run(w, commands);
	CHECK(!fd_open(&w->root, AT_FDCWD, in(w, "to"), O_PATH | O_DIRECTORY));
	w->mirror = (struct mirror){ .root = fd_num(w->root), .arena = &w->arena };
}

static void world_done(struct world *w)
{
	run(w, "rm -r from to");
	rmdir(w->dir);
	fd_close(&w->root);
	arena_done(&w->arena);
}

/* The same file as it is found below the new root. */
static const char *there(struct world *w, const char *path)
{
	return arena_fmt(&w->arena, "%s/to%s/%s", w->dir, w->dir, path);
}

static void copied(struct world *w, const char *path)
{
	struct err *e = mirror_path(&w->mirror, in(w, path));
	if (e)
		err_print(e, stderr, "mirror_test");
	CHECK(!e);
}

static void file_is(const char *path, const char *want)
{
	cleanup(buf_done) struct buf text = {};
	CHECK(!file_read(AT_FDCWD, path, 4096, &text));
	CHECK_TEXT(buf_text(&text), want);
}

static void link_is(const char *path, const char *want)
{
	char target[200];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	CHECK(n > 0);
	target[n] = '\0';
	CHECK_TEXT(target, want);
}

TEST(a_file_is_copied_with_mode_and_time)
{
	cleanup(world_done) struct world w;
	setup(&w, "echo hello > from/f && chmod 4751 from/f && touch -d @1000000000 from/f");
	umask(077);
	copied(&w, "from/f");
	struct stat st;
	file_is(there(&w, "from/f"), "hello\n");
	CHECK(stat(there(&w, "from/f"), &st) == 0);
	CHECK((st.st_mode & 07777) == 0751 && st.st_mtim.tv_sec == 1000000000);
	CHECK(stat(there(&w, "from"), &st) == 0 && (st.st_mode & 07777) == 0755);
	CHECK(w.mirror.files == 1 && w.mirror.bytes == 6);
}

TEST(links_on_the_way_are_kept)
{
	cleanup(world_done) struct world w;
	setup(&w, "mkdir -p from/usr/lib && echo lib > from/usr/lib/l.so.1.2 && "
		  "ln -s l.so.1.2 from/usr/lib/l.so.1 && ln -s usr/lib from/lib && "
		  "ln -s $PWD/from/lib/l.so.1 from/absolute && ln -s ../from/lib/../lib/l.so.1 "
		  "from/up");
	copied(&w, "from/lib/l.so.1");
	link_is(there(&w, "from/lib"), "usr/lib");
	link_is(there(&w, "from/usr/lib/l.so.1"), "l.so.1.2");
	file_is(there(&w, "from/usr/lib/l.so.1.2"), "lib\n");
	copied(&w, "from/absolute");
	link_is(there(&w, "from/absolute"), in(&w, "from/lib/l.so.1"));
	copied(&w, "from/up");
	link_is(there(&w, "from/up"), "../from/lib/../lib/l.so.1");
	copied(&w, "from/lib/l.so.1"); /* again, over what is there */
}

TEST(what_changed_is_copied_again)
{
	cleanup(world_done) struct world w;
	setup(&w, "echo one > from/f && touch -d @1000 from/f");
	copied(&w, "from/f");
	run(&w, "echo two > from/f && touch -d @2000 from/f");
	copied(&w, "from/f");
	file_is(there(&w, "from/f"), "two\n");
	run(&w, "echo six > from/f && touch -d @2000 from/f"); /* looks the same */
	copied(&w, "from/f");
	file_is(there(&w, "from/f"), "two\n");
}

static void fails(struct world *w, const char *path, const char *words)
{
	cleanup(err_free) struct err *e = mirror_path(&w->mirror, in(w, path));
	if (!e || !strstr(e->text, words))
		test_failed(__FILE__, __LINE__, "%s, not %s", e ? e->text : "no error", words);
}

TEST(what_can_not_be_copied_is_named)
{
	cleanup(world_done) struct world w;
	setup(&w, "mkfifo from/fifo && ln -s loop from/loop && ln -s gone from/dangling");
	fails(&w, "from/missing", "from/missing: no such file");
	fails(&w, "from/fifo", "from/fifo is not a file");
	fails(&w, "from/loop", "too many levels");
	fails(&w, "from/dangling", "from/gone: no such file");
}

/* The new root may not lead out of itself, whatever is in it already. */
TEST(links_in_the_new_root_are_not_followed)
{
	cleanup(world_done) struct world w;
	setup(&w, "mkdir -p from/d from/victim && echo evil > from/d/f && "
		  "mkdir -p to$PWD/from && ln -s $PWD/from/victim to$PWD/from/d");
	fails(&w, "from/d/f", "not a directory");
	CHECK(access(in(&w, "from/victim/f"), F_OK) < 0);
}

TEST(files_of_our_own_replace_nothing)
{
	cleanup(world_done) struct world w;
	setup(&w, "umask 022; mkdir to/etc; echo mine > to/etc/passwd");
	CHECK(!mirror_text(&w.mirror, "/etc/passwd", 0644, (struct bytes){ "ours\n", 5 }));
	file_is(in(&w, "to/etc/passwd"), "mine\n");
	CHECK(!mirror_text(&w.mirror, "/etc/group", 0644, (struct bytes){ "ours\n", 5 }));
	file_is(in(&w, "to/etc/group"), "ours\n");
	CHECK(!mirror_dir(&w.mirror, "/var/tmp", 01777));
	struct stat st;
	CHECK(stat(in(&w, "to/var/tmp"), &st) == 0 && (st.st_mode & 07777) == 01777);
}
