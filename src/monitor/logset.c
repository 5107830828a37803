#include "monitor/logset.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Longer than any entry; and what is left to a search from front to back. */
enum { PROBE = 192 * 1024, NEAR = 32 * 1024, BLOCK = 64 * 1024 };

bool logset_same(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
	       x.st_dev == y.st_dev;
}

/* From the newest on: a rotation meanwhile shows a file again, under its next name, but hides none.
 * It leaves one name free for a moment, so the end is where two are. */
struct err *logset_open(struct logset *s, int dir, const char *name)
{
	*s = (struct logset){};
	for (int i = 0, missing = 0; s->n < LOGSET_MAX && missing < 2; i++) {
		char path[PATH_MAX];
		cleanup(fd_close) struct fd file = {};
		snprintf(path, sizeof(path), i ? "%s.%d" : "%s", name, i);
		struct err *e = fd_open(&file, dir, path, O_RDONLY | O_NOFOLLOW);
		if (e && (e->kind != ERR_NOT_FOUND || i == 0)) {
			logset_close(s);
			return e;
		}
		missing = e ? missing + 1 : 0;
		err_free(&e);
		if (!missing && (!s->n || !logset_same(fd_num(file), fd_num(s->files[s->n - 1]))))
			s->files[s->n++] = fd_take(&file);
	}
	return NULL;
}

void logset_close(struct logset *s)
{
	while (s->n)
		fd_close(&s->files[--s->n]);
}

struct log_place logset_start(const struct logset *s)
{
	return (struct log_place){ s->n - 1, 0 };
}

struct log_place logset_later(struct log_place a, struct log_place b)
{
	bool later = b.file < a.file || (b.file == a.file && b.offset > a.offset);
	return later ? b : a;
}

static struct err *size_of(int file, int64_t *out)
{
	struct stat st;
	if (fstat(file, &st) < 0)
		return err_sys(errno, "log file");
	*out = st.st_size;
	return NULL;
}

/* The first entry that begins at or behind @from: where, and its time. *@found is false if there is
 * none before the end. */
static struct err *probe(int file, int64_t from, log_time *time, char *room, int64_t *at,
	struct moment *when, bool *found)
{
	ssize_t n = pread(file, room, PROBE, from ? from - 1 : 0);
	*found = false;
	if (n < 0)
		return err_sys(errno, "read the log");
	struct str rest = { room, (size_t)n };
	if (from)
		(void)str_cut(&rest, '\n');
	while (rest.n) {
		const char *start = rest.p;
		if (!memchr(rest.p, '\n', rest.n))
			return NULL;
		struct err *e = time_parse(time(str_cut(&rest, '\n')), when);
		*found = !e;
		err_free(&e); /* half an entry, of a power cut: the next one will do */
		if (*found) {
			*at = (from ? from - 1 : 0) + (start - room);
			return NULL;
		}
	}
	return NULL;
}

bool logset_earlier(struct moment a, struct moment b)
{
	return a.s < b.s || (a.s == b.s && a.ns < b.ns);
}

static struct err *bisect(
	int file, struct moment since, log_time *time, char *room, int64_t *offset)
{
	int64_t low = 0, high = 0, at = 0;
	struct moment when;
	bool found;
	struct err *e = size_of(file, &high);
	while (!e && high - low > NEAR) {
		int64_t middle = low + (high - low) / 2;
		e = probe(file, middle, time, room, &at, &when, &found);
		if (!e && found && at < high && logset_earlier(when, since))
			low = at;
		else
			high = middle;
	}
	*offset = low;
	return e;
}

struct err *logset_since(
	const struct logset *s, struct moment since, log_time *time, struct log_place *out)
{
	struct log_place place = logset_start(s);
	char *room = malloc(PROBE);
	struct err *e = room ? NULL : err_sys(ENOMEM, "read the log");
	for (size_t i = 0; !e && i < s->n; i++) {
		struct moment when;
		bool found;
		int64_t at;
		e = probe(fd_num(s->files[i]), 0, time, room, &at, &when, &found);
		if (!e && found && logset_earlier(when, since)) {
			place.file = i;
			e = bisect(fd_num(s->files[i]), since, time, room, &place.offset);
			break;
		}
	}
	free(room);
	if (!e)
		*out = place;
	return e;
}

/* Goes back from the end of a file over the last *@n entries, of which *@n are left for older ones:
 * they begin behind the line break before them. */
static struct err *count_back(int file, int64_t *n, char *room, int64_t *offset)
{
	int64_t end = 0, left = *n + 1;
	struct err *e = size_of(file, &end);
	while (!e && end > 0) {
		size_t size = end < BLOCK ? (size_t)end : BLOCK;
		ssize_t got = pread(file, room, size, end - (int64_t)size);
		if (got != (ssize_t)size)
			return err_sys(got < 0 ? errno : EIO, "read the log");
		for (size_t i = size; i-- > 0;)
			if (room[i] == '\n' && --left == 0) {
				*offset = end - (int64_t)size + (int64_t)i + 1;
				*n = 0;
				return NULL;
			}
		end -= (int64_t)size;
	}
	*offset = 0;
	*n = left - 1;
	return e;
}

struct err *logset_tail(const struct logset *s, int64_t n, struct log_place *out)
{
	struct log_place place = { 0, 0 };
	char *room = malloc(BLOCK);
	struct err *e = room ? NULL : err_sys(ENOMEM, "read the log");
	for (size_t i = 0; !e && i < s->n && (n > 0 || i == 0); i++) {
		place.file = i;
		e = count_back(fd_num(s->files[i]), &n, room, &place.offset);
	}
	free(room);
	if (!e)
		*out = place;
	return e;
}
