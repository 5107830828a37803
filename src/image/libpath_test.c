#include "base/test.h"
#include "image/libpath.h"
#include <string.h>

static const char *const some[] = { "/system", NULL };
static const struct text_list system_dirs = { (const char **)(uintptr_t)some, 1 };

static void dirs_are(const struct object *o, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf got = {};
	struct text_list dirs = libpath_of(o, &system_dirs, &a);
	for (size_t i = 0; i < dirs.n; i++)
		buf_add(&got, "%s%s", i ? ":" : "", dirs.items[i]);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(libraries_are_looked_for_where_the_loader_looks)
{
	struct object program = { .origin = "/opt/app/bin" };
	dirs_are(&program, "/system");
	program.elf.rpath = "/r:$ORIGIN/../lib";
	dirs_are(&program, "/r:/opt/app/lib:/system");
	program.elf.runpath = "${ORIGIN}/x:relative::/$LIB";
	dirs_are(&program, "/opt/app/bin/x:/system");
	program.elf.no_default = true;
	dirs_are(&program, "/opt/app/bin/x");
}

/* RPATH is inherited, RUNPATH is not. */
TEST(libraries_are_looked_for_where_their_users_say)
{
	struct object program = { .origin = "/p", .elf.rpath = "/p/lib" };
	struct object middle = {
		.origin = "/m", .elf.rpath = "$ORIGIN/lib", .needed_by = &program
	};
	struct object library = { .origin = "/l", .needed_by = &middle };
	dirs_are(&library, "/m/lib:/p/lib:/system");
	middle.elf.runpath = "/run";
	dirs_are(&library, "/p/lib:/system");
	dirs_are(&middle, "/run:/system");
	library.elf.runpath = "/mine";
	dirs_are(&library, "/mine:/system");
}

TEST(libraries_of_musl_are_elsewhere)
{
	struct object program = { .origin = "/p", .elf.interpreter = "/lib/ld-musl-none.so.1" };
	dirs_are(&program, "/lib:/usr/local/lib:/usr/lib");
}

TEST(the_systems_directories_are_known)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list dirs = libpath_system(&a);
	bool found = false;
	for (size_t i = 0; i < dirs.n; i++) {
		CHECK(*dirs.items[i] == '/' && !strpbrk(dirs.items[i], " \t#"));
		found = found || strcmp(dirs.items[i], "/usr/lib") == 0;
	}
	CHECK(found);
}
