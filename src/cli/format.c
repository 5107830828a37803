#include "cli/format.h"
#include "cli/columns.h"
#include "cli/template.h"
#include <ctype.h>

void format_rows_done(struct format_rows *r)
{
	buf_done(&r->text);
}

struct json_writer *format_row(struct format_rows *r)
{
	if (!r->open) {
		r->writer = (struct json_writer){ .out = &r->text };
		json_open(&r->writer, NULL, '[');
		r->open = true;
	} else {
		json_close(&r->writer, '}');
	}
	json_open(&r->writer, NULL, '{');
	return &r->writer;
}

/* The rows as a tree. */
static struct err *read_rows(struct format_rows *r, const struct json **out)
{
	bool any = r->open;
	if (any) {
		json_close(&r->writer, '}');
		json_close(&r->writer, ']');
		r->open = false;
	}
	return json_read(
		any ? (struct str){ r->text.p, r->text.n } : STR("[]"), "rows", r->arena, out);
}

/* @text without its first @skip bytes and the blanks around it, and \t and \n written out. */
static struct str prepare(const char *text, size_t skip, struct arena *a)
{
	struct str s = { text + skip, strlen(text) - skip };
	while (s.n && isspace((unsigned char)*s.p))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	char *copy = arena_str(a, s), *to = copy;
	for (size_t i = 0; i < s.n; i++) {
		bool escape =
			s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == 't' || s.p[i + 1] == 'n');
		*to++ = !escape ? s.p[i] : s.p[i + 1] == 't' ? '\t' : '\n';
		i += escape;
	}
	return (struct str){ copy, (size_t)(to - copy) };
}

/* The object that the template makes the first line of. */
static struct err *headers(const struct format *f, struct arena *a, const struct json **out)
{
	cleanup(buf_done) struct buf text = {};
	struct json_writer w = { .out = &text };
	json_open(&w, NULL, '{');
	for (size_t i = 0; i < f->n_columns; i++)
		json_text(&w, f->columns[i].field, f->columns[i].header);
	json_text(&w, "@Label", "");
	json_close(&w, '}');
	return json_read((struct str){ text.p, text.n }, "headers", a, out);
}

static struct err *print_line(const struct template *t, const struct json *row,
	const struct template_run *how, struct arena *a, struct buf *out)
{
	struct err *e = template_run(t, row, how, a, out);
	buf_put(out, "\n", 1);
	return e;
}

static struct err *print_each(struct str text, const struct json *rows, const struct json *header,
	struct arena *a, struct buf *out)
{
	const struct template *t;
	struct err *e = template_read(text, a, &t);
	if (!e && header)
		e = print_line(t, header, &(struct template_run){ .headers = true }, a, out);
	for (const struct json *row = e ? NULL : rows->first; row && !e; row = row->next)
		e = print_line(t, row, &(struct template_run){}, a, out);
	return e;
}

/* "table" or "table ...". */
static bool is_table(const char *wanted)
{
	return strncmp(wanted, "table", 5) == 0 &&
	       (!wanted[5] || isspace((unsigned char)wanted[5]));
}

static struct err *print_table(const struct format *f, const char *template,
	const struct json *rows, struct arena *a, struct buf *out)
{
	cleanup(buf_done) struct buf plain = {};
	const struct json *header;
	struct str text = prepare(template, strlen("table"), a);
	struct err *e = headers(f, a, &header);
	if (!e)
		e = print_each(text, rows, header, a, &plain);
	if (!e)
		columns_align((struct str){ buf_text(&plain), plain.n }, out);
	return e;
}

struct err *format_print(const struct format *f, struct format_rows *r, const char *wanted,
	bool quiet, struct buf *out)
{
	bool unsaid = !wanted || !*wanted;
	const struct json *rows;
	struct err *e = read_rows(r, &rows);
	if (e)
		return e;
	if (quiet && (unsaid || strcmp(wanted, "table") == 0))
		return print_each(str_of(f->quiet), rows, NULL, r->arena, out);
	if (unsaid || strcmp(wanted, "table") == 0)
		return print_table(f, f->table, rows, r->arena, out);
	if (is_table(wanted))
		return print_table(f, wanted, rows, r->arena, out);
	if (strcmp(wanted, "json") == 0)
		wanted = "{{json .}}";
	return print_each(prepare(wanted, 0, r->arena), rows, NULL, r->arena, out);
}

static void indent(struct buf *out, int depth)
{
	buf_add(out, "\n%*s", 4 * depth, "");
}

static void write_tree(const struct json *v, int depth, struct buf *out);

static void write_members(const struct json *v, int depth, struct buf *out)
{
	bool any = false;
	for (const struct json *m = v->first; m; m = m->next) {
		if (v->type == JSON_OBJECT && *m->key.p == '@')
			continue;
		buf_add(out, "%s", any ? "," : "");
		indent(out, depth + 1);
		if (v->type == JSON_OBJECT) {
			json_quote(out, m->key.p);
			buf_add(out, ": ");
		}
		write_tree(m, depth + 1, out);
		any = true;
	}
	if (any)
		indent(out, depth);
}

static void write_tree(const struct json *v, int depth, struct buf *out)
{
	static const char *const words[JSON_TYPES] = {
		[JSON_NULL] = "null", [JSON_BOOL] = "false"
	};
	bool list = v->type == JSON_LIST;
	if (list || v->type == JSON_OBJECT) {
		buf_add(out, list ? "[" : "{");
		write_members(v, depth, out);
		buf_add(out, list ? "]" : "}");
	} else if (v->type == JSON_TEXT) {
		json_quote(out, v->text.p);
	} else if (v->type == JSON_NUMBER) {
		buf_put(out, v->text.p, v->text.n);
	} else {
		buf_add(out, "%s", v->yes ? "true" : words[v->type]);
	}
}

struct err *format_inspect(struct format_rows *r, const char *wanted, struct buf *out)
{
	const struct json *rows;
	struct err *e = read_rows(r, &rows);
	if (e)
		return e;
	if (!wanted || !*wanted) {
		write_tree(rows, 0, out);
		buf_put(out, "\n", 1);
		return NULL;
	}
	if (strcmp(wanted, "json") == 0)
		wanted = "{{json .}}";
	return print_each(str_of(wanted), rows, NULL, r->arena, out);
}
