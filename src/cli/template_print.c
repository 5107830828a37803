#include "base/json_write.h"
#include "base/num.h"
#include "base/utf8.h"
#include "cli/template_tree.h"
#include <ctype.h>
#include <stdlib.h>

enum { WIDEST = 4096 };

/* One %-10.3s of a format. */
struct verb {
	bool left, zeros, plus, blank;
	int width, precision; /* precision: -1 if there is none */
	char letter;
};

static int take_count(struct str *s)
{
	int n = 0;
	while (s->n && isdigit((unsigned char)*s->p)) {
		n = n * 10 + (*s->p - '0');
		n = n > WIDEST ? WIDEST : n;
		*s = (struct str){ s->p + 1, s->n - 1 };
	}
	return n;
}

static bool take_flag(struct str *s, struct verb *v)
{
	bool *const flags[] = { &v->left, &v->zeros, &v->plus, &v->blank };
	static const char letters[] = "-0+ ";
	const char *found = s->n && *s->p ? strchr(letters, *s->p) : NULL;
	if (!found)
		return false;
	*flags[found - letters] = true;
	*s = (struct str){ s->p + 1, s->n - 1 };
	return true;
}

/* Behind the '%'. */
static struct verb take_verb(struct str *s)
{
	struct verb v = { .precision = -1 };
	while (take_flag(s, &v))
		;
	v.width = take_count(s);
	if (s->n && *s->p == '.') {
		*s = (struct str){ s->p + 1, s->n - 1 };
		v.precision = take_count(s);
	}
	v.letter = s->n ? *s->p : 0;
	*s = (struct str){ s->p + !!s->n, s->n - !!s->n };
	return v;
}

/* Appends @text, filled up to the verb's width in characters. */
static void show_padded(const struct verb *v, struct str text, struct buf *out)
{
	int n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += !utf8_continues(text.p[i]);
	int fill = v->width > n ? v->width - n : 0;
	buf_add(out, "%*s", v->left ? 0 : fill, "");
	buf_put(out, text.p, text.n);
	buf_add(out, "%*s", v->left ? fill : 0, "");
}

static void show_whole(const struct verb *v, int64_t n, struct buf *out)
{
	cleanup(buf_done) struct buf digits = {};
	uint64_t value = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	const char *sign = n < 0 ? "-" : v->plus ? "+" : v->blank ? " " : "";
	int least = v->precision;
	if (v->zeros && !v->left && least < 0)
		least = v->width - (int)strlen(sign);
	least = least < 0 ? 0 : least;
	buf_add(&digits, "%s", sign);
	if (v->letter == 'x')
		buf_add(&digits, "%0*llx", least, (unsigned long long)value);
	else if (v->letter == 'X')
		buf_add(&digits, "%0*llX", least, (unsigned long long)value);
	else if (v->letter == 'o')
		buf_add(&digits, "%0*llo", least, (unsigned long long)value);
	else
		buf_add(&digits, "%0*llu", least, (unsigned long long)value);
	show_padded(v, (struct str){ digits.p, digits.n }, out);
}

static void show_real(const struct verb *v, double x, struct buf *out)
{
	cleanup(buf_done) struct buf digits = {};
	int least = v->zeros && !v->left ? v->width : 0, precision = v->precision;
	if (v->letter == 'e')
		buf_add(&digits, "%0*.*e", least, precision < 0 ? 6 : precision, x);
	else if (v->letter == 'g')
		buf_add(&digits, "%0*.*g", least, precision < 0 ? 17 : precision, x);
	else
		buf_add(&digits, "%0*.*f", least, precision < 0 ? 6 : precision, x);
	show_padded(v, (struct str){ digits.p, digits.n }, out);
}

/* %s, %v and %q: the value as it is printed, cut and quoted. */
static void show_text(
	const struct verb *v, const struct json *value, struct arena *a, struct buf *out)
{
	cleanup(buf_done) struct buf text = {}, quoted = {};
	tpl_print(value, a, &text);
	size_t n = 0;
	for (int left = v->precision; n < text.n; n++)
		if (v->precision >= 0 && !utf8_continues(text.p[n]) && left-- == 0)
			break;
	struct str shown = { buf_text(&text), n };
	if (v->letter == 'q') {
		json_quote(&quoted, arena_str(a, shown));
		shown = (struct str){ quoted.p, quoted.n };
	}
	show_padded(v, shown, out);
}

static bool is_whole(const struct json *value, int64_t *n)
{
	if (value->type != JSON_NUMBER)
		return false;
	cleanup(err_free) struct err *unfit = num_parse(value->text, n);
	return !unfit;
}

static void show_bad(
	const struct verb *v, const struct json *value, struct arena *a, struct buf *out)
{
	static const char *const types[JSON_TYPES] = { [JSON_BOOL] = "bool=",
		[JSON_NUMBER] = "int=",
		[JSON_TEXT] = "string=",
		[JSON_NULL] = "",
		[JSON_LIST] = "",
		[JSON_OBJECT] = "" };
	buf_add(out, "%%!%c(%s", v->letter, types[value->type]);
	tpl_print(value, a, out);
	buf_add(out, ")");
}

static void show_verb(
	const struct verb *v, const struct json *value, struct arena *a, struct buf *out)
{
	int64_t n;
	bool whole = is_whole(value, &n);
	bool texts = value->type != JSON_NUMBER && value->type != JSON_BOOL;
	if (strchr("dxXo", v->letter) && whole)
		show_whole(v, n, out);
	else if (strchr("feg", v->letter) && value->type == JSON_NUMBER && !whole)
		show_real(v, strtod(arena_str(a, value->text), NULL), out);
	else if (v->letter == 't' && value->type == JSON_BOOL)
		show_text(v, value, a, out);
	else if (v->letter == 'v' && whole)
		show_whole(v, n, out);
	else if (v->letter == 'v' || (strchr("sq", v->letter) && texts))
		show_text(v, value, a, out);
	else
		show_bad(v, value, a, out);
}

void tpl_printf(
	struct str format, const struct json *const *v, size_t n, struct arena *a, struct buf *out)
{
	size_t used = 0;
	while (format.n) {
		bool more = memchr(format.p, '%', format.n) != NULL;
		struct str plain = str_cut(&format, '%');
		buf_put(out, plain.p, plain.n);
		if (!more)
			break;
		struct verb verb = take_verb(&format);
		if (!verb.letter)
			buf_add(out, "%%!(NOVERB)");
		else if (verb.letter == '%')
			buf_add(out, "%%");
		else if (used == n)
			buf_add(out, "%%!%c(MISSING)", verb.letter);
		else
			show_verb(&verb, v[used++], a, out);
	}
	if (used < n)
		buf_add(out, "%%!(EXTRA)");
}
