#include "base/json.h"
#include "base/utf8.h"

/* The text is copied into the arena once and then edited in place: escapes become what they stand
 * for and closing quotes become NUL. @original stays as it was, to find line and column in. */
struct reader {
	char *at; /* in the copy, which ends in a NUL of its own */
	const char *copy;
	struct str original;
	const char *name;
	struct arena *arena;
	int depth;
};

/* A mistake at @r->at. */
static struct err *bad(const struct reader *r, const char *problem)
{
	size_t line = 1, column = 1;
	for (const char *p = r->original.p, *end = p + (r->at - r->copy); p < end; p++) {
		column = *p == '\n' ? 1 : column + !utf8_continues(*p);
		line += *p == '\n';
	}
	return err_new(ERR_USAGE, "%s:%zu:%zu: %s", r->name, line, column, problem);
}

static bool at_end(const struct reader *r)
{
	return (size_t)(r->at - r->copy) == r->original.n;
}

static struct err *expected(const struct reader *r, const char *what)
{
	char problem[80];
	snprintf(problem, sizeof(problem),
		at_end(r) ? "the document ends where %s should be" : "expected %s", what);
	return bad(r, problem);
}

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')
		r->at++;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	char low = c | 0x20;
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* The four digits at @p as a number; -1 if they are not hexadecimal digits. */
static int32_t hex4(const char *p)
{
	int32_t n = 0;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);
		if (d < 0)
			return -1;
		n = n << 4 | d;
	}
	return n;
}

/* \uXXXX, or two of them for a character beyond U+FFFF. @r->at is at the u; @to is where the
 * character goes, and is moved behind it. */
static struct err *read_code(struct reader *r, char **to)
{
	int32_t c = hex4(r->at + 1);
	if (c < 0)
		return bad(r, "\\u wants four hexadecimal digits");
	if (c == 0)
		return bad(r, "text with a NUL character");
	bool first_half = c >= 0xd800 && c < 0xdc00;
	if (first_half && r->at[5] == '\\' && r->at[6] == 'u') {
		int32_t low = hex4(r->at + 7);
		if (low < 0xdc00 || low > 0xdfff)
			return bad(r, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		r->at += 6;
	}
	if (c >= 0xd800 && c < 0xe000)
		return bad(r, "half of a surrogate pair");
	r->at += 5;
	*to += utf8_put(*to, (uint32_t)c);
	return NULL;
}

/* The character that a letter after a backslash stands for; 0 if none. */
static char escaped(char letter)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *found = letter ? strchr(letters, letter) : NULL;
	return found ? meanings[found - letters] : 0;
}

static struct err *read_escape(struct reader *r, char **to)
{
	r->at++;
	if (*r->at == 'u')
		return read_code(r, to);
	char c = escaped(*r->at);
	if (!c)
		return bad(r, "unknown escape");
	*(*to)++ = c;
	r->at++;
	return NULL;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* One piece of text that is not plain: an escape or a character beyond ASCII. */
static struct err *read_odd(struct reader *r, char **to)
{
	if (*r->at == '\\')
		return read_escape(r, to);
	if (at_end(r))
		return bad(r, "the document ends inside text");
	if ((unsigned char)*r->at < 0x20)
		return bad(r, "a control character in text");
	size_t n = utf8_length(r->at);
	if (!n)
		return bad(r, "not UTF-8");
	memmove(*to, r->at, n);
	*to += n;
	r->at += n;
	return NULL;
}

static void read_plain(struct reader *r, char **to)
{
	char *from = r->at;
	while (is_plain((unsigned char)*r->at))
		r->at++;
	size_t n = (size_t)(r->at - from);
	if (*to != from)
		memmove(*to, from, n);
	*to += n;
}

/* @r->at is at the opening quote. */
static struct err *read_text(struct reader *r, struct str *out)
{
	char *start = ++r->at, *to = start;
	for (read_plain(r, &to); *r->at != '"'; read_plain(r, &to)) {
		struct err *e = read_odd(r, &to);
		if (e)
			return e;
	}
	r->at++;
	*to = 0;
	*out = (struct str){ start, (size_t)(to - start) };
	return NULL;
}

static bool skip_digits(struct reader *r)
{
	const char *from = r->at;
	while (*r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > from;
}

static struct err *read_number(struct reader *r, struct json *out)
{
	const char *start = r->at;
	r->at += *r->at == '-';
	bool leading_zero = *r->at == '0' && r->at[1] >= '0' && r->at[1] <= '9';
	bool good = skip_digits(r) && !leading_zero;
	if (good && *r->at == '.') {
		r->at++;
		good = skip_digits(r);
	}
	if (good && (*r->at | 0x20) == 'e') {
		r->at++;
		r->at += *r->at == '-' || *r->at == '+';
		good = skip_digits(r);
	}
	if (!good)
		return expected(r, "a number as JSON spells it");
	out->type = JSON_NUMBER;
	out->text = (struct str){ start, (size_t)(r->at - start) };
	return NULL;
}

static struct err *read_word(struct reader *r, struct json *out)
{
	static const struct {
		struct str word;
		enum json_type type;
		bool yes;
	} words[] = {
		{ { "true", 4 }, JSON_BOOL, true },
		{ { "false", 5 }, JSON_BOOL, false },
		{ { "null", 4 }, JSON_NULL, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strncmp(r->at, words[i].word.p, words[i].word.n) != 0)
			continue;
		r->at += words[i].word.n;
		out->type = words[i].type;
		out->yes = words[i].yes;
		return NULL;
	}
	return expected(r, "a value");
}

static struct err *read_value(struct reader *r, struct json *out);

static struct err *read_key(struct reader *r, struct json *out)
{
	if (*r->at != '"')
		return expected(r, "a key in quotes");
	struct err *e = read_text(r, &out->key);
	if (e)
		return e;
	skip_blanks(r);
	if (*r->at != ':')
		return expected(r, "':'");
	r->at++;
	skip_blanks(r);
	return NULL;
}

/* What follows an item: a comma, which is skipped, or @close. */
static struct err *read_separator(struct reader *r, char close)
{
	skip_blanks(r);
	if (*r->at == close)
		return NULL;
	if (*r->at != ',')
		return expected(r, close == '}' ? "',' or '}'" : "',' or ']'");
	r->at++;
	skip_blanks(r);
	if (*r->at == close)
		return expected(r, close == '}' ? "a key in quotes" : "a value");
	return NULL;
}

/* The items of a list or the members of an object up to @close. */
static struct err *read_items(struct reader *r, char close, struct json *out)
{
	const struct json **end = &out->first;
	struct err *e = NULL;
	while (!e && *r->at != close) {
		struct json *item = anew(r->arena, struct json, 1);
		*end = item;
		end = &item->next;
		out->n++;
		if (close == '}')
			e = read_key(r, item);
		if (!e)
			e = read_value(r, item);
		if (!e)
			e = read_separator(r, close);
	}
	return e;
}

static struct err *read_container(struct reader *r, struct json *out)
{
	out->type = *r->at == '{' ? JSON_OBJECT : JSON_LIST;
	if (++r->depth > JSON_MAX_DEPTH)
		return bad(r, "nested too deep");
	r->at++;
	skip_blanks(r);
	struct err *e = read_items(r, out->type == JSON_OBJECT ? '}' : ']', out);
	if (e)
		return e;
	r->at++;
	r->depth--;
	return NULL;
}

static struct err *read_value(struct reader *r, struct json *out)
{
	switch (*r->at) {
	case '{':
	case '[':
		return read_container(r, out);
	case '"':
		out->type = JSON_TEXT;
		return read_text(r, &out->text);
	default:
		if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9'))
			return read_number(r, out);
		return read_word(r, out);
	}
}

struct err *json_read(struct str text, const char *name, struct arena *a, const struct json **out)
{
	if (text.n > JSON_MAX_SIZE)
		return err_new(ERR_USAGE, "%s: larger than %d MiB", name, JSON_MAX_SIZE >> 20);
	char *copy = arena_str(a, text);
	struct reader r = { copy, copy, text, name, a, 0 };
	struct json *root = anew(a, struct json, 1);

	skip_blanks(&r);
	struct err *e = read_value(&r, root);
	if (e)
		return e;
	skip_blanks(&r);
	if (!at_end(&r))
		return bad(&r, "something follows the document");
	*out = root;
	return NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	const struct json *found = NULL;
	if (object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->first; m; m = m->next)
		if (strcmp(m->key.p, key) == 0)
			found = m;
	return found;
}

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",
		[JSON_BOOL] = "a boolean",
		[JSON_NUMBER] = "a number",
		[JSON_TEXT] = "text",
		[JSON_LIST] = "a list",
		[JSON_OBJECT] = "an object",
	};
	_Static_assert(ARRAY_LEN(names) == JSON_TYPES, "every JSON type has a name");
	return names[type];
}
