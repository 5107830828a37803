#include "monitor/entry.h"
#include "base/utf8.h"

static void put_text(struct buf *out, const char *text)
{
	buf_put(out, text, strlen(text));
}

static void put_str(struct buf *out, struct str s)
{
	buf_put(out, s.p, s.n);
}

/* A byte that JSON does not take as it is. */
static bool is_special(char c)
{
	return (unsigned char)c < ' ' || c == '"' || c == '\\';
}

static void put_special(struct buf *out, char c)
{
	static const char names[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i + 1 < sizeof(names); i += 2)
		if (names[i] == c) {
			buf_put(out, (char[]){ '\\', names[i + 1] }, 2);
			return;
		}
	buf_put(out, "\\u00", 4);
	buf_put(out, (char[]){ hex[(c >> 4) & 15], hex[c & 15] }, 2);
}

/* How many bytes at the beginning of @s go as they are. */
static size_t plain(struct str s)
{
	size_t n = 0;
	while (n < s.n && !is_special(s.p[n])) {
		size_t length = (unsigned char)s.p[n] < 0x80 ? 1 : utf8_length(s.p + n);
		if (length == 0 || length > s.n - n)
			break;
		n += length;
	}
	return n;
}

static void put_escaped(struct buf *out, struct str s)
{
	while (s.n) {
		size_t n = plain(s);
		put_str(out, (struct str){ s.p, n });
		s = (struct str){ s.p + n, s.n - n };
		if (!s.n)
			return;
		if (is_special(*s.p))
			put_special(out, *s.p);
		else
			put_text(out, "\xef\xbf\xbd");
		s = (struct str){ s.p + 1, s.n - 1 };
	}
}

void entry_json(const struct entry *e, const char *attrs, struct buf *out)
{
	put_text(out, "{\"log\":\"");
	put_escaped(out, e->text);
	put_text(out, e->whole ? "\\n\",\"stream\":\"" : "\",\"stream\":\"");
	put_text(out, e->stream);
	if (attrs) {
		put_text(out, "\",\"attrs\":");
		put_text(out, attrs);
		put_text(out, ",\"time\":\"");
	} else {
		put_text(out, "\",\"time\":\"");
	}
	put_str(out, e->time);
	put_text(out, "\"}\n");
}

void entry_k8s(const struct entry *e, const char *, struct buf *out)
{
	put_str(out, e->time);
	put_text(out, " ");
	put_text(out, e->stream);
	put_text(out, e->whole ? " F " : " P ");
	put_str(out, e->text);
	put_text(out, "\n");
}
