#include "spec/scope_annotation.h"
#include "base/num.h"
#include "base/str.h"
#include <inttypes.h>

static const char prefix[] = SCOPE_ANNOTATION;

/* What may be set, and the type it has. UNITS: names of scopes and slices alone, which can't be
 * started by naming them. */
enum rule { ANY, UNITS };
static const struct known {
	const char *name, *type;
	enum rule rule;
} known[] = {
	{ "After", "as", ANY },
	{ "Before", "as", ANY },
	{ "BindsTo", "as", UNITS },
	{ "CollectMode", "s", ANY },
	{ "CPUWeight", "t", ANY },
	{ "DefaultDependencies", "b", ANY },
	{ "Documentation", "as", ANY },
	{ "IOWeight", "t", ANY },
	{ "KillMode", "s", ANY },
	{ "KillSignal", "i", ANY },
	{ "ManagedOOMMemoryPressure", "s", ANY },
	{ "ManagedOOMMemoryPressureLimit", "u", ANY },
	{ "ManagedOOMPreference", "s", ANY },
	{ "ManagedOOMSwap", "s", ANY },
	{ "MemoryHigh", "t", ANY },
	{ "MemoryMin", "t", ANY },
	{ "OOMPolicy", "s", ANY },
	{ "PartOf", "as", UNITS },
	{ "Requires", "as", UNITS },
	{ "RuntimeMaxUSec", "t", ANY },
	{ "SendSIGHUP", "b", ANY },
	{ "SendSIGKILL", "b", ANY },
	{ "TimeoutStopUSec", "t", ANY },
	{ "Wants", "as", UNITS },
};

static struct err *bad_value(const struct known *k, const char *value, const char *wants)
{
	return err_new(
		ERR_USAGE, "annotation %s%s: expected %s, found %s", prefix, k->name, wants, value);
}

static const struct known *find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(str_of(known[i].name), name))
			return &known[i];
	return NULL;
}

static struct str trim(struct str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* 'text' or "text"; such as need escapes no property of ours has. */
static bool read_quoted(struct str s, struct str *out)
{
	if (s.n < 2 || (*s.p != '\'' && *s.p != '"') || s.p[s.n - 1] != *s.p)
		return false;
	*out = (struct str){ s.p + 1, s.n - 2 };
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] == *s.p || out->p[i] == '\\' || (unsigned char)out->p[i] < ' ')
			return false;
	return true;
}

/* "7", "uint64 7"; the annotation's own idea of the type does not matter. */
static bool read_number(struct str s, int64_t *out)
{
	static const char *const types[] = { "int16", "uint16", "int32", "uint32", "int64",
		"uint64" };
	struct str rest = s, word = str_cut(&rest, ' ');
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eq(word, str_of(types[i])))
			s = trim(rest);
	cleanup(err_free) struct err *e = num_parse(s, out);
	return !e;
}

static bool is_unit_list(struct str words)
{
	while (words.n) {
		struct str word = str_cut(&words, ' ');
		bool scope = word.n > 6 && memcmp(word.p + word.n - 6, ".scope", 6) == 0;
		bool slice = word.n > 6 && memcmp(word.p + word.n - 6, ".slice", 6) == 0;
		if (!scope && !slice)
			return false;
	}
	return true;
}

/* ['a', 'b'] as "a b". */
static bool read_list(struct str s, struct arena *a, const char **out)
{
	struct str rest = s;
	if (str_eq(str_cut(&rest, ' '), STR("@as")))
		s = trim(rest);
	if (s.n < 2 || *s.p != '[' || s.p[s.n - 1] != ']')
		return false;
	rest = trim((struct str){ s.p + 1, s.n - 2 });
	*out = "";
	while (rest.n) {
		struct str item;
		if (!read_quoted(trim(str_cut(&rest, ',')), &item) || item.n == 0 ||
			memchr(item.p, ' ', item.n))
			return false;
		*out = arena_fmt(a, "%s%s" STR_FMT, *out, **out ? " " : "", STR_ARG(item));
	}
	return true;
}

static struct err *take_number(
	const struct known *k, const char *value, struct arena *a, const char **out)
{
	int64_t n;
	bool negative_fits = *k->type == 'i';
	int64_t most = *k->type == 't' ? INT64_MAX : *k->type == 'u' ? UINT32_MAX : INT32_MAX;
	if (!read_number(trim(str_of(value)), &n) || n > most || (n < 0 && !negative_fits))
		return bad_value(k, value, "a number");
	*out = arena_fmt(a, "%s=%s %" PRId64, k->name, k->type, n);
	return NULL;
}

static struct err *take_bool(
	const struct known *k, const char *value, struct arena *a, const char **out)
{
	struct str s = trim(str_of(value));
	if (!str_eq(s, STR("true")) && !str_eq(s, STR("false")))
		return bad_value(k, value, "true or false");
	*out = arena_fmt(a, "%s=b " STR_FMT, k->name, STR_ARG(s));
	return NULL;
}

static struct err *take_text(
	const struct known *k, const char *value, struct arena *a, const char **out)
{
	struct str s;
	if (!read_quoted(trim(str_of(value)), &s))
		return bad_value(k, value, "text in quotes");
	*out = arena_fmt(a, "%s=s " STR_FMT, k->name, STR_ARG(s));
	return NULL;
}

static struct err *take_list(
	const struct known *k, const char *value, struct arena *a, const char **out)
{
	const char *words;
	if (!read_list(trim(str_of(value)), a, &words))
		return bad_value(k, value, "a list such as ['a.service']");
	if (k->rule == UNITS && !is_unit_list(str_of(words)))
		return bad_value(k, value, "scopes and slices alone");
	*out = arena_fmt(a, "%s=as %s", k->name, words);
	return NULL;
}

/* TimeoutStopSec is TimeoutStopUSec in seconds. */
static struct err *take_seconds(
	const struct known *k, const char *value, struct arena *a, const char **out)
{
	int64_t n;
	if (!read_number(trim(str_of(value)), &n) || n < 0 || n > INT64_MAX / 1'000'000)
		return bad_value(k, value, "whole seconds");
	*out = arena_fmt(a, "%s=t %" PRId64, k->name, n * 1'000'000);
	return NULL;
}

static struct err *take(const struct known *k, const char *value, struct arena *a, const char **out)
{
	switch (*k->type) {
	case 'b':
		return take_bool(k, value, a, out);
	case 's':
		return take_text(k, value, a, out);
	case 'a':
		return take_list(k, value, a, out);
	default:
		return take_number(k, value, a, out);
	}
}

static const struct known *find_in_seconds(struct str name, struct arena *a)
{
	if (name.n < 4 || memcmp(name.p + name.n - 3, "Sec", 3) != 0)
		return NULL;
	struct str stem = { name.p, name.n - 3 };
	return find(str_of(arena_fmt(a, STR_FMT "USec", STR_ARG(stem))));
}

struct err *scope_annotation(const char *key, const char *value, struct arena *a, const char **out)
{
	size_t n = sizeof(prefix) - 1;
	*out = NULL;
	if (strncmp(key, prefix, n) != 0)
		return NULL;
	struct str name = str_of(key + n);
	const struct known *k = find(name), *in_seconds = k ? NULL : find_in_seconds(name, a);
	if (k)
		return take(k, value, a, out);
	if (in_seconds)
		return take_seconds(in_seconds, value, a, out);
	return err_hint(err_new(ERR_USAGE, "annotation %s: not supported", key),
		"only properties are taken that concern the unit alone; docs/compatibility.md "
		"lists "
		"them");
}
