#include "base/test.h"
#include "cli/format.h"
#include "cli/health.h"
#include "cli/inspect.h"
#include "cli/ps_row.h"
#include <unistd.h>

static const char *check[] = { "CMD-SHELL", "true", NULL };

/* A container whose monitor wrote @text; @with says whether it has a health check. */
static struct engine_container container(const char *dir, const char *text, bool with)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/health.json", dir);
	FILE *f = fopen(buf_text(&path), "we");
	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	struct engine_container c = { .id = "01", .dir = dir, .status = ENGINE_RUNNING };
	c.record.request.health.test = (struct text_list){ check, with ? 2 : 0 };
	return c;
}

static const struct {
	const char *text;
	bool with;
	const char *health, *status; /* status: the end of what ps says */
} rows[] = {
	{ "{\"Status\":\"healthy\",\"FailingStreak\":0}\n", true, "healthy 0", " (healthy)" },
	{ "{\"Status\":\"starting\",\"FailingStreak\":1}", true, "starting 1",
		" (health: starting)" },
	{ "{\"Status\":\"unhealthy\",\"FailingStreak\":3}", true, "unhealthy 3", " (unhealthy)" },
	{ "{\"Status\":\"healthy\",\"FailingStreak\":0}", false, "none", "second" },
	{ "{\"Status\":", true, "none", "second" },
	{ "", true, "none", "second" },
};

static void check_row(size_t i, const struct engine_container *c)
{
	static const struct engine engine = { .root = "/r" };
	static const struct format form = {};
	cleanup(arena_done) struct arena a = {};
	cleanup(format_rows_done) struct format_rows inspected = { .arena = &a },
						     listed = { .arena = &a };
	cleanup(buf_done) struct buf out = {}, want = {}, status = {};
	inspect_container(format_row(&inspected), &engine, c, &a);
	cleanup(err_free) struct err *e = format_inspect(&inspected,
		"{{with .State.Health}}{{.Status}} {{.FailingStreak}}{{else}}none{{end}}", &out);
	CHECK(!e);
	buf_add(&want, "%s\n", rows[i].health);
	CHECK_TEXT(buf_text(&out), buf_text(&want));
	ps_row_write(format_row(&listed), c, false, time_now(), &a);
	cleanup(err_free) struct err *f =
		format_print(&form, &listed, "{{.Status}}", false, &status);
	CHECK(!f && strstr(buf_text(&status), rows[i].status));
}

TEST(health_is_what_the_monitor_wrote)
{
	char dir[] = "/tmp/onggi-health-XXXXXX";
	CHECK(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct engine_container c = container(dir, rows[i].text, rows[i].with);
		check_row(i, &c);
	}
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/health.json", dir);
	CHECK(unlink(buf_text(&path)) == 0 && rmdir(dir) == 0);
}
