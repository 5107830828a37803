#include "systemd/property.h"
#include <string.h>

/* Writes a value of one type. Returns an error if the text is none; a failure of the library is
 * written to @r. */
struct type {
	const char *name;
	struct err *(*append)(sd_bus_message *m, struct str value, int *r);
};

static struct err *bad_number(struct str value)
{
	return err_new(ERR_USAGE, "'" STR_FMT "' is not a number that fits", STR_ARG(value));
}

static struct err *append_bool(sd_bus_message *m, struct str value, int *r)
{
	bool yes = str_eq(value, STR("true"));
	if (!yes && !str_eq(value, STR("false")))
		return err_new(
			ERR_USAGE, "'" STR_FMT "' is neither true nor false", STR_ARG(value));
	*r = sd_bus_message_append(m, "b", (int)yes);
	return NULL;
}

/* Decimal, from 0 to @max. */
static struct err *read_unsigned(struct str value, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	for (size_t i = 0; i < value.n; i++) {
		unsigned digit = (unsigned)value.p[i] - '0';
		if (digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, digit, &n))
			return bad_number(value);
	}
	if (value.n == 0 || n > max)
		return bad_number(value);
	*out = n;
	return NULL;
}

static struct err *append_u32(sd_bus_message *m, struct str value, int *r)
{
	uint64_t n;
	struct err *e = read_unsigned(value, UINT32_MAX, &n);
	if (!e)
		*r = sd_bus_message_append(m, "u", (uint32_t)n);
	return e;
}

static struct err *append_i32(sd_bus_message *m, struct str value, int *r)
{
	bool negative = value.n && *value.p == '-';
	struct str digits = { value.p + negative, value.n - negative };
	uint64_t n;
	struct err *e = read_unsigned(digits, INT32_MAX, &n);
	if (!e)
		*r = sd_bus_message_append(m, "i", negative ? -(int)n : (int)n);
	return e;
}

static struct err *append_u64(sd_bus_message *m, struct str value, int *r)
{
	uint64_t n;
	struct err *e = read_unsigned(value, UINT64_MAX, &n);
	if (!e)
		*r = sd_bus_message_append(m, "t", n);
	return e;
}

static struct err *append_byte(sd_bus_message *m, struct str value, int *r)
{
	uint64_t n;
	struct err *e = read_unsigned(value, UINT8_MAX, &n);
	if (!e)
		*r = sd_bus_message_append(m, "y", (uint8_t)n);
	return e;
}

static struct err *append_text(sd_bus_message *m, struct str value, int *r)
{
	cleanup(arena_done) struct arena a = {};
	*r = sd_bus_message_append(m, "s", arena_str(&a, value));
	return NULL;
}

static const struct type types[] = {
	{ "b", append_bool },
	{ "i", append_i32 },
	{ "s", append_text },
	{ "t", append_u64 },
	{ "u", append_u32 },
	{ "y", append_byte },
};

static const struct type *find_type(char name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].name[0] == name)
			return &types[i];
	return NULL;
}

/* One item of a list: of a plain type, or a structure of plain ones in brackets, each a word. */
static struct err *append_item(sd_bus_message *m, const char *item_type, struct str *words, int *r)
{
	bool structure = *item_type == '(';
	struct err *e = NULL;
	cleanup(arena_done) struct arena a = {};
	struct str inner = { item_type + structure, strlen(item_type) - 2 * (size_t)structure };
	if (structure)
		*r = sd_bus_message_open_container(m, 'r', arena_str(&a, inner));
	for (size_t i = 0; i < inner.n && !e && *r >= 0; i++) {
		const struct type *t = find_type(inner.p[i]);
		e = t ? t->append(m, str_cut(words, ' '), r)
		      : err_new(ERR_USAGE, "unknown type '%s'", item_type);
	}
	if (structure && !e && *r >= 0)
		*r = sd_bus_message_close_container(m);
	return e;
}

static struct err *append_list(sd_bus_message *m, const char *item_type, struct str words, int *r)
{
	struct err *e = NULL;
	*r = sd_bus_message_open_container(m, 'a', item_type);
	while (words.n && !e && *r >= 0)
		e = append_item(m, item_type, &words, r);
	if (!e && *r >= 0)
		*r = sd_bus_message_close_container(m);
	return e;
}

static struct err *append_value(sd_bus_message *m, const struct property *p, int *r)
{
	struct str value = str_of(p->value);
	if (p->type[0] == 'a')
		return append_list(m, p->type + 1, value, r);
	const struct type *t = p->type[1] ? NULL : find_type(p->type[0]);
	return t ? t->append(m, value, r) : err_new(ERR_USAGE, "unknown type '%s'", p->type);
}

struct err *property_append(sd_bus_message *m, const struct property *p)
{
	int r = sd_bus_message_open_container(m, 'r', "sv");
	struct err *e = NULL;
	if (r >= 0)
		r = sd_bus_message_append(m, "s", p->name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', p->type);
	if (r >= 0)
		e = append_value(m, p, &r);
	if (r >= 0 && !e)
		r = sd_bus_message_close_container(m);
	if (r >= 0 && !e)
		r = sd_bus_message_close_container(m);
	if (e)
		return err_wrap(e, "property %s", p->name);
	return r < 0 ? err_sys(-r, "property %s", p->name) : NULL;
}
