#include "base/log.h"
#include "base/json_write.h"
#include "base/time.h"
#include <errno.h>
#include <unistd.h>

/* The words are those of the library that wrote the logs clients learnt to read. */
static const char *const level_names[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};
_Static_assert(ARRAY_LEN(level_names) == LEVELS, "every level has a name");

static const char *const format_names[] = {
	[LOG_TEXT] = "text",
	[LOG_JSON] = "json",
};
_Static_assert(ARRAY_LEN(format_names) == LOG_FORMATS, "every format has a name");

/* The one piece of state that the whole program shares. */
static struct log_sink sink = { STDERR_FILENO, LOG_TEXT, LEVEL_INFO };

void log_to(struct log_sink to)
{
	sink = to;
}

struct log_sink log_sink(void)
{
	return sink;
}

/* The index of @word in @names; -1 if it is not there. */
static int find(const char *const *names, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}

struct err *log_level_parse(const char *word, enum log_level *out)
{
	int i = find(level_names, LEVELS, word);
	if (i < 0)
		return err_new(
			ERR_USAGE, "'%s' is not a log level: debug, info, warning or error", word);
	*out = (enum log_level)i;
	return NULL;
}

struct err *log_format_parse(const char *word, enum log_format *out)
{
	int i = find(format_names, LOG_FORMATS, word);
	if (i < 0)
		return err_new(ERR_USAGE, "'%s' is not a log format: text or json", word);
	*out = (enum log_format)i;
	return NULL;
}

/* One message before it has a form. */
struct message {
	enum log_level level;
	const struct log_field *fields;
	size_t n;
	const char *text;
	struct moment when;
};

static void show_text(const struct message *m, struct buf *out)
{
	buf_add(out, "time=\"");
	time_show((struct moment){ m->when.s }, out);
	buf_add(out, "\" level=%s msg=", level_names[m->level]);
	json_quote(out, m->text);
	for (size_t i = 0; i < m->n; i++) {
		buf_add(out, " %s=", m->fields[i].key);
		json_quote(out, m->fields[i].value);
	}
}

static void show_json(const struct message *m, struct buf *out)
{
	struct json_writer w = { .out = out };
	json_open(&w, NULL, '{');
	for (size_t i = 0; i < m->n; i++)
		json_text(&w, m->fields[i].key, m->fields[i].value);
	json_text(&w, "level", level_names[m->level]);
	json_text(&w, "msg", m->text);
	cleanup(buf_done) struct buf when = {};
	time_show(m->when, &when);
	json_text(&w, "time", buf_text(&when));
	json_close(&w, '}');
}

static void (*const show[])(const struct message *m, struct buf *out) = {
	[LOG_TEXT] = show_text,
	[LOG_JSON] = show_json,
};
_Static_assert(ARRAY_LEN(show) == LOG_FORMATS, "every format can be written");

static void emit(struct message m)
{
	if (m.level < sink.least)
		return;
	int saved = errno;
	cleanup(buf_done) struct buf line = {};
	m.when = time_now();
	show[sink.format](&m, &line);
	buf_add(&line, "\n");
	/* A log that cannot be written has nobody to tell. */
	[[maybe_unused]] ssize_t n = write(sink.fd, line.p, line.n);
	errno = saved;
}

printf_like(4, 0) static void say(
	enum log_level level, const struct log_field *fields, size_t n, const char *fmt, va_list ap)
{
	cleanup(buf_done) struct buf text = {};
	buf_vadd(&text, fmt, ap);
	emit((struct message){ level, fields, n, buf_text(&text) });
}

void log_fields(
	enum log_level level, const struct log_field *fields, size_t n, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(level, fields, n, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(LEVEL_DEBUG, NULL, 0, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(LEVEL_INFO, NULL, 0, fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(LEVEL_WARNING, NULL, 0, fmt, ap);
	va_end(ap);
}

void log_error(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(LEVEL_ERROR, NULL, 0, fmt, ap);
	va_end(ap);
}
