#include "runtime/usage.h"
#include "base/num.h"
#include "kernel/file.h"
#include "runtime/usage_files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILE_MAX = 1 << 20 };

const char *usage_text(struct usage_reader *r, const char *file)
{
	cleanup(buf_done) struct buf text = {}, path = {};
	if (!r->dir || r->error)
		return NULL;
	buf_add(&path, "%s/%s", r->dir, file);
	struct err *e = file_read(AT_FDCWD, buf_text(&path), FILE_MAX, &text);
	if (!e)
		return arena_str(r->arena, (struct str){ buf_text(&text), text.n });
	if (e->kind == ERR_NOT_FOUND)
		err_free(&e);
	r->error = e;
	return NULL;
}

/* Everything the kernel counts is without a sign; what is no number counts as 0. */
static uint64_t number(struct str s)
{
	uint64_t n = 0;
	if (str_eq(s, STR("max")))
		return UINT64_MAX;
	struct err *e = num_u64(s, &n);
	err_free(&e);
	return n;
}

uint64_t usage_number(struct usage_reader *r, const char *file)
{
	const char *text = usage_text(r, file);
	struct str rest = text ? str_of(text) : STR("");
	return number(str_cut(&rest, '\n'));
}

void *usage_grow(struct list *l, size_t size, struct arena *a)
{
	if ((l->n & (l->n - 1)) == 0) {
		void *items = arena_alloc(a, size, l->n ? 2 * l->n : 1);
		if (l->n)
			memcpy(items, l->items, l->n * size);
		l->items = items;
	}
	return (char *)l->items + size * l->n++;
}

struct list usage_counters(struct usage_reader *r, const char *file)
{
	struct list out = {};
	const char *text = usage_text(r, file);
	struct str rest = text ? str_of(text) : STR("");
	while (rest.n) {
		struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ' ');
		USAGE_ADD(out, struct usage_counter, r->arena,
			{ arena_str(r->arena, name), number(line) });
	}
	return out;
}

uint64_t usage_counter(const struct list *counters, const char *name)
{
	for (list_each(const struct usage_counter, c, *counters))
		if (strcmp(c->name, name) == 0)
			return c->value;
	return 0;
}

static void add_range(struct int_list *out, struct str range, struct arena *a)
{
	struct list l = { out->items, out->n };
	struct str from = str_cut(&range, '-');
	uint64_t first = number(from), last = range.n ? number(range) : first;
	for (uint64_t n = first; n <= last && last - first < 65536; n++)
		USAGE_ADD(l, int64_t, a, (int64_t)n);
	*out = (struct int_list){ l.items, l.n };
}

struct int_list usage_numbers(struct usage_reader *r, const char *file)
{
	struct int_list out = {};
	const char *text = usage_text(r, file);
	struct str rest = text ? str_of(text) : STR("");
	struct str line = str_cut(&rest, '\n');
	char separator = line.n && memchr(line.p, ' ', line.n) ? ' ' : ',';
	while (line.n) {
		struct str item = str_cut(&line, separator);
		if (item.n)
			add_range(&out, item, r->arena);
	}
	return out;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static struct usage_stall stall(struct str line, struct arena *a)
{
	struct usage_stall out = { "0", "0", "0", 0 };
	while (line.n) {
		struct str value = str_cut(&line, ' '), key = str_cut(&value, '=');
		if (str_eq(key, STR("avg10")))
			out.avg10 = arena_str(a, value);
		else if (str_eq(key, STR("avg60")))
			out.avg60 = arena_str(a, value);
		else if (str_eq(key, STR("avg300")))
			out.avg300 = arena_str(a, value);
		else if (str_eq(key, STR("total")))
			out.total = number(value);
	}
	return out;
}

struct usage_pressure usage_pressure(struct usage_reader *r, const char *file)
{
	const struct usage_stall nothing = { "0", "0", "0", 0 };
	struct usage_pressure out = { false, nothing, nothing };
	const char *text = usage_text(r, file);
	struct str rest = text ? str_of(text) : STR("");
	while (rest.n) {
		struct str line = str_cut(&rest, '\n'), which = str_cut(&line, ' ');
		out.present = true;
		if (str_eq(which, STR("some")))
			out.some = stall(line, r->arena);
		else if (str_eq(which, STR("full")))
			out.full = stall(line, r->arena);
	}
	return out;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct text_list usage_page_sizes(struct usage_reader *r, const char *suffix)
{
	struct list found = {};
	DIR *d = r->dir && !r->error ? opendir(r->dir) : NULL;
	for (struct dirent *it; d && (it = readdir(d));) {
		struct str rest = str_of(it->d_name);
		struct str first = str_cut(&rest, '.'), size = str_cut(&rest, '.');
		if (str_eq(first, STR("hugetlb")) && str_eq(rest, str_of(suffix)))
			USAGE_ADD(found, const char *, r->arena, arena_str(r->arena, size));
	}
	if (d)
		closedir(d);
	if (found.n)
		qsort(found.items, found.n, sizeof(const char *), by_name);
	return (struct text_list){ found.items, found.n };
}

struct err *usage_read(const struct cgroup *c, struct arena *a, struct usage *out)
{
	struct usage_reader r = { .arena = a };
	const struct cgroup_dir *v2 = cgroup_dir_of(c, "");
	if (c->mode == CGROUP_V1 || c->mode == CGROUP_HYBRID)
		usage_read_v1(c, &r, out);
	r.dir = v2 ? v2->host : NULL;
	if (c->mode == CGROUP_V2)
		usage_read_v2(&r, out);
	usage_read_v2_extras(&r, out);
	return r.error;
}

/* "  eth0: bytes packets errs drop fifo frame compressed multicast bytes packets ..." */
static bool read_interface(struct str line, struct arena *a, struct usage_interface *out)
{
	uint64_t n[16] = {};
	while (line.n && *line.p == ' ')
		line = (struct str){ line.p + 1, line.n - 1 };
	if (!line.n || !memchr(line.p, ':', line.n))
		return false;
	struct str name = str_cut(&line, ':');
	for (size_t i = 0; line.n && i < ARRAY_LEN(n);) {
		struct str word = str_cut(&line, ' ');
		if (word.n)
			n[i++] = number(word);
	}
	*out = (struct usage_interface){ .name = arena_str(a, name) };
	memcpy(out->received, n, sizeof(out->received));
	memcpy(out->sent, n + 8, sizeof(out->sent));
	return strcmp(out->name, "lo") != 0;
}

struct err *usage_read_interfaces(pid_t pid, struct arena *a, struct usage *out)
{
	cleanup(buf_done) struct buf text = {};
	struct stat ours, theirs;
	const char *ns = arena_fmt(a, "/proc/%d/ns/net", (int)pid);
	const char *path = arena_fmt(a, "/proc/%d/net/dev", (int)pid);
	if (stat("/proc/self/ns/net", &ours) < 0 || stat(ns, &theirs) < 0)
		return err_sys(errno, "stat %s", ns);
	if (ours.st_ino == theirs.st_ino)
		return NULL;
	struct err *e = file_read(AT_FDCWD, path, FILE_MAX, &text);
	struct str rest = { buf_text(&text), text.n };
	while (!e && rest.n) {
		struct usage_interface i;
		if (read_interface(str_cut(&rest, '\n'), a, &i))
			USAGE_ADD(out->interfaces, struct usage_interface, a, i);
	}
	return e;
}
