#include "base/num.h"
#include <ctype.h>
#include <inttypes.h>

static struct err *bad(struct str text, const char *what)
{
	return err_new(ERR_USAGE, "'" STR_FMT "' is not %s", STR_ARG(text), what);
}

/* Moves @s behind the digits at its start. False if their value does not fit into @out. */
static bool take_u64(struct str *s, size_t *digits, uint64_t *out)
{
	uint64_t value = 0;
	bool fits = true;
	for (*digits = 0; s->n && isdigit((unsigned char)*s->p); (*digits)++) {
		fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_add_overflow(value, (uint64_t)(*s->p - '0'), &value);
		*s = (struct str){ s->p + 1, s->n - 1 };
	}
	*out = value;
	return fits;
}

/* Moves @s behind the digits at its start and returns their value, or -1 if it does not fit. */
static int64_t take_digits(struct str *s, size_t *digits)
{
	uint64_t value;
	return take_u64(s, digits, &value) && value <= INT64_MAX ? (int64_t)value : -1;
}

/* A number of up to 64 bits and its sign. */
struct whole {
	bool negative, fits;
	uint64_t value;
};

static struct err *read_whole(struct str text, struct whole *out)
{
	struct str s = text;
	bool negative = s.n && *s.p == '-';
	if (negative || (s.n && *s.p == '+'))
		s = (struct str){ s.p + 1, s.n - 1 };
	size_t digits;
	*out = (struct whole){ .negative = negative };
	out->fits = take_u64(&s, &digits, &out->value);
	return digits && !s.n ? NULL : bad(text, "a whole number");
}

/* False if @w does not fit into 64 bits with a sign. */
static bool to_int(struct whole w, int64_t *out)
{
	if (!w.fits || w.value > (uint64_t)INT64_MAX + w.negative)
		return false;
	*out = w.negative ? (int64_t)(0 - w.value) : (int64_t)w.value;
	return true;
}

struct err *num_parse(struct str text, int64_t *out)
{
	struct whole w;
	struct err *e = read_whole(text, &w);
	if (!e && !to_int(w, out))
		return err_new(ERR_USAGE, "'" STR_FMT "' is too large", STR_ARG(text));
	return e;
}

struct err *num_range(struct str text, int64_t min, int64_t max, int64_t *out)
{
	struct whole w;
	int64_t value;
	struct err *e = read_whole(text, &w);
	if (e)
		return e;
	if (!to_int(w, &value) || value < min || value > max)
		return err_new(ERR_USAGE, STR_FMT " is out of range (%" PRId64 " to %" PRId64 ")",
			STR_ARG(text), min, max);
	*out = value;
	return NULL;
}

struct err *num_u64(struct str text, uint64_t *out)
{
	struct whole w;
	struct err *e = read_whole(text, &w);
	if (e)
		return e;
	if (!w.fits || (w.negative && w.value))
		return err_new(ERR_USAGE, STR_FMT " is out of range (0 to %" PRIu64 ")",
			STR_ARG(text), UINT64_MAX);
	*out = w.value;
	return NULL;
}

/* A number with an optional fraction, not negative, times @unit; the fraction is cut off there. */
struct decimal {
	int64_t whole, fraction, scale;
};

/* False if there is no number at the start of @s, or none that fits. */
static bool take_decimal(struct str *s, struct decimal *out)
{
	size_t before, after = 0;
	*out = (struct decimal){ .whole = take_digits(s, &before), .scale = 1 };
	if (s->n && *s->p == '.') {
		*s = (struct str){ s->p + 1, s->n - 1 };
		struct str rest = *s;
		take_digits(&rest, &after);
		struct str few = { s->p, after > 9 ? 9 : after };
		size_t used;
		*s = rest;
		out->fraction = take_digits(&few, &used);
		while (used--)
			out->scale *= 10;
	}
	return before + after > 0 && out->whole >= 0;
}

static bool times(struct decimal d, int64_t unit, int64_t *out)
{
	int64_t part = (int64_t)((__int128)d.fraction * unit / d.scale);
	return !__builtin_mul_overflow(d.whole, unit, out) &&
	       !__builtin_add_overflow(*out, part, out);
}

/* The power of 1024 that "k", "MB", "gib", "b" or "" stand for; -1 for anything else. */
static int size_power(struct str unit)
{
	static const char letters[] = "bkmgtp";
	if (!unit.n)
		return 0;
	const char *at = memchr(letters, tolower((unsigned char)*unit.p), sizeof(letters) - 1);
	struct str rest = { unit.p + 1, unit.n - 1 };
	if (!at || (at == letters && rest.n))
		return -1;
	if (rest.n == 2 && tolower((unsigned char)*rest.p) == 'i')
		rest = (struct str){ rest.p + 1, 1 };
	bool known = !rest.n || (rest.n == 1 && tolower((unsigned char)*rest.p) == 'b');
	return known ? (int)(at - letters) : -1;
}

struct err *num_size(struct str text, int64_t *out)
{
	static const char what[] = "a size such as 512m or 2g";
	struct str s = text;
	if (str_eq(text, STR("-1"))) {
		*out = -1;
		return NULL;
	}
	struct decimal d;
	if (!take_decimal(&s, &d))
		return bad(text, what);
	if (s.n && *s.p == ' ')
		s = (struct str){ s.p + 1, s.n - 1 };
	int power = size_power(s);
	if (power < 0)
		return bad(text, what);
	int64_t size;
	if (!times(d, (int64_t)1 << (10 * power), &size))
		return err_new(ERR_USAGE, "'" STR_FMT "' is too large", STR_ARG(text));
	*out = size;
	return NULL;
}

static const struct time_unit {
	struct str name;
	int64_t ns;
} time_units[] = {
	{ { "ns", 2 }, 1 },
	{ { "us", 2 }, 1000 },
	{ { "\302\265s", 3 }, 1000 }, /* with the micro sign, as Go prints it */
	{ { "ms", 2 }, 1000LL * 1000 },
	{ { "s", 1 }, 1000LL * 1000 * 1000 },
	{ { "m", 1 }, 60LL * 1000 * 1000 * 1000 },
	{ { "h", 1 }, 3600LL * 1000 * 1000 * 1000 },
};

/* The unit at the start of @s, up to the next digit; 0 if there is none that we know. */
static int64_t take_time_unit(struct str *s)
{
	size_t n = 0;
	while (n < s->n && !isdigit((unsigned char)s->p[n]) && s->p[n] != '.')
		n++;
	struct str name = { s->p, n };
	*s = (struct str){ s->p + n, s->n - n };
	for (size_t i = 0; i < ARRAY_LEN(time_units); i++)
		if (str_eq(time_units[i].name, name))
			return time_units[i].ns;
	return 0;
}

struct err *num_duration(struct str text, int64_t *out)
{
	struct str s = text;
	int64_t total = 0;
	if (!s.n)
		return bad(text, "a duration such as 30s or 1m30s");
	if (str_eq(text, STR("0")))
		s.n = 0;
	while (s.n) {
		struct decimal d;
		int64_t unit = 0, part;
		if (take_decimal(&s, &d))
			unit = take_time_unit(&s);
		if (!unit)
			return bad(text, "a duration such as 30s or 1m30s");
		if (!times(d, unit, &part) || __builtin_add_overflow(total, part, &total))
			return err_new(ERR_USAGE, "'" STR_FMT "' is too long", STR_ARG(text));
	}
	*out = total;
	return NULL;
}

struct err *num_truth(struct str text, bool *out)
{
	static const char *const words[] = { "0", "1", "f", "t", "F", "T", "false", "true", "FALSE",
		"TRUE", "False", "True" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_eq(text, str_of(words[i])))
			continue;
		*out = i % 2;
		return NULL;
	}
	return bad(text, "true or false");
}
