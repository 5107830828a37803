#include "base/buf.h"
#include "base/fd.h"
#include "cgroup/cgroup_ops.h"
#include <dirent.h>
#include <fcntl.h>

/* Deeper nests are refused when processes are looked for; nothing limits their removal. */
enum { DEPTH_MAX = 128, READ_STEP = 4096 };

static void add_pid(int64_t pid, struct arena *a, struct int_list *out)
{
	if ((out->n & (out->n - 1)) == 0) { /* full: room is the next power of two */
		int64_t *items = anew(a, int64_t, out->n ? out->n * 2 : 1);
		if (out->n)
			memcpy(items, out->items, out->n * sizeof(*items));
		out->items = items;
	}
	out->items[out->n++] = pid;
}

static void parse_pids(struct str text, struct arena *a, struct int_list *out)
{
	while (text.n) {
		int64_t pid = 0;
		struct str line = str_cut(&text, '\n');
		for (size_t i = 0; i < line.n; i++)
			pid = pid * 10 + line.p[i] - '0';
		if (pid > 0) /* 0 stands for one outside our pid namespace */
			add_pid(pid, a, out);
	}
}

/* A threaded group has its processes listed by the group at the root of its domain: EOPNOTSUPP. */
static struct err *read_pids(int dir, struct arena *a, struct int_list *out)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(fd_close) struct fd file =
		fd_own(openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC));
	for (;;) {
		char *room = buf_room(&text, READ_STEP);
		ssize_t n = read(fd_num(file), room, READ_STEP);
		if (n < 0 && (errno == EOPNOTSUPP || errno == ENODEV || !fd_valid(file)))
			return NULL; /* threaded, or gone */
		if (n < 0)
			return err_sys(errno, "read cgroup.procs");
		if (n == 0)
			break;
		buf_grown(&text, (size_t)n);
	}
	parse_pids((struct str){ text.p, text.n }, a, out);
	return NULL;
}

static bool is_group(const struct dirent *d)
{
	return d->d_type == DT_DIR && strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static struct err *walk_pids(int dir, int depth, struct arena *a, struct int_list *out);

static struct err *walk_children(DIR *stream, int depth, struct arena *a, struct int_list *out)
{
	struct err *e = NULL;
	for (struct dirent *d; !e && (d = readdir(stream));) {
		if (!is_group(d))
			continue;
		int child = openat(dirfd(stream), d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (child >= 0) /* else it is gone already */
			e = walk_pids(child, depth + 1, a, out);
	}
	return e;
}

/* Takes @dir, a descriptor, and closes it. */
static struct err *walk_pids(int dir, int depth, struct arena *a, struct int_list *out)
{
	cleanup(fd_close) struct fd own = fd_own(dir);
	struct err *e = read_pids(dir, a, out);
	if (e)
		return e;
	if (depth > DEPTH_MAX)
		return err_new(
			ERR_SYSTEM, "control groups are nested more than %d deep", DEPTH_MAX);
	DIR *stream = fdopendir(dir);
	if (!stream)
		return err_sys(errno, "list a control group");
	own = (struct fd){};
	e = walk_children(stream, depth, a, out);
	closedir(stream);
	return e;
}

struct err *cgroup_pids_of(const char *dir, struct arena *a, struct int_list *out)
{
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return errno == ENOENT ? NULL : err_sys(errno, "open control group %s", dir);
	struct err *e = walk_pids(top, 0, a, out);
	return e ? err_wrap(e, "processes of %s", dir) : NULL;
}

/* Finds a group below @dir that is not @except; "" if there is none. */
static void first_child(int dir, char name[static 256])
{
	*name = '\0';
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	if (!stream)
		return;
	for (struct dirent *d; (d = readdir(stream));)
		if (is_group(d)) {
			memcpy(name, d->d_name, strlen(d->d_name) + 1);
			break;
		}
	closedir(stream);
}

/*
 * Goes down to a group without groups below it, removes that, and looks again from its parent; so
 * it takes two descriptors, whatever the depth. Ends at the first group that can't be removed: one
 * that has processes.
 */
void cgroup_remove_below(const char *dir)
{
	cleanup(fd_close) struct fd at = fd_own(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char name[256];
	bool from_below = false;
	for (int depth = 0; fd_valid(at);) {
		first_child(fd_num(at), name);
		if (!*name && depth == 0)
			return;
		if (*name && unlinkat(fd_num(at), name, AT_REMOVEDIR) == 0) {
			from_below = false;
			continue;
		}
		if (*name && from_below)
			return;
		from_below = !*name;
		depth += *name ? 1 : -1;
		struct fd next = fd_own(openat(
			fd_num(at), *name ? name : "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		fd_close(&at);
		at = next;
	}
}
