#include "base/utf8.h"
#include "monitor/entry.h"

static const char log_key[] = "{\"log\":\"", stream_key[] = "\"stream\":\"std",
		  time_key[] = "\"time\":\"";

static bool starts(struct str s, const char *with)
{
	size_t n = strlen(with);
	return s.n >= n && memcmp(s.p, with, n) == 0;
}

static struct str skip(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

/* The value of four hexadecimal digits; -1 if they are none. */
static int32_t hex4(const char *p)
{
	int32_t value = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* "\u" and what follows: one character or the two halves of one. How long it was; 0 if it is wrong.
 */
static size_t unescape_code(struct str s, struct buf *out)
{
	int32_t high = s.n >= 6 ? hex4(s.p + 2) : -1;
	int32_t low = s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u' ? hex4(s.p + 8) : -1;
	char text[4];
	if (high < 0)
		return 0;
	bool pair = high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
	uint32_t code =
		pair ? 0x10000u + (uint32_t)((high - 0xd800) << 10) + (uint32_t)(low - 0xdc00)
		     : (uint32_t)high;
	if (!pair && code >= 0xd800 && code < 0xe000)
		code = 0xfffd;
	buf_put(out, text, utf8_put(text, code));
	return pair ? 12 : 6;
}

/* What begins with a backslash. */
static size_t unescape_one(struct str s, struct buf *out)
{
	static const char names[] = "\"\"\\\\//n\nr\rt\tb\bf\f";
	if (s.n >= 2 && s.p[1] == 'u')
		return unescape_code(s, out);
	for (size_t i = 0; s.n >= 2 && i + 1 < sizeof(names); i += 2)
		if (names[i] == s.p[1]) {
			buf_put(out, &names[i + 1], 1);
			return 2;
		}
	return 0;
}

/* Text up to its quote, which is left in front of *@s. */
static bool unescape(struct str *s, struct buf *out)
{
	while (s->n && *s->p != '"') {
		size_t n = 0;
		while (n < s->n && s->p[n] != '"' && s->p[n] != '\\')
			n++;
		buf_put(out, s->p, n);
		*s = skip(*s, n);
		if (!s->n || *s->p == '"')
			break;
		n = unescape_one(*s, out);
		if (!n)
			return false;
		*s = skip(*s, n);
	}
	return s->n > 0;
}

/* The time is the last member; the container's text cannot look like one, having its quotes
 * escaped. */
struct str entry_time_json(struct str line)
{
	enum { TAIL = 64 };
	struct str tail = line.n > TAIL ? skip(line, line.n - TAIL) : line;
	const char *at = memmem(tail.p, tail.n, time_key, sizeof(time_key) - 1);
	if (!at || line.p[line.n - 1] != '}' || !starts(line, log_key))
		return (struct str){};
	struct str rest = skip(line, (size_t)(at - line.p) + sizeof(time_key) - 1);
	return str_cut(&rest, '"');
}

bool entry_parse_json(struct str line, struct buf *text, struct entry_read *out)
{
	struct str time = entry_time_json(line);
	text->n = 0;
	if (!time.n)
		return false;
	line = skip(line, sizeof(log_key) - 1);
	if (!unescape(&line, text))
		return false;
	const char *stream = memmem(line.p, line.n, stream_key, sizeof(stream_key) - 1);
	bool whole = text->n && text->p[text->n - 1] == '\n';
	*out = (struct entry_read){ .time = time,
		.whole = whole,
		.text = { text->p, text->n - (whole ? 1 : 0) },
		.errors = stream && stream[sizeof(stream_key) - 1] == 'e' };
	return stream != NULL;
}

struct str entry_time_k8s(struct str line)
{
	struct str time = str_cut(&line, ' ');
	return starts(line, "std") ? time : (struct str){};
}

bool entry_parse_k8s(struct str line, struct buf *, struct entry_read *out)
{
	struct str time = str_cut(&line, ' '), stream = str_cut(&line, ' ');
	bool errors = str_eq(stream, STR("stderr"));
	if (!errors && !str_eq(stream, STR("stdout")))
		return false;
	struct str tag = str_cut(&line, ' ');
	*out = (struct entry_read){
		.errors = errors, .whole = str_eq(tag, STR("F")), .time = time, .text = line
	};
	return out->whole || str_eq(tag, STR("P"));
}
