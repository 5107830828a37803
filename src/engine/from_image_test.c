#include "base/test.h"
#include "engine/from_image.h"

#define TEXTS(...)                                                                                 \
	{                                                                                          \
		(const char *[]){ __VA_ARGS__, NULL },                                             \
			sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)                   \
	}

static const char *joined(const struct text_list *l, struct arena *a)
{
	const char *out = "";
	for (size_t i = 0; i < l->n; i++)
		out = arena_fmt(a, "%s%s%s", out, i ? " " : "", l->items[i]);
	return out;
}

/* Docker's table of what ENTRYPOINT, CMD, --entrypoint and the command make together. */
TEST(the_command_line)
{
	static const struct {
		bool set;
		const char *entrypoint, *command, *want;
	} rows[] = {
		{ false, NULL, NULL, "/entry -c default" },
		{ false, NULL, "mine", "/entry mine" },
		{ true, "other", NULL, "other" },
		{ true, "other", "mine", "other mine" },
		{ true, NULL, "mine", "mine" },
		{ true, NULL, NULL, "" },
	};
	const struct imgconf_run image = { .entrypoint = TEXTS("/entry"),
		.cmd = TEXTS("-c", "default") };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		struct container_request r = { .entrypoint_set = rows[i].set };
		struct text_list args = {};
		if (rows[i].entrypoint)
			text_list_add(&r.entrypoint, &a, rows[i].entrypoint);
		if (rows[i].command)
			text_list_add(&r.command, &a, rows[i].command);
		from_image(&image, &a, &r, &args);
		CHECK_TEXT(joined(&args, &a), rows[i].want);
	}
}

TEST(what_was_asked_goes_before_the_image)
{
	cleanup(arena_done) struct arena a = {};
	struct text_pair labels[] = { { "a", "image" }, { "b", "image" } };
	struct text_pair mine[] = { { "a", "asked" } };
	struct imgconf_key volumes[] = { { "/data" }, { "/other/" } };
	struct mount_request mount = { .type = "bind", .source = "/x", .target = "/data/" };
	const struct imgconf_run image = { .env = TEXTS("A=1", "B=1"),
		.user = "web",
		.working_dir = "/w",
		.labels = { labels, 2 },
		.volumes = { volumes, 2 } };
	struct container_request r = { .env = TEXTS("B=2", "C=2"),
		.workdir = "/mine",
		.labels = { mine, 1 },
		.mounts = { &mount, 1 } };
	struct text_list args = {};
	from_image(&image, &a, &r, &args);
	CHECK_TEXT(joined(&r.env, &a), "A=1 B=2 C=2");
	CHECK_TEXT(r.user, "web");
	CHECK_TEXT(r.workdir, "/mine");
	CHECK(r.labels.n == 2);
	const struct mount_request *m = r.mounts.items;
	CHECK(r.mounts.n == 2);
	CHECK_TEXT(m[1].target, "/other");
	CHECK_TEXT(m[1].type, "volume");
}
