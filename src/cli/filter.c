#include "cli/filter.h"
#include "base/num.h"
#include <ctype.h>
#include <regex.h>

static struct str trim(struct str s)
{
	while (s.n && isspace((unsigned char)*s.p))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

static char *lower(struct arena *a, struct str s)
{
	char *text = arena_str(a, s);
	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return text;
}

static struct err *read_one(
	const char *text, const char *keys, struct arena *a, struct text_pair *out)
{
	if (!strchr(text, '='))
		return err_new(ERR_USAGE,
			"invalid filter '%s': bad format of filter (expected name=value)", text);
	struct str value = str_of(text), key = str_cut(&value, '=');
	*out = (struct text_pair){ lower(a, trim(key)), arena_str(a, trim(value)) };
	if (!str_lists(str_of(keys), ' ', str_of(out->key)))
		return err_hint(err_new(ERR_USAGE, "invalid filter '%s'", out->key),
			arena_fmt(a, "the filters of this command are: %s", keys));
	return NULL;
}

struct err *filters_read(
	const struct text_list *given, const char *keys, struct arena *a, struct filters *out)
{
	struct filters f = { .items = anew(a, struct text_pair, given->n) };
	for (size_t i = 0; i < given->n; i++) {
		if (!*given->items[i])
			continue;
		struct err *e = read_one(given->items[i], keys, a, &f.items[f.n++]);
		if (e)
			return e;
	}
	*out = f;
	return NULL;
}

const char *filters_first(const struct filters *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->items[i].key, key) == 0)
			return f->items[i].value;
	return NULL;
}

static bool same(const char *wanted, const char *value)
{
	return strcmp(wanted, value) == 0;
}

static bool starts(const char *wanted, const char *value)
{
	return strncmp(wanted, value, strlen(wanted)) == 0;
}

/* What is no regular expression is looked for as it is. */
static bool matches(const char *wanted, const char *value)
{
	regex_t re;
	if (regcomp(&re, wanted, REG_EXTENDED | REG_NOSUB))
		return strstr(value, wanted) != NULL;
	bool found = regexec(&re, value, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

static bool any(const struct filters *f, const char *key, const char *value,
	bool (*fits)(const char *wanted, const char *value))
{
	bool asked = false;
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->items[i].key, key) != 0)
			continue;
		if (fits(f->items[i].value, value))
			return true;
		asked = true;
	}
	return !asked;
}

bool filters_same(const struct filters *f, const char *key, const char *value)
{
	return any(f, key, value, same);
}

bool filters_start(const struct filters *f, const char *key, const char *value)
{
	return any(f, key, value, starts);
}

bool filters_match(const struct filters *f, const char *key, const char *value)
{
	return any(f, key, value, matches);
}

/* @wanted is "key" or "key=value". */
static bool has_label(const struct text_map *labels, const char *wanted)
{
	struct str value = str_of(wanted), key = str_cut(&value, '=');
	bool any_value = strlen(wanted) == key.n;
	for (size_t i = 0; i < labels->n; i++)
		if (str_eq(key, str_of(labels->items[i].key)))
			return any_value || str_eq(value, str_of(labels->items[i].value));
	return false;
}

bool filters_labels(const struct filters *f, const struct text_map *labels)
{
	for (size_t i = 0; i < f->n; i++) {
		bool has = has_label(labels, f->items[i].value);
		if (strcmp(f->items[i].key, "label") == 0 && !has)
			return false;
		if (strcmp(f->items[i].key, "label!") == 0 && has)
			return false;
	}
	return true;
}

struct err *filters_truth(const struct filters *f, const char *key, struct opt_bool *out)
{
	const char *text = filters_first(f, key);
	bool value = false;
	cleanup(err_free) struct err *unfit = text ? num_truth(str_of(text), &value) : NULL;
	if (unfit)
		return err_new(ERR_USAGE, "invalid filter '%s=%s'", key, text);
	*out = (struct opt_bool){ text != NULL, value };
	return NULL;
}

static struct moment before(struct moment now, int64_t ns)
{
	struct moment m = { now.s - ns / 1000000000, now.ns - (int32_t)(ns % 1000000000) };
	if (m.ns < 0)
		m = (struct moment){ m.s - 1, m.ns + 1000000000 };
	return m;
}

struct err *filters_moment(
	const struct filters *f, const char *key, struct moment now, struct moment *out, bool *set)
{
	const char *text = filters_first(f, key);
	*set = text != NULL;
	if (!text)
		return NULL;
	int64_t n;
	cleanup(err_free) struct err *no_seconds = num_parse(str_of(text), &n);
	if (!no_seconds) {
		*out = (struct moment){ n, 0 };
		return NULL;
	}
	cleanup(err_free) struct err *no_span = num_duration(str_of(text), &n);
	if (!no_span) {
		*out = before(now, n);
		return NULL;
	}
	struct err *e = time_parse(str_of(text), out);
	return e ? err_wrap(e, "invalid filter '%s=%s'", key, text) : NULL;
}
