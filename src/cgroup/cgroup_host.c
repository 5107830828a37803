#include "cgroup/cgroup.h"
#include "cgroup/cgroup_file.h"
#include "kernel/file.h"
#include <fcntl.h>

/* A mount table of this size has some hundred thousand entries. */
enum { MOUNTS_MAX = 64 << 20, GROUPS_MAX = 1 << 20 };

/* One line of mountinfo: see proc_pid_mountinfo(5). */
struct mount {
	struct str id, parent, root, point, options, type, super_options;
};

struct mounts {
	struct mount *items;
	size_t n;
};

static struct mount parse_mount(struct str line)
{
	struct mount m = { .id = str_cut(&line, ' '), .parent = str_cut(&line, ' ') };
	str_cut(&line, ' '); /* major:minor */
	m.root = str_cut(&line, ' ');
	m.point = str_cut(&line, ' ');
	m.options = str_cut(&line, ' ');
	while (line.n && !str_eq(str_cut(&line, ' '), STR("-")))
		; /* propagation */
	m.type = str_cut(&line, ' ');
	str_cut(&line, ' '); /* source */
	m.super_options = str_cut(&line, ' ');
	return m;
}

static struct mounts parse_mounts(struct str text, struct arena *a)
{
	size_t lines = 1;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	struct mounts m = { .items = anew(a, struct mount, lines) };
	while (text.n)
		m.items[m.n++] = parse_mount(str_cut(&text, '\n'));
	return m;
}

/* True if @path is @dir or lies below it, component by component. */
static bool at_or_below(struct str path, struct str dir)
{
	if (str_eq(dir, STR("/")))
		return path.n && path.p[0] == '/';
	return path.n >= dir.n && memcmp(path.p, dir.p, dir.n) == 0 &&
	       (path.n == dir.n || path.p[dir.n] == '/');
}

static const struct mount *mount_with_id(const struct mounts *all, struct str id)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->items[i].id, id))
			return &all->items[i];
	return NULL;
}

/* True if inside @in a path walk towards @point is led away by another mount than @towards. */
static bool led_away(const struct mounts *all, const struct mount *in, const struct mount *towards,
	struct str point)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct mount *m = &all->items[i];
		if (m != towards && str_eq(m->parent, in->id) && at_or_below(point, m->point))
			return true;
	}
	return false;
}

/* True if something is mounted over @m, or over a directory above it. */
static bool is_hidden(const struct mounts *all, const struct mount *m)
{
	const struct mount *towards = NULL;
	struct str point = m->point;
	for (size_t depth = 0; m && depth < all->n; depth++) {
		if (led_away(all, m, towards, point))
			return true;
		towards = m;
		point = m->point;
		m = mount_with_id(all, m->parent);
		if (m == towards) /* the initial root names itself */
			break;
	}
	return false;
}

/* How well a mount serves: the whole hierarchy before a part, writable before read-only, the
 * usual place before others. */
static int rank_mount(const struct mount *m)
{
	bool whole = str_eq(m->root, STR("/"));
	bool writable = !str_lists(m->options, ',', STR("ro"));
	bool usual = at_or_below(m->point, STR("/sys/fs/cgroup"));
	return whole * 4 + writable * 2 + usual;
}

/* The mount that serves best of those of v2, or of the v1 hierarchy with @controller. */
static const struct mount *best_mount(const struct mounts *all, bool v2, struct str controller)
{
	const struct mount *best = NULL;
	for (size_t i = 0; i < all->n; i++) {
		const struct mount *m = &all->items[i];
		if (!str_eq(m->type, v2 ? STR("cgroup2") : STR("cgroup")))
			continue;
		if (!v2 && !str_lists(m->super_options, ',', controller))
			continue;
		if ((!best || rank_mount(m) > rank_mount(best)) && !is_hidden(all, m))
			best = m;
	}
	return best;
}

static bool is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
	       p[2] <= '7';
}

/* Text of mountinfo, where a blank is "\040". */
static const char *unescape(struct arena *a, struct str s)
{
	char *out = anew(a, char, s.n + 1), *to = out;
	for (size_t i = 0; i < s.n; i++) {
		const char *p = s.p + i;
		bool escaped = *p == '\\' && s.n - i > 3 && is_octal(p + 1);
		*to++ = escaped ? (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0') : *p;
		i += escaped ? 3 : 0;
	}
	return out;
}

/* @group as seen from the mount that shows only @root; the top if it is not below. */
static const char *seen_from(const char *root, struct str group, struct arena *a)
{
	struct str top = str_of(root);
	bool gone = group.n >= 10 &&
	            str_eq((struct str){ group.p + group.n - 10, 10 }, STR(" (deleted)"));
	if (gone || !at_or_below(group, top) || group.n == top.n || strncmp(group.p, "/..", 3) == 0)
		return "/";
	size_t skip = str_eq(top, STR("/")) ? 0 : top.n;
	return arena_str(a, (struct str){ group.p + skip, group.n - skip });
}

/* One line of /proc/self/cgroup: "4:memory:/user", "0::/user". */
static void add_hierarchy(
	const struct mounts *all, struct str line, struct arena *a, struct cgroup_host *out)
{
	str_cut(&line, ':');
	struct str controllers = str_cut(&line, ':'), first = controllers;
	bool v2 = controllers.n == 0;
	const struct mount *m = best_mount(all, v2, str_cut(&first, ','));
	if (!m || line.n == 0)
		return;
	struct cgroup_hierarchy *h = out->hierarchies.items;
	h += out->hierarchies.n++;
	h->v2 = v2;
	h->controllers = arena_str(a, controllers);
	h->mount = unescape(a, m->point);
	h->root = unescape(a, m->root);
	h->own = seen_from(h->root, line, a);
}

static enum cgroup_mode mode_of(const struct list *hierarchies)
{
	size_t v2 = 0;
	for (list_each(const struct cgroup_hierarchy, h, *hierarchies))
		v2 += h->v2;
	if (hierarchies->n == 0)
		return CGROUP_NONE;
	if (v2 == 0)
		return CGROUP_V1;
	return v2 == hierarchies->n ? CGROUP_V2 : CGROUP_HYBRID;
}

void cgroup_host_parse(
	struct str mounts, struct str groups, struct arena *a, struct cgroup_host *out)
{
	cleanup(arena_done) struct arena scratch = {};
	struct mounts all = parse_mounts(mounts, &scratch);
	size_t lines = 1;
	for (size_t i = 0; i < groups.n; i++)
		lines += groups.p[i] == '\n';
	*out = (struct cgroup_host){ .hierarchies.items = anew(a, struct cgroup_hierarchy, lines) };
	while (groups.n)
		add_hierarchy(&all, str_cut(&groups, '\n'), a, out);
	out->mode = mode_of(&out->hierarchies);
}

struct err *cgroup_host_read(struct arena *a, struct cgroup_host *out)
{
	cleanup(buf_done) struct buf mounts = {}, groups = {};
	struct err *e = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_MAX, &mounts);
	if (!e)
		e = file_read(AT_FDCWD, "/proc/self/cgroup", GROUPS_MAX, &groups);
	if (e)
		return e;
	cgroup_host_parse(
		(struct str){ mounts.p, mounts.n }, (struct str){ groups.p, groups.n }, a, out);
	for (list_each(struct cgroup_hierarchy, h, out->hierarchies))
		if (h->v2)
			h->controllers = cgroup_text(h->mount, "cgroup.controllers", a);
	return NULL;
}
