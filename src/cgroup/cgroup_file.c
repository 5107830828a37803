#include "cgroup/cgroup_file.h"
#include "base/buf.h"
#include "base/fd.h"
#include <fcntl.h>
#include <stdlib.h>

/* The largest files have a line for each processor or disk. */
enum { CGROUP_FILE_MAX = 4 << 20, READ_STEP = 8192 };

/* A group's file is one record: a read that does not fill its room was the last. */
static struct err *read_into(const char *dir, const char *file, struct buf *out)
{
	cleanup(buf_done) struct buf path = {};
	cleanup(fd_close) struct fd fd = {};
	buf_add(&path, "%s/%s", dir, file);
	struct err *e = fd_open(&fd, AT_FDCWD, buf_text(&path), O_RDONLY);
	for (ssize_t n = READ_STEP; !e && n == READ_STEP;) {
		char *room = buf_room(out, READ_STEP);
		n = read(fd_num(fd), room, READ_STEP);
		if (n < 0 || out->n > CGROUP_FILE_MAX)
			e = err_sys(n < 0 ? errno : EFBIG, "read %s", buf_text(&path));
		else
			buf_grown(out, (size_t)n);
	}
	return e;
}

static struct str without_newline(const struct buf *b)
{
	size_t n = b->n;
	while (n && b->p[n - 1] == '\n')
		n--;
	return (struct str){ buf_text(b), n };
}

struct err *cgroup_read(const char *dir, const char *file, struct arena *a, const char **out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = read_into(dir, file, &text);
	if (!e)
		*out = arena_str(a, without_newline(&text));
	return e;
}

const char *cgroup_text(const char *dir, const char *file, struct arena *a)
{
	const char *text = "";
	cleanup(err_free) struct err *e = cgroup_read(dir, file, a, &text);
	return e ? "" : text;
}

static bool number_of(struct str s, uint64_t *out)
{
	if (str_eq(s, STR("max"))) {
		*out = UINT64_MAX;
		return true;
	}
	uint64_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)s.p[i] - '0';
		if (digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, digit, &n))
			return false;
	}
	*out = n;
	return s.n > 0;
}

bool cgroup_number(const char *dir, const char *file, uint64_t *out)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(err_free) struct err *e = read_into(dir, file, &text);
	return !e && number_of(without_newline(&text), out);
}

bool cgroup_keyed(const char *text, const char *key, uint64_t *out)
{
	struct str lines = str_of(text), want = str_of(key);
	while (lines.n) {
		struct str value = str_cut(&lines, '\n');
		if (str_eq(str_cut(&value, ' '), want))
			return number_of(value, out);
	}
	return false;
}

uint64_t cgroup_keyed_number(const char *dir, const char *file, const char *key, uint64_t missing)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(err_free) struct err *e = read_into(dir, file, &text);
	uint64_t n;
	return !e && cgroup_keyed(buf_text(&text), key, &n) ? n : missing;
}
