#include "base/words.h"

const struct word *words_find(const struct words *w, struct str name)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(name, str_of(w->rows[i].name)))
			return &w->rows[i];
	return NULL;
}

const char *words_name(const struct words *w, uint64_t value)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->rows[i].value == value)
			return w->rows[i].name;
	return NULL;
}

struct err *words_or(
	const struct words *w, const struct text_list *names, const char *what, uint64_t *out)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < names->n; i++) {
		const struct word *row = words_find(w, str_of(names->items[i]));
		if (!row)
			return err_new(ERR_USAGE, "unknown %s '%s'", what, names->items[i]);
		bits |= row->value;
	}
	*out = bits;
	return NULL;
}

void words_show(const struct words *w, uint64_t value, struct buf *out)
{
	const char *sep = "";
	for (size_t i = 0; i < w->n; i++) {
		uint64_t bits = w->rows[i].value;
		if (!bits || (value & bits) != bits)
			continue;
		buf_add(out, "%s%s", sep, w->rows[i].name);
		value &= ~bits;
		sep = "|";
	}
	if (value || !*sep)
		buf_add(out, value ? "%s%#llx" : "%s%llu", sep, (unsigned long long)value);
}
