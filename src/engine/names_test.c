#include "base/test.h"
#include "engine/names.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An engine without a run root: names need none. */
static struct engine make(char *path, struct arena *a)
{
	struct engine e = { .arena = a, .root = path };
	CHECK(mkdtemp(path));
	cleanup(err_free) struct err *bad = fd_open(&e.dir, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	CHECK(!bad);
	CHECK(mkdirat(fd_num(e.dir), "names", 0700) == 0);
	CHECK(mkdirat(fd_num(e.dir), "containers", 0700) == 0);
	return e;
}

static void unmake(struct engine *e)
{
	cleanup(err_free) struct err *bad = tree_remove(AT_FDCWD, e->root);
	CHECK(!bad);
	fd_close(&e->dir);
}

static const char *add(const struct engine *e, struct arena *a)
{
	const char *id = NULL;
	cleanup(err_free) struct err *bad = name_new_id(a, &id);
	CHECK(!bad && strlen(id) == ID_LENGTH);
	CHECK(mkdirat(fd_num(e->dir), arena_fmt(a, "containers/%s", id), 0700) == 0);
	return id;
}

static void check_resolves(
	const struct engine *e, const char *text, const char *id, struct arena *a)
{
	const char *found = NULL;
	cleanup(err_free) struct err *bad = name_resolve(e, text, a, &found);
	CHECK(!bad);
	CHECK_TEXT(found, id);
}

static void check_unknown(const struct engine *e, const char *text, struct arena *a)
{
	const char *found;
	cleanup(err_free) struct err *bad = name_resolve(e, text, a, &found);
	CHECK(bad && bad->kind == ERR_NOT_FOUND);
}

TEST(a_container_is_found_by_name_id_and_beginning)
{
	cleanup(arena_done) struct arena a = {};
	char path[] = "/tmp/names-XXXXXX";
	struct engine e = make(path, &a);
	const char *id = add(&e, &a);
	cleanup(err_free) struct err *bad = name_claim(&e, "web", id, &a);
	CHECK(!bad);
	check_resolves(&e, "web", id, &a);
	check_resolves(&e, "/web", id, &a);
	check_resolves(&e, id, id, &a);
	check_resolves(&e, arena_fmt(&a, "%.7s", id), id, &a);
	check_unknown(&e, "", &a);
	check_unknown(&e, "..", &a);
	check_unknown(&e, "../names/web", &a);
	check_unknown(&e, "we", &a);
	unmake(&e);
}

TEST(a_name_is_taken_once_but_not_by_the_dead)
{
	cleanup(arena_done) struct arena a = {};
	char path[] = "/tmp/names-XXXXXX";
	struct engine e = make(path, &a);
	const char *one = add(&e, &a), *two = add(&e, &a);
	cleanup(err_free) struct err *first = name_claim(&e, "web", one, &a);
	cleanup(err_free) struct err *again = name_claim(&e, "web", one, &a);
	cleanup(err_free) struct err *second = name_claim(&e, "web", two, &a);
	CHECK(!first && !again && second && second->kind == ERR_CONFLICT);
	cleanup(err_free) struct err *foreign = name_release(&e, "web", two, &a);
	CHECK(!foreign);
	check_resolves(&e, "web", one, &a);
	CHECK(unlinkat(fd_num(e.dir), arena_fmt(&a, "containers/%s", one), AT_REMOVEDIR) == 0);
	check_unknown(&e, "web", &a);
	cleanup(err_free) struct err *heir = name_claim(&e, "web", two, &a);
	CHECK(!heir);
	check_resolves(&e, "web", two, &a);
	unmake(&e);
}

TEST(names_have_the_letters_of_docker)
{
	static const char *const good[] = { "web", "a1", "A.b-c_d" };
	static const char *const bad[] = { "", "a", "-x", ".x", "_x", "a/b", "a b", "\xc3\xa4x",
		"a\nb" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		cleanup(err_free) struct err *e = name_check(good[i]);
		CHECK(!e);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(err_free) struct err *e = name_check(bad[i]);
		CHECK(e && e->kind == ERR_USAGE);
	}
}

TEST(random_names_are_names)
{
	cleanup(arena_done) struct arena a = {};
	for (int i = 0; i < 200; i++) {
		const char *name = NULL;
		cleanup(err_free) struct err *e = name_random(&a, &name);
		CHECK(!e);
		cleanup(err_free) struct err *bad = name_check(name);
		CHECK(!bad);
	}
}
