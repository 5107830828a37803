#include "base/json_write.h"
#include "base/utf8.h"
#include <inttypes.h>

static void break_line(struct json_writer *w)
{
	static const char tabs[] = "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t";
	if (w->style == JSON_COMPACT)
		return;
	int n = w->depth < (int)sizeof(tabs) - 1 ? w->depth : (int)sizeof(tabs) - 1;
	buf_add(w->out, "\n%.*s", n, tabs);
}

/* Everything before a value: the comma, the line, the key. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->started)
		buf_add(w->out, ",");
	if (w->depth)
		break_line(w);
	w->started = true;
	if (!key)
		return;
	json_quote(w->out, key);
	buf_add(w->out, w->style == JSON_COMPACT ? ":" : ": ");
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	begin(w, key);
	buf_add(w->out, "%c", bracket);
	w->depth++;
	w->started = false;
}

void json_close(struct json_writer *w, char bracket)
{
	w->depth--;
	if (w->started)
		break_line(w);
	buf_add(w->out, "%c", bracket);
	w->started = true;
}

void json_text(struct json_writer *w, const char *key, const char *text)
{
	begin(w, key);
	if (text)
		json_quote(w->out, text);
	else
		buf_add(w->out, "null");
}

void json_int(struct json_writer *w, const char *key, int64_t n)
{
	begin(w, key);
	buf_add(w->out, "%" PRId64, n);
}

void json_uint(struct json_writer *w, const char *key, uint64_t n)
{
	begin(w, key);
	buf_add(w->out, "%" PRIu64, n);
}

void json_bool(struct json_writer *w, const char *key, bool yes)
{
	begin(w, key);
	buf_add(w->out, yes ? "true" : "false");
}

void json_raw(struct json_writer *w, const char *key, struct str text)
{
	begin(w, key);
	buf_put(w->out, text.p, text.n);
}

static size_t plain_length(const char *p)
{
	size_t n = 0;
	while ((unsigned char)p[n] >= 0x20 && (unsigned char)p[n] < 0x80 && p[n] != '"' &&
		p[n] != '\\')
		n++;
	return n;
}

/* One character that is not plain; returns how many bytes it has in the text. */
static size_t quote_odd(struct buf *out, const char *p)
{
	static const char letters[] = "\"\\bfnrt", meanings[] = "\"\\\b\f\n\r\t";
	const char *found = strchr(meanings, *p);
	size_t n = utf8_length(p);
	if (found)
		buf_add(out, "\\%c", letters[found - meanings]);
	else if (n == 1)
		buf_add(out, "\\u%04x", *p);
	else if (n)
		buf_put(out, p, n);
	else
		buf_add(out, "\xef\xbf\xbd"); /* U+FFFD */
	return n ? n : 1;
}

void json_quote(struct buf *out, const char *text)
{
	buf_add(out, "\"");
	while (*text) {
		size_t n = plain_length(text);
		buf_put(out, text, n);
		text += n;
		if (*text)
			text += quote_odd(out, text);
	}
	buf_add(out, "\"");
}
