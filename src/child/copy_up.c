#include "child/copy_up.h"
#include "child/inside.h"
#include "child/text.h"
#include <linux/limits.h>

enum { DEPTH = 64, ENTRIES = 1024 };

/* struct linux_dirent64 of getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

/* A directory that is being copied. Its entries are read some at a time. */
struct level {
	int from, to;
	long n, at; /* bytes in @entries; the next one to copy */
	struct timespec times[2];
	_Alignas(struct entry) char entries[ENTRIES];
};

static int copy_bytes(struct runner *r, int from, int to)
{
	char bytes[16384];
	long n;
	while ((n = sys_read(&r->sys, from, bytes, sizeof(bytes))) > 0)
		for (long done = 0; done < n;) {
			long w = sys_write(&r->sys, to, bytes + done, (size_t)(n - done));
			if (w < 0)
				return (int)w;
			done += w;
		}
	return (int)n;
}

/* The type is looked at again once it is open: another file may have taken the name. */
static int copy_file(struct runner *r, const struct level *l, const char *name, struct statx *st)
{
	int from = inside_child(r, l->from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int failed = from < 0 ? from : inside_look(r, from, st);
	if (failed >= 0 && !S_ISREG(st->stx_mode))
		failed = runner_refuse(r, ESTALE);
	int to = -1;
	if (failed >= 0)
		failed = (int)sys_mknodat(&r->sys, l->to, name, S_IFREG | 0600, 0);
	if (failed >= 0)
		failed = to = inside_child(r, l->to, name, O_WRONLY);
	if (failed >= 0)
		failed = copy_bytes(r, from, to);
	runner_close_now(r, from);
	runner_close_now(r, to);
	return failed;
}

static int copy_link(struct runner *r, const struct level *l, const char *name)
{
	char target[PATH_MAX];
	long n = sys_readlinkat(&r->sys, l->from, name, target, sizeof(target) - 1);
	if (n < 0)
		return (int)n;
	target[n] = 0;
	return (int)sys_symlinkat(&r->sys, target, l->to, name);
}

static struct timespec time_of(struct statx_timestamp t)
{
	return (struct timespec){ .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
}

/* Owner, mode and times of the copy. An owner that has no number here stays what it is. */
static int copy_attributes(struct runner *r, int to, const char *name, const struct statx *st)
{
	long failed =
		sys_fchownat(&r->sys, to, name, st->stx_uid, st->stx_gid, AT_SYMLINK_NOFOLLOW);
	if (failed == -EINVAL || failed == -EPERM)
		failed = 0;
	if (failed >= 0 && !S_ISLNK(st->stx_mode))
		failed = sys_fchmodat(&r->sys, to, name, st->stx_mode & 07777);
	if (failed < 0)
		return (int)failed;
	const struct timespec times[2] = { time_of(st->stx_atime), time_of(st->stx_mtime) };
	return (int)sys_utimensat(&r->sys, to, name, times, AT_SYMLINK_NOFOLLOW);
}

/* Copies an entry that is no directory. */
static int copy_other(struct runner *r, const struct level *l, const char *name, struct statx *st)
{
	int failed;
	if (S_ISREG(st->stx_mode))
		failed = copy_file(r, l, name, st);
	else if (S_ISLNK(st->stx_mode))
		failed = copy_link(r, l, name);
	else
		failed = (int)sys_mknodat(&r->sys, l->to, name, st->stx_mode,
			sys_device(st->stx_rdev_major, st->stx_rdev_minor));
	return failed < 0 ? failed : copy_attributes(r, l->to, name, st);
}

static int open_directory(struct runner *r, int dir, const char *name)
{
	return inside_child(r, dir, name, O_RDONLY | O_DIRECTORY);
}

/* Begins with the directories @name in @from and @to; what fails leaves nothing open. */
static int enter(struct runner *r, struct level *l, int from, int to, const char *name)
{
	l->n = l->at = 0;
	l->from = open_directory(r, from, name);
	if (l->from < 0)
		return l->from;
	l->to = inside_child(r, to, name, O_PATH | O_DIRECTORY);
	if (l->to >= 0)
		return 0;
	runner_close_now(r, l->from);
	return l->to;
}

/* A directory's times are set when nothing is made in it any more. */
static int leave(struct runner *r, const struct level *l, int failed)
{
	if (failed >= 0)
		failed = (int)sys_utimensat(&r->sys, l->to, "", l->times, AT_EMPTY_PATH);
	runner_close_now(r, l->from);
	runner_close_now(r, l->to);
	return failed;
}

static void set_times(struct level *l, const struct statx *st)
{
	l->times[0] = time_of(st->stx_atime);
	l->times[1] = time_of(st->stx_mtime);
}

/* The next entry, "." and ".." included; NULL at the end, or *@failed is set. */
static const struct entry *next_entry(struct runner *r, struct level *l, int *failed)
{
	if (l->at >= l->n) {
		l->n = sys_getdents64(&r->sys, l->from, l->entries, sizeof(l->entries));
		l->at = 0;
		*failed = l->n < 0 ? (int)l->n : 0;
		if (l->n <= 0)
			return NULL;
	}
	const struct entry *e = (const struct entry *)(l->entries + l->at);
	l->at += e->size;
	return e;
}

static int make_directory(
	struct runner *r, const struct level *l, const char *name, const struct statx *st)
{
	long failed = sys_mkdirat(&r->sys, l->to, name, 0700);
	return failed < 0 ? (int)failed : copy_attributes(r, l->to, name, st);
}

/* Copies one entry. A directory is made, and 1 returned: what is in it comes next. */
static int copy_entry(struct runner *r, const struct level *l, const char *name, struct statx *st)
{
	if (text_same(name, ".") || text_same(name, ".."))
		return 0;
	long failed = sys_statx(&r->sys, l->from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, st);
	if (failed < 0)
		return (int)failed;
	if (!S_ISDIR(st->stx_mode))
		return copy_other(r, l, name, st);
	failed = make_directory(r, l, name, st);
	return failed < 0 ? (int)failed : 1;
}

/* One step of the walk: an entry copied, a directory entered or left. */
static int step(struct runner *r, struct level levels[static DEPTH], int *depth)
{
	struct level *l = &levels[*depth - 1];
	int failed = 0;
	const struct entry *e = next_entry(r, l, &failed);
	if (failed < 0)
		return failed;
	if (!e) {
		(*depth)--;
		return leave(r, l, 0);
	}
	struct statx st;
	int is_directory = copy_entry(r, l, e->name, &st);
	if (is_directory <= 0)
		return is_directory;
	if (*depth == DEPTH)
		return runner_refuse(r, ELOOP);
	struct level *below = &levels[*depth];
	failed = enter(r, below, l->from, l->to, e->name);
	if (failed < 0)
		return failed;
	set_times(below, &st);
	(*depth)++;
	return 0;
}

int copy_up(struct runner *r, int from, int to)
{
	struct level levels[DEPTH];
	struct statx st;
	int failed = inside_look(r, from, &st);
	if (failed >= 0)
		failed = enter(r, &levels[0], from, to, ".");
	if (failed < 0)
		return failed;
	set_times(&levels[0], &st);
	int depth = 1;
	while (depth && failed >= 0)
		failed = step(r, levels, &depth);
	while (depth)
		leave(r, &levels[--depth], failed);
	return failed;
}
