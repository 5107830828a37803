#include "base/json.h"
#include "base/log.h"
#include "base/test.h"
#include <fcntl.h>
#include <unistd.h>

/* What @say makes of its turn, written into @out. */
static void logged(enum log_format format, enum log_level least, void (*say)(void), char out[512])
{
	int pipes[2];
	CHECK(pipe2(pipes, O_CLOEXEC) == 0);
	log_to((struct log_sink){ pipes[1], format, least });
	say();
	close(pipes[1]);
	ssize_t n = read(pipes[0], out, 511);
	close(pipes[0]);
	out[n > 0 ? n : 0] = 0;
}

static void complain(void)
{
	log_debug("not %s", "shown");
	log_error("mount \"%s\": no such file\nhint: none", "/x");
}

TEST(text_form_is_one_line)
{
	char line[512];
	logged(LOG_TEXT, LEVEL_INFO, complain, line);
	CHECK(strncmp(line, "time=\"20", 8) == 0);
	const char *rest = strchr(line + 6, '"');
	CHECK_TEXT(rest, "\" level=error msg=\"mount \\\"/x\\\": no such file\\nhint: none\"\n");
}

TEST(json_form_is_an_object_a_line)
{
	char line[512];
	logged(LOG_JSON, LEVEL_WARNING, complain, line);
	cleanup(arena_done) struct arena a = {};
	const struct json *doc;
	cleanup(err_free) struct err *e = json_read(str_of(line), "log", &a, &doc);
	CHECK(!e && doc->n == 3 && line[strlen(line) - 1] == '\n' && !strstr(line, "}\n{"));
	CHECK_TEXT(json_get(doc, "level")->text.p, "error");
	CHECK_TEXT(json_get(doc, "msg")->text.p, "mount \"/x\": no such file\nhint: none");
	CHECK(json_get(doc, "time")->text.n >= 20);
}

static void say_all(void)
{
	log_debug("a");
	log_info("b");
	log_warn("c");
	log_fields(LEVEL_ERROR, (const struct log_field[]){ { "id", "web" }, { "op", "kill" } }, 2,
		"d%d", 1);
}

TEST(levels_are_a_threshold)
{
	char text[512];
	logged(LOG_TEXT, LEVEL_WARNING, say_all, text);
	CHECK(!strstr(text, "level=debug") && !strstr(text, "level=info"));
	CHECK(strstr(text, "level=warning msg=\"c\"\n"));
	CHECK(strstr(text, "level=error msg=\"d1\" id=\"web\" op=\"kill\"\n"));
	logged(LOG_TEXT, LEVEL_DEBUG, say_all, text);
	CHECK(strstr(text, "level=debug msg=\"a\"\n") && strstr(text, "level=info msg=\"b\"\n"));
}

TEST(words_of_the_command_line)
{
	enum log_level level;
	enum log_format format;
	cleanup(err_free) struct err *a = log_level_parse("warning", &level);
	cleanup(err_free) struct err *b = log_format_parse("json", &format);
	CHECK(!a && level == LEVEL_WARNING && !b && format == LOG_JSON);
	cleanup(err_free) struct err *c = log_level_parse("loud", &level);
	CHECK_TEXT(c->text, "'loud' is not a log level: debug, info, warning or error");
	cleanup(err_free) struct err *d = log_format_parse("xml", &format);
	CHECK_TEXT(d->text, "'xml' is not a log format: text or json");
}
