#include "base/test.h"
#include "cli/format.h"
#include "cli/ps_row.h"

static const char *args[] = { "sh", "-c", "sleep 1000000000", NULL };
static struct text_pair labels[] = { { "tier", "web" } };
static struct mount_request mounts[] = {
	{ .type = "bind", .source = "/srv/a-long-path/x", .target = "/x" },
	{ .type = "volume", .source = "data", .target = "/data" },
};

static const struct engine_container web = {
	.id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	.record = { .name = "web",
		.created = "2025-11-29T12:00:00.5Z",
		.started = "2025-11-29T12:01:00Z",
		.image_id =
			"sha256:fedcba98765432100123456789abcdef0123456789abcdef0123456789abcdef",
		.image_name = "docker.io/library/nginx:latest",
		.args = { args, 3 },
		.request = { .image = "nginx",
			.labels = { labels, 1 },
			.network = "host",
			.mounts = { mounts, 2 } } },
	.status = ENGINE_EXITED,
	.ended = true,
	.exit = { .code = 3, .finished = "2025-11-29T12:02:00Z" },
};
static const struct engine_container older = { .id = "ffff",
	.record.created = "2025-11-28T12:00:00Z" };

static bool fits(const char *filter, const struct ps_limits *l)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list given = {};
	struct filters f;
	text_list_add(&given, &a, filter);
	cleanup(err_free) struct err *e = filters_read(&given, PS_FILTERS, &a, &f);
	CHECK(!e);
	return ps_fits(&web, &f, l, &a);
}

TEST(ps_shows_what_fits_its_filters)
{
	static const char *const good[] = { "id=0123", "name=we", "status=exited", "exited=3",
		"label=tier", "label=tier=web", "ancestor=nginx", "ancestor=nginx:latest",
		"ancestor=docker.io/library/nginx", "ancestor=fedcba9876", "volume=data",
		"volume=/x", "network=host", "health=none", "label!=other" };
	static const char *const wrong[] = { "id=123", "name=^eb", "status=running", "exited=0",
		"label=tier=db", "ancestor=nginx:1", "ancestor=debian", "volume=other",
		"network=bridge", "health=healthy", "label!=tier" };
	static const struct ps_limits none = {};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!fits(good[i], &none))
			test_failed(__FILE__, __LINE__, "%s should fit", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (fits(wrong[i], &none))
			test_failed(__FILE__, __LINE__, "%s should not fit", wrong[i]);
}

TEST(ps_knows_before_and_since)
{
	CHECK(fits("since=ffff", &(struct ps_limits){ .since = &older }));
	CHECK(!fits("before=ffff", &(struct ps_limits){ .before = &older }));
	CHECK(!fits("before=web", &(struct ps_limits){ .before = &web }));
}

TEST(ps_refuses_filters_that_nothing_can_fit)
{
	static const char *const bad[] = { "status=asleep", "exited=x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		struct text_list given = {};
		struct filters f;
		text_list_add(&given, &a, bad[i]);
		cleanup(err_free) struct err *e = filters_read(&given, PS_FILTERS, &a, &f);
		CHECK(!e);
		cleanup(err_free) struct err *refused = ps_check_filters(&f);
		CHECK(refused && refused->kind == ERR_USAGE);
	}
}

static const struct {
	enum engine_status status;
	bool whole;
	const char *format, *want;
} rows[] = {
	{ ENGINE_EXITED, false, "{{.ID}}|{{.Image}}|{{.Command}}|{{.RunningFor}}|{{.Status}}",
		"0123456789ab|nginx|\"sh -c sleep 1000000\342\200\246\"|5 minutes ago|"
		"Exited (3) 3 minutes ago\n" },
	{ ENGINE_RUNNING, false, "{{.Status}}|{{.State}}", "Up 4 minutes|running\n" },
	{ ENGINE_PAUSED, false, "{{.Status}}", "Up 4 minutes (Paused)\n" },
	{ ENGINE_RESTARTING, false, "{{.Status}}", "Restarting (3) 3 minutes ago\n" },
	{ ENGINE_CREATED, false, "{{.Status}}", "Created\n" },
	{ ENGINE_DEAD, false, "{{.Status}}", "Dead\n" },
	{ ENGINE_EXITED, false, "{{.Mounts}}|{{.LocalVolumes}}|{{.Networks}}|{{.CreatedAt}}",
		"/srv/a-long-pa\342\200\246,data|1|host|2025-11-29 12:00:00 +0000 UTC\n" },
	{ ENGINE_EXITED, true, "{{len .ID}} {{.Command}} {{.Mounts}}",
		"64 \"sh -c sleep 1000000000\" /srv/a-long-path/x,data\n" },
	{ ENGINE_EXITED, false, "{{.Labels}} {{.Label \"tier\"}} {{.Names}}",
		"tier=web web web\n" },
};

TEST(ps_rows_say_what_dockers_say)
{
	static const struct format list = {};
	struct moment now;
	cleanup(err_free) struct err *never = time_parse(STR("2025-11-29T12:05:01Z"), &now);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(format_rows_done) struct format_rows r = { .arena = &a };
		cleanup(buf_done) struct buf out = {};
		struct engine_container c = web;
		c.status = rows[i].status;
		ps_row_write(format_row(&r), &c, rows[i].whole, now, &a);
		cleanup(err_free) struct err *e =
			format_print(&list, &r, rows[i].format, false, &out);
		CHECK(!e);
		CHECK_TEXT(buf_text(&out), rows[i].want);
	}
}
