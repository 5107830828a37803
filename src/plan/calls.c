#include "plan/calls.h"
#include "base/json_write.h"

enum { TEXT_SHOWN = 120 };

void call_add(struct buf *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vadd(out, fmt, ap);
	va_end(ap);
	buf_add(out, "\n");
}

/* JSON's escapes are C's, but for a few that only JSON needs. */
void call_text(const char *text, struct buf *out)
{
	if (!text) {
		buf_add(out, "NULL");
		return;
	}
	char shown[TEXT_SHOWN + 1];
	snprintf(shown, sizeof(shown), "%s", text);
	json_quote(out, shown);
	if (strlen(text) > TEXT_SHOWN)
		buf_add(out, "...");
}

void call_texts(const char *const *texts, struct buf *out)
{
	buf_add(out, "{");
	for (const char *const *t = texts; t && *t; t++) {
		buf_add(out, t == texts ? "" : ", ");
		call_text(*t, out);
	}
	buf_add(out, "}");
}

void op_calls(const struct op *op, struct buf *out)
{
	static const struct call_row *const parts[] = { calls_host, calls_files, calls_process };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i][op->kind].tell)
			parts[i][op->kind].tell(op, out);
}
