#include "base/path.h"
#include "base/test.h"

TEST(paths_are_cleaned)
{
	static const char *const samples[][2] = {
		{ "", "." },
		{ ".", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/..", "/" },
		{ "/../a", "/a" },
		{ "..", ".." },
		{ "../..", "../.." },
		{ "../../a/..", "../.." },
		{ "a/..", "." },
		{ "a/../..", ".." },
		{ "a//b/./c/", "a/b/c" },
		{ "/a/b/../../..", "/" },
		{ "/a/b/../c", "/a/c" },
		{ "./a", "a" },
		{ "a..b/...", "a..b/..." },
		{ "/a/b/c/../../d", "/a/d" },
	};
	cleanup(arena_done) struct arena a = {};
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		CHECK_TEXT(path_clean(&a, str_of(samples[i][0])), samples[i][1]);
}

TEST(paths_are_joined)
{
	cleanup(arena_done) struct arena a = {};
	CHECK_TEXT(path_join(&a, "/bundle", "rootfs"), "/bundle/rootfs");
	CHECK_TEXT(path_join(&a, "/bundle", "../x"), "/x");
	CHECK_TEXT(path_join(&a, "/bundle", "/srv//x/"), "/srv/x");
	CHECK_TEXT(path_join(&a, "/bundle", ""), "/bundle");
	CHECK_TEXT(path_join(&a, "a", "b"), "a/b");
}

TEST(paths_are_split)
{
	CHECK(str_eq(path_base(STR("/a/b")), STR("b")) && str_eq(path_dir(STR("/a/b")), STR("/a")));
	CHECK(str_eq(path_base(STR("/a")), STR("a")) && str_eq(path_dir(STR("/a")), STR("/")));
	CHECK(str_eq(path_base(STR("a")), STR("a")) && str_eq(path_dir(STR("a")), STR(".")));
	CHECK(str_eq(path_base(STR("/")), STR("/")) && str_eq(path_dir(STR("/")), STR("/")));
}

TEST(below_is_decided_by_components)
{
	CHECK(path_is_below(STR("/a/b"), STR("/a")) && path_is_below(STR("/a"), STR("/")));
	CHECK(!path_is_below(STR("/a"), STR("/a")) && !path_is_below(STR("/"), STR("/")));
	CHECK(!path_is_below(STR("/ab"), STR("/a")) && !path_is_below(STR("a"), STR("/")));
	CHECK(!path_is_below(STR("/proc"), STR("/proc/sys")));
}

TEST(components_are_cut_one_by_one)
{
	struct str path = STR("//a/bc//");
	CHECK(str_eq(path_cut(&path), STR("a")));
	CHECK(str_eq(path_cut(&path), STR("bc")));
	CHECK(path_cut(&path).n == 0 && path_cut(&path).n == 0);
}
