#include "child/inside.h"
#include "base/mutate.h"
#include "child/text.h"
#include <linux/limits.h>
#include <linux/magic.h>

enum {
	RACES = 64, /* how often a lookup is tried again */
	LINKS = 40, /* how many links that lead nowhere are followed, as the kernel's limit */
};

static const uint64_t in_root =
	ONGGI_MUTATE == MUTATE_ROOT ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
static const uint64_t beneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

int open_at(struct runner *r, int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };
	long fd = -EAGAIN;
	for (int i = 0; i < RACES && fd == -EAGAIN; i++)
		fd = sys_openat2(&r->sys, dir, path, &how);
	return (int)fd;
}

static int root_of(struct runner *r)
{
	if (runner_slot(r, SLOT_ROOT) >= 0)
		return runner_slot(r, SLOT_ROOT);
	int failed = runner_keep(r, SLOT_ROOT, open_at(r, AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0));
	return failed < 0 ? failed : runner_slot(r, SLOT_ROOT);
}

static int open_inside(struct runner *r, const char *path, uint64_t flags, uint64_t resolve)
{
	int root = root_of(r);
	return root < 0 ? root : open_at(r, root, *path ? path : ".", flags | O_PATH, resolve);
}

int inside_open(struct runner *r, const char *path, uint64_t flags)
{
	return open_inside(r, path, flags, in_root);
}

int inside_child(struct runner *r, int dir, const char *name, uint64_t flags)
{
	return open_at(r, dir, name, flags | O_NOFOLLOW, beneath);
}

int inside_look(struct runner *r, int fd, struct statx *out)
{
	return (int)sys_statx(&r->sys, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, out);
}

/* The length of the directory part of @path. */
static size_t directory_len(const char *path)
{
	return (size_t)(text_base(path) - path);
}

static bool same_directory(const char *a, const char *b)
{
	size_t n = directory_len(a);
	if (n != directory_len(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* Keeps the directory of @path for others in it. */
static void set_near(struct runner *r, const char *path, int dir)
{
	runner_close(r, r->near_dir);
	r->near = path;
	r->near_dir = dir;
}

static bool is_near(const struct runner *r, const char *path)
{
	return r->near_dir >= 0 && same_directory(path, r->near);
}

/* Whether @name can be an entry of a directory. */
static bool is_entry(const char *name)
{
	return *name && !text_same(name, ".") && !text_same(name, "..");
}

/* A path whose end is missing. */
struct missing {
	char text[PATH_MAX];
	size_t cut;       /* the missing part begins here */
	uint64_t resolve; /* for what is there */
	int like;         /* struct target */
};

/* Moves the cut one component to the left; false at the beginning. */
static bool cut_more(struct missing *m)
{
	size_t at = m->cut;
	while (at && m->text[at - 1] == '/')
		at--;
	while (at && m->text[at - 1] != '/')
		at--;
	bool moved = at < m->cut;
	m->cut = at;
	return moved;
}

/* Opens what is before the cut. */
static int open_before(struct runner *r, struct missing *m)
{
	char kept = m->text[m->cut];
	m->text[m->cut] = 0;
	int fd = open_inside(r, m->text, O_DIRECTORY, m->resolve);
	m->text[m->cut] = kept;
	return fd;
}

/* The deepest directory of the path that is there; the cut is behind it. */
static int deepest(struct runner *r, struct missing *m)
{
	m->cut = text_len(m->text);
	int fd = -ENOENT;
	while (fd == -ENOENT && cut_more(m))
		fd = open_before(r, m);
	return fd;
}

/* The next component of *@rest, which moves behind it and the slashes that follow. */
static struct text next_name(const char **rest, char name[static NAME_MAX + 1])
{
	struct text t = { .p = name, .room = NAME_MAX + 1 };
	name[0] = 0;
	size_t n = 0;
	while ((*rest)[n] && (*rest)[n] != '/')
		n++;
	text_add_some(&t, *rest, n);
	*rest += n;
	while (**rest == '/')
		(*rest)++;
	return t;
}

/* Whether the last component is to be a directory. */
static bool wants_directory(struct runner *r, int like)
{
	struct statx st;
	return like < 0 || inside_look(r, like, &st) < 0 || S_ISDIR(st.stx_mode);
}

/* Makes one component in @dir and opens it. */
static int make_one(struct runner *r, int dir, const char *name, bool directory)
{
	long made = directory ? sys_mkdirat(&r->sys, dir, name, 0755)
	                      : sys_mknodat(&r->sys, dir, name, S_IFREG | 0644, 0);
	if (made < 0)
		return (int)made;
	return inside_child(r, dir, name, O_PATH | (directory ? O_DIRECTORY : 0));
}

/* Makes what is behind the cut in @dir. Returns the last component, open. */
static int make_rest(struct runner *r, int dir, const struct missing *m)
{
	const char *rest = m->text + m->cut;
	int at = dir;
	while (*rest && at >= 0) {
		char name[NAME_MAX + 1];
		bool too_long = next_name(&rest, name).full;
		int next = too_long ? runner_refuse(r, ENAMETOOLONG)
		                    : make_one(r, at, name, *rest || wants_directory(r, m->like));
		if (at != dir)
			runner_close(r, at);
		at = next;
	}
	return at;
}

/*
 * The first missing component could not be made because it is there: a link that leads nowhere,
 * whose text then takes its place in the path, or something that was made in this moment. Links
 * like these are usual in images: /etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf.
 */
static int follow(struct runner *r, int dir, struct missing *m)
{
	char name[NAME_MAX + 1], link[PATH_MAX], whole[PATH_MAX];
	struct text t = TEXT_IN(whole);
	const char *rest = m->text + m->cut;
	next_name(&rest, name);
	long n = sys_readlinkat(&r->sys, dir, name, link, sizeof(link));
	if (n == -EINVAL || n == -ENOENT)
		return 0;
	if (n < 0)
		return (int)n;
	if (m->resolve & RESOLVE_NO_SYMLINKS)
		return runner_refuse(r, ELOOP);
	if (n && link[0] != '/')
		text_add_some(&t, m->text, m->cut);
	text_add_some(&t, link, (size_t)n);
	text_add(&t, "/");
	text_add(&t, rest);
	if (t.full)
		return runner_refuse(r, ENAMETOOLONG);
	struct text copy = TEXT_IN(m->text);
	text_add(&copy, whole);
	return 0;
}

/* Makes the missing end of the path once; -EEXIST if a link has to be followed first. */
static int make_missing(struct runner *r, struct missing *m, const char *path)
{
	int dir = deepest(r, m);
	if (dir < 0)
		return dir;
	int fd = make_rest(r, dir, m);
	if (fd >= 0 && m->cut == directory_len(path) && text_same(m->text, path)) {
		set_near(r, path, dir);
		return fd;
	}
	if (fd == -EEXIST) {
		int failed = follow(r, dir, m);
		fd = failed < 0 ? failed : -EEXIST;
	}
	if (fd != dir)
		runner_close(r, dir);
	return fd;
}

static int make_target(struct runner *r, struct target *t, uint64_t flags, uint64_t resolve)
{
	struct missing m;
	m.resolve = resolve;
	m.like = t->like;
	struct text copy = TEXT_IN(m.text);
	text_add(&copy, t->path);
	if (copy.full)
		return runner_refuse(r, ENAMETOOLONG);
	t->made = true;
	for (int i = 0; i < LINKS; i++) {
		int fd = make_missing(r, &m, t->path);
		if (fd != -EEXIST)
			return fd;
		fd = open_inside(r, m.text, flags, resolve);
		if (fd != -ENOENT)
			return fd;
	}
	return runner_refuse(r, ELOOP);
}

/* Whether an open target may be used: where links are refused, the last one was opened itself. */
static int check_target(struct runner *r, int fd, uint32_t flags)
{
	struct statx st;
	struct statfs fs;
	int failed = flags & MOUNT_NO_SYMLINK ? inside_look(r, fd, &st) : 0;
	if (failed >= 0 && flags & MOUNT_NO_SYMLINK && S_ISLNK(st.stx_mode))
		failed = runner_refuse(r, ELOOP);
	if (failed < 0 || flags & MOUNT_IN_PROC)
		return failed;
	failed = (int)sys_fstatfs(&r->sys, fd, &fs);
	if (failed >= 0 && fs.f_type == PROC_SUPER_MAGIC)
		failed = runner_refuse_because(
			r, EPERM, "cannot be mounted because it is inside /proc");
	return failed;
}

/* The target in the directory that is kept: something was made there, so this will have to be, too.
 * -ELOOP if it is a link, which has to be resolved from the root. */
static int target_near(struct runner *r, struct target *t)
{
	const char *name = text_base(t->path);
	int fd = t->flags & MOUNT_NO_CREATE
	                 ? -EEXIST
	                 : make_one(r, r->near_dir, name, wants_directory(r, t->like));
	t->made = fd >= 0;
	return fd == -EEXIST ? open_at(r, r->near_dir, name, O_PATH, beneath) : fd;
}

/* The target, from the root. What is attached there may hide the directory that is kept. */
static int target_far(struct runner *r, struct target *t)
{
	bool plain = t->flags & MOUNT_PLAIN_DIR;
	uint64_t resolve = in_root | (plain ? RESOLVE_NO_SYMLINKS : 0);
	uint64_t flags = plain                         ? O_DIRECTORY | O_NOFOLLOW
	                 : t->flags & MOUNT_NO_SYMLINK ? O_NOFOLLOW
	                                               : 0;
	set_near(r, NULL, -1);
	int fd = open_inside(r, t->path, flags, resolve);
	if (fd == -ENOENT && !(t->flags & MOUNT_NO_CREATE))
		fd = make_target(r, t, flags, resolve);
	return fd == -ELOOP && plain ? runner_refuse(r, ENOTDIR) : fd;
}

int inside_target(struct runner *r, struct target *t)
{
	int fd = -ELOOP;
	t->made = false;
	if (is_near(r, t->path) && is_entry(text_base(t->path)) && !(t->flags & MOUNT_PLAIN_DIR))
		fd = target_near(r, t);
	if (fd == -ELOOP)
		fd = target_far(r, t);
	int failed = fd < 0 || t->made ? fd : check_target(r, fd, t->flags);
	if (failed >= 0)
		return fd;
	runner_close(r, fd);
	return failed;
}

int inside_parent(struct runner *r, const char *path)
{
	char text[PATH_MAX];
	struct text directory = TEXT_IN(text);
	if (!is_entry(text_base(path)))
		return runner_refuse(r, EINVAL);
	if (is_near(r, path))
		return r->near_dir;
	text[0] = 0;
	text_add_some(&directory, path, directory_len(path));
	if (directory.full)
		return runner_refuse(r, ENAMETOOLONG);
	struct target t = { .path = text, .flags = MOUNT_IN_PROC, .like = -1 };
	int fd = inside_target(r, &t);
	set_near(r, path, fd < 0 ? -1 : fd);
	return fd;
}
