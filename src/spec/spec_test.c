#include "base/encode.h"
#include "base/fd.h"
#include "base/test.h"
#include "kernel/file.h"
#include "spec/spec.h"
#include "spec/spec_schema.h"
#include <dirent.h>
#include <fcntl.h>

/* Everything that @a says, @b says as well, in whatever order; what says nothing (null, false, "",
 * an empty list) may be missing. */
static bool within(const struct json *a, const struct json *b);

static bool says_nothing(const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return !v->yes;
	case JSON_NUMBER:
		return str_eq(v->text, STR("0"));
	case JSON_TEXT:
		return v->text.n == 0;
	case JSON_LIST:
	case JSON_OBJECT:
		for (const struct json *m = v->first; m; m = m->next)
			if (v->type == JSON_LIST || !says_nothing(m))
				return false;
		return true;
	case JSON_TYPES:
		break;
	}
	return false;
}

static bool list_within(const struct json *a, const struct json *b)
{
	const struct json *x = a->first, *y = b->first;
	for (; x && y; x = x->next, y = y->next)
		if (!within(x, y))
			return false;
	return !x && !y;
}

static bool object_within(const struct json *a, const struct json *b)
{
	for (const struct json *m = a->first; m; m = m->next) {
		const struct json *other = json_get(b, m->key.p);
		if (!other && says_nothing(m))
			continue;
		if (!other || !within(m, other)) {
			fprintf(stderr, "at %s\n", m->key.p);
			return false;
		}
	}
	return true;
}

static bool within(const struct json *a, const struct json *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case JSON_LIST:
		return list_within(a, b);
	case JSON_OBJECT:
		return object_within(a, b);
	case JSON_BOOL:
		return a->yes == b->yes;
	default:
		return str_eq(a->text, b->text);
	}
}

/* Reads @text, writes it again by the same tables and compares: nothing is lost, nothing made up.
 */
static void check_round_trip(struct str text, const char *name, struct arena *a)
{
	struct spec spec;
	cleanup(err_free) struct err *e = spec_parse(text.p, text.n, name, a, &spec);
	if (e)
		test_failed(
			__FILE__, __LINE__, "%s: %s", name, e->cause ? e->cause->text : e->text);
	cleanup(buf_done) struct buf out = {};
	encode_text(&spec, &spec_schema, JSON_INDENTED, &out);

	const struct json *before, *after;
	cleanup(err_free) struct err *old = json_read(text, name, a, &before);
	cleanup(err_free) struct err *new =
		json_read((struct str){ out.p, out.n }, name, a, &after);
	if (old || new || !within(before, after) || !within(after, before))
		test_failed(__FILE__, __LINE__, "%s came back as\n%s", name, out.p);
}

static void check_file(int dir, const char *name)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	cleanup(err_free) struct err *e = file_read(dir, name, JSON_MAX_SIZE, &text);
	CHECK(!e);
	check_round_trip((struct str){ text.p, text.n }, name, &a);
}

static void open_dir(struct fd *dir, const char *path)
{
	cleanup(err_free) struct err *e = fd_open(dir, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	CHECK(!e);
}

TEST(documents_of_real_clients_lose_nothing)
{
	cleanup(fd_close) struct fd dir = {};
	open_dir(&dir, TEST_DOCUMENTS "/configs");
	DIR *list = opendir(TEST_DOCUMENTS "/configs");
	int n = 0;
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
		const char *dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".json") != 0)
			continue;
		check_file(fd_num(dir), entry->d_name);
		n++;
	}
	closedir(list);
	CHECK(n == 54);
}

TEST(every_field_is_read_and_written)
{
	cleanup(fd_close) struct fd dir = {};
	open_dir(&dir, TEST_DOCUMENTS "/documents");
	check_file(fd_num(dir), "everything.json");
	check_file(fd_num(dir), "real-time.json");
}
