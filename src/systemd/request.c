#include "systemd/request.h"
#include "base/buf.h"
#include "base/num.h"
#include <errno.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20 };

static struct err *bad_line(const char *key, struct str value)
{
	return err_new(ERR_USAGE, "malformed request: %s " STR_FMT, key, STR_ARG(value));
}

static struct err *add_property(struct str text, struct arena *a, struct request *out)
{
	struct str rest = text, name = str_cut(&rest, '='), type = str_cut(&rest, ' ');
	if (name.n == 0 || type.n == 0)
		return bad_line("property", text);
	struct property *p = out->properties.items;
	p[out->properties.n++] =
		(struct property){ arena_str(a, name), arena_str(a, type), arena_str(a, rest) };
	return NULL;
}

static struct err *set_seconds(struct str value, struct request *out)
{
	int64_t n;
	struct err *e = num_parse(value, &n);
	if (!e && (n < 1 || n > 3600))
		e = bad_line("seconds", value);
	if (!e)
		out->seconds = (int)n;
	return e;
}

static struct err *add_line(struct str key, struct str value, struct arena *a, struct request *out)
{
	if (str_eq(key, STR("property")))
		return add_property(value, a, out);
	if (str_eq(key, STR("slice")))
		out->slice = arena_str(a, value);
	else if (str_eq(key, STR("description")))
		out->description = arena_str(a, value);
	else if (str_eq(key, STR("user")))
		out->user = str_eq(value, STR("1"));
	else if (str_eq(key, STR("seconds")))
		return set_seconds(value, out);
	else
		return bad_line(arena_str(a, key), value);
	return NULL;
}

struct err *request_parse(struct str text, struct arena *a, struct request *out)
{
	size_t lines = 1;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	struct str first = str_cut(&text, '\n');
	*out = (struct request){ .seconds = 10,
		.properties.items = anew(a, struct property, lines) };
	out->verb = arena_str(a, str_cut(&first, ' '));
	out->unit = arena_str(a, first);
	if (!*out->unit)
		return bad_line(out->verb, first);
	struct err *e = NULL;
	while (text.n && !e) {
		struct str line = str_cut(&text, '\n');
		if (line.n == 0)
			break;
		struct str key = str_cut(&line, ' ');
		e = add_line(key, line, a, out);
	}
	return e;
}

static bool is_complete(const struct buf *text)
{
	return text->n >= 2 && memcmp(text->p + text->n - 2, "\n\n", 2) == 0;
}

struct err *request_read(int fd, struct arena *a, struct request *out)
{
	cleanup(buf_done) struct buf text = {};
	while (!is_complete(&text)) {
		char *room = buf_room(&text, 4096);
		ssize_t n = read(fd, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read the request");
		if (n == 0 || text.n > REQUEST_MAX)
			return err_new(ERR_USAGE, "the request has no end");
		buf_grown(&text, (size_t)n);
	}
	return request_parse((struct str){ text.p, text.n }, a, out);
}
