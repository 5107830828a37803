#include "base/test.h"
#include "kernel/file.h"
#include "runtime/record.h"
#include <fcntl.h>
#include <sys/stat.h>

/* A root in a new directory, which the test removes with done(). */
static struct state_root root_in(char *template, struct arena *a)
{
	struct state_root root = {};
	CHECK(mkdtemp(template));
	cleanup(err_free) struct err *e =
		state_root_open(arena_fmt(a, "%s/deep/root", template), true, a, &root);
	CHECK(!e);
	return root;
}

static void done(struct state_root *root, const char *template)
{
	char command[256];
	state_root_close(root);
	snprintf(command, sizeof(command), "rm -rf %s", template);
	CHECK(system(command) == 0);
}

#define REFUSED(call, want)                                                                        \
	do {                                                                                       \
		cleanup(err_free) struct err *refused = (call);                                    \
		CHECK(refused);                                                                    \
		CHECK_TEXT(refused->text, want);                                                   \
	} while (0)
#define DONE(call)                                                                                 \
	do {                                                                                       \
		cleanup(err_free) struct err *failed = (call);                                     \
		if (failed)                                                                        \
			test_failed(__FILE__, __LINE__, "%s", failed->text);                       \
	} while (0)

TEST(ids_are_checked)
{
	static const char *const good[] = { "a", "web-1", "A_b+c.d", "..x", "-x" };
	static const char *const bad[] = { "", ".", "..", "a/b", "a b", "\303\244", "a\n" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		DONE(state_check_id(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(err_free) struct err *e = state_check_id(bad[i]);
		CHECK(e && strstr(e->text, "invalid container id format"));
	}
	char longest[257] = "";
	memset(longest, 'a', 255);
	DONE(state_check_id(longest));
	longest[255] = 'a';
	cleanup(err_free) struct err *e = state_check_id(longest);
	CHECK(e);
}

TEST(an_id_is_claimed_once)
{
	char dir[] = "/tmp/state_test.XXXXXX";
	cleanup(arena_done) struct arena a = {};
	struct state_root root = root_in(dir, &a);
	cleanup(state_close) struct state one = {}, two = {};
	REFUSED(state_open(&root, "web", &a, &two), "container does not exist: web");
	DONE(state_claim(&root, "web", &a, &one));
	REFUSED(state_claim(&root, "web", &a, &two), "container with given ID already exists: web");

	struct stat st;
	CHECK(stat(one.path, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(stat(root.path, &st) == 0 && (st.st_mode & 0077) <= 0011);
	CHECK_TEXT(state_path(&one, "gate", &a), arena_fmt(&a, "%s/web/gate", root.path));

	DONE(state_remove(&one));
	DONE(state_remove(&one));
	REFUSED(state_open(&root, "web", &a, &two), "container does not exist: web");
	done(&root, dir);
}

TEST(the_lock_is_held_by_one_and_not_on_what_was_removed)
{
	char dir[] = "/tmp/state_test.XXXXXX";
	cleanup(arena_done) struct arena a = {};
	struct state_root root = root_in(dir, &a);
	cleanup(state_close) struct state one = {}, two = {}, again = {};
	DONE(state_claim(&root, "web", &a, &one));
	DONE(state_open(&root, "web", &a, &two));
	CHECK(state_is_locked(&two));
	REFUSED(state_lock(&two, 0), "container web is being changed by another process");
	REFUSED(state_lock(&two, 30), "container web is being changed by another process");
	DONE(state_remove(&one));
	state_unlock(&one);
	REFUSED(state_lock(&two, 0), "container does not exist: web");
	DONE(state_claim(&root, "web", &a, &again));
	REFUSED(state_lock(&two, 0), "container does not exist: web");
	done(&root, dir);
}

TEST(removal_takes_what_was_left_half_written)
{
	char dir[] = "/tmp/state_test.XXXXXX";
	cleanup(arena_done) struct arena a = {};
	struct state_root root = root_in(dir, &a);
	cleanup(state_close) struct state s = {};
	DONE(state_claim(&root, "web", &a, &s));
	DONE(state_write_config(&s, (struct bytes){ "{}", 2 }));
	DONE(file_replace(fd_num(s.dir), "record.json.17.new", 0600, (struct bytes){ "{", 1 }));
	cleanup(buf_done) struct buf config = {};
	DONE(state_read_config(&s, &config));
	CHECK_TEXT(buf_text(&config), "{}");
	DONE(state_remove(&s));
	struct text_list ids;
	DONE(state_list(&root, &a, &ids));
	CHECK(ids.n == 0);
	done(&root, dir);
}

TEST(containers_are_listed_by_name)
{
	char dir[] = "/tmp/state_test.XXXXXX";
	cleanup(arena_done) struct arena a = {};
	struct state_root root = root_in(dir, &a), none = {};
	cleanup(state_close) struct state b = {}, c = {};
	DONE(state_claim(&root, "b", &a, &b));
	DONE(state_claim(&root, "a", &a, &c));
	CHECK(mkdirat(fd_num(root.dir), "not an id", 0700) == 0);
	DONE(file_replace(fd_num(root.dir), "file", 0600, (struct bytes){ "", 0 }));
	struct text_list ids;
	DONE(state_list(&root, &a, &ids));
	CHECK(ids.n == 2 && !ids.items[2]);
	CHECK_TEXT(ids.items[0], "a");

	DONE(state_root_open(arena_fmt(&a, "%s/nothing", dir), false, &a, &none));
	DONE(state_list(&none, &a, &ids));
	CHECK(ids.n == 0);
	REFUSED(state_open(&none, "a", &a, &b), "container does not exist: a");
	done(&root, dir);
}

TEST(the_root_directory_of_the_host_is_no_root)
{
	cleanup(arena_done) struct arena a = {};
	struct state_root root = {};
	REFUSED(state_root_open("/", true, &a, &root), "--root can't be /");
	REFUSED(state_root_open("//tmp/../.", true, &a, &root), "--root can't be /");
	REFUSED(state_root_open("", true, &a, &root), "--root can't be empty");
}
