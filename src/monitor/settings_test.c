#include "base/test.h"
#include "monitor/settings.h"
#include <signal.h>
#include <string.h>

static struct err *read_words(const char *const *words, struct settings *out)
{
	static char room[32][64];
	static char *list[33];
	size_t n = 0;
	for (; words[n]; n++) {
		snprintf(room[n], sizeof(room[n]), "%s", words[n]);
		list[n] = room[n];
	}
	list[n] = NULL;
	return settings_read(list, out);
}

TEST(settings_are_read)
{
	struct settings s;
	static const char *const words[] = { "id=web", "terminal=1", "log=k8s-file", "log-file=a",
		"log-size=10", "log-files=3", "timeout=7", "health-interval=5",
		"health-failure=kill", "--", "/bin/end", "-x", "--", "/bin/check", "y", NULL };
	CHECK(!read_words(words, &s));
	CHECK_TEXT(s.id, "web");
	CHECK(s.terminal && !s.input && s.timeout == 7 && s.stop_signal == SIGTERM);
	CHECK(s.log.form == LOG_FORM_K8S && s.log.size == 10 && s.log.files == 3);
	CHECK(s.health.interval == 5 && s.health.failure == FAILURE_KILL && s.health.retries == 3);
	CHECK_TEXT(s.program[0], "/bin/end");
	CHECK_TEXT(s.program[1], "-x");
	CHECK(!s.program[2]);
	CHECK_TEXT(s.check[0], "/bin/check");
	CHECK_TEXT(s.check[1], "y");
	CHECK(!s.check[2]);
}

TEST(a_log_without_a_file_is_none)
{
	struct settings s;
	static const char *const words[] = { "log=json-file", "--", "/bin/end", NULL };
	CHECK(!read_words(words, &s) && s.log.form == LOG_FORM_NONE && !s.check);
}

TEST(settings_that_cannot_be_are_refused)
{
	static const struct {
		const char *words[4];
		const char *error;
	} bad[] = {
		{ { "terminal=1" }, "no '--' with a program for the end" },
		{ { "--" }, "no program for the end" },
		{ { "--", "--", "x" }, "no program for the end" },
		{ { "health-interval=1", "--", "x" }, "no program for the health check" },
		{ { "terminal", "--", "x" }, "unknown setting 'terminal'" },
		{ { "=1", "--", "x" }, "unknown setting '=1'" },
		{ { "log=tape", "--", "x" }, "setting log: unknown value 'tape'" },
		{ { "stop-signal=0", "--", "x" }, "setting stop-signal" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct settings s;
		cleanup(err_free) struct err *e = read_words(bad[i].words, &s);
		cleanup(buf_done) struct buf text = {};
		if (e)
			err_show(e, &text);
		if (strncmp(buf_text(&text), bad[i].error, strlen(bad[i].error)) != 0)
			CHECK_TEXT(buf_text(&text), bad[i].error);
	}
}
