#include "base/buf.h"
#include "cgroup/cgroup.h"
#include "cgroup/cgroup_file.h"
#include <limits.h>
#include <stdio.h>

static struct err *bad_path(const char *path, const char *why)
{
	return err_new(ERR_USAGE, "control group path '%s' %s", path, why);
}

/* Parts of a path that we make must name themselves: nothing empty, "." or "..". */
static struct err *check_parts(const char *path)
{
	struct str rest = str_of(path);
	if (rest.n && *rest.p == '/')
		str_cut(&rest, '/');
	if (rest.n == 0)
		return bad_path(
			path, "names the root of the hierarchy, which holds the host's processes");
	if (rest.n >= PATH_MAX / 2)
		return bad_path("...", "is too long");
	if (rest.p[rest.n - 1] == '/')
		return bad_path(path, "ends in a slash");
	while (rest.n) {
		struct str part = str_cut(&rest, '/');
		if (part.n == 0)
			return bad_path(path, "has an empty part");
		if (part.n > NAME_MAX)
			return bad_path(path, "has a part longer than 255 bytes");
		if (str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return bad_path(path, "may not contain '.' or '..'");
	}
	return NULL;
}

static struct err *check_path(const char *path)
{
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return bad_path("...", "contains a newline or another control character");
	return check_parts(path);
}

/* The group above @path. */
static const char *above(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	return arena_str(a, (struct str){ path, slash ? (size_t)(slash - path) : 0 });
}

static const char *base_for(const struct cgroup_hierarchy *h, bool absolute, struct arena *a)
{
	if (absolute)
		return "";
	return h->v2 ? above(h->own, a) : strcmp(h->own, "/") == 0 ? "" : h->own;
}

static void add_dirs(
	const struct cgroup_host *host, const char *path, struct arena *a, struct cgroup *out)
{
	const char *name = *path == '/' ? path + 1 : path;
	struct cgroup_dir *d = anew(a, struct cgroup_dir, host->hierarchies.n);
	out->mode = host->mode;
	out->dirs.items = d;
	for (list_each(const struct cgroup_hierarchy, h, host->hierarchies)) {
		d->in = h;
		d->path = arena_fmt(a, "%s/%s", base_for(h, *path == '/', a), name);
		d->host = arena_fmt(a, "%s%s", h->mount, d->path);
		d++;
		out->dirs.n++;
	}
}

static bool ends_in(struct str s, struct str end)
{
	return s.n > end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

/* What systemd.unit(5) allows in a name; a colon can't be in it here. */
static bool is_unit_name(struct str s)
{
	if (s.n == 0 || s.n > 240)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') && !strchr("-_.@\\", c))
			return false;
	}
	return true;
}

static struct err *bad_slice(struct str slice)
{
	return err_new(ERR_USAGE,
		"invalid slice name '" STR_FMT "': a slice is named like a.slice or a-b.slice",
		STR_ARG(slice));
}

/* Where systemd puts a slice: "a-b.slice" is "/a.slice/a-b.slice", "-.slice" the top. */
static struct err *slice_path(struct str slice, struct arena *a, const char **out)
{
	if (!ends_in(slice, STR(".slice")) || !is_unit_name(slice))
		return bad_slice(slice);
	struct str stem = { slice.p, slice.n - 6 }, rest = stem;
	const char *path = "";
	if (str_eq(stem, STR("-")))
		rest.n = 0;
	else if (stem.p[stem.n - 1] == '-')
		return bad_slice(slice);
	while (rest.n) {
		struct str part = str_cut(&rest, '-');
		struct str up_to = { stem.p, (size_t)(part.p + part.n - stem.p) };
		if (part.n == 0)
			return bad_slice(slice);
		path = arena_fmt(a, "%s/" STR_FMT ".slice", path, STR_ARG(up_to));
	}
	*out = path;
	return NULL;
}

/* "slice:prefix:name" in its three parts. */
struct unit {
	struct str slice, prefix, name;
};

static struct err *split_unit(const char *path, const char *id, bool user, struct unit *out)
{
	struct str fallback = user ? STR("user.slice") : STR("system.slice");
	*out = (struct unit){ fallback, STR("onggi"), str_of(id) };
	if (!path)
		return NULL;
	struct str rest = str_of(path);
	struct str slice = str_cut(&rest, ':'), prefix = str_cut(&rest, ':');
	if (rest.n == 0 || memchr(rest.p, ':', rest.n))
		return err_hint(
			err_new(ERR_USAGE,
				"expected cgroupsPath to be of format \"slice:prefix:name\" "
				"for systemd cgroups, got \"%s\" instead",
				path),
			"the caller uses the cgroupfs driver: leave out --systemd-cgroup");
	*out = (struct unit){ slice.n == 0 ? fallback : slice, prefix, rest };
	if (str_eq(slice, STR("-")))
		out->slice = STR("-.slice");
	return NULL;
}

static const char *unit_name(const struct unit *u, struct arena *a)
{
	if (ends_in(u->name, STR(".slice")))
		return arena_str(a, u->name);
	return arena_fmt(a, STR_FMT "%s" STR_FMT ".scope", STR_ARG(u->prefix),
		u->prefix.n ? "-" : "", STR_ARG(u->name));
}

static struct err *locate_unit(const struct cgroup_host *host, const char *path, const char *id,
	struct arena *a, struct cgroup *out)
{
	struct unit u;
	const char *in_slice, *manager = host->user_manager ? host->user_manager : "";
	struct err *e = split_unit(path, id, host->user_manager != NULL, &u);
	if (!e)
		e = slice_path(u.slice, a, &in_slice);
	if (e)
		return e;
	out->scope = unit_name(&u, a);
	out->slice = arena_str(a, u.slice);
	out->user = host->user_manager != NULL;
	if (!is_unit_name(str_of(out->scope)))
		return err_new(ERR_USAGE, "'%s' can't be the name of a systemd unit", out->scope);
	if (ends_in(u.name, STR(".slice")))
		e = slice_path(u.name, a, &out->unit_path);
	else
		out->unit_path = arena_fmt(a, "%s/%s", in_slice, out->scope);
	if (!e)
		out->unit_path = arena_fmt(a, "%s%s", manager, out->unit_path);
	return e ? e : check_path(out->unit_path);
}

struct err *cgroup_locate(const struct cgroup_host *host, const char *path, const char *id,
	bool systemd, struct arena *a, struct cgroup *out)
{
	struct cgroup c = {};
	const char *where = path && *path ? path : NULL;
	struct err *e;
	if (systemd) {
		e = locate_unit(host, where, id, a, &c);
		where = c.unit_path;
	} else {
		where = where ? where : id;
		e = check_path(where);
	}
	if (e)
		return e;
	add_dirs(host, where, a, &c);
	*out = c;
	return NULL;
}

/* A group that came from a record asks the one above it, for what that has it can have. */
static bool has_controller(const struct cgroup_dir *d, struct str name)
{
	if (d->in->controllers)
		return str_lists(str_of(d->in->controllers), d->in->v2 ? ' ' : ',', name);
	cleanup(arena_done) struct arena a = {};
	return str_lists(str_of(cgroup_text(d->host, "../cgroup.controllers", &a)), ' ', name);
}

const struct cgroup_dir *cgroup_dir_of(const struct cgroup *c, const char *controller)
{
	struct str name = str_of(controller);
	for (list_each(const struct cgroup_dir, d, c->dirs))
		if (name.n == 0 ? d->in->v2 : has_controller(d, name))
			return d;
	return NULL;
}

const char *cgroup_user_manager(const struct cgroup_host *host, uid_t uid, struct arena *a)
{
	unsigned number = uid;
	for (list_each(const struct cgroup_hierarchy, h, host->hierarchies)) {
		bool systemds = h->v2 || strcmp(h->controllers, "name=systemd") == 0;
		if (systemds && sscanf(h->own, "/user.slice/user-%u.slice/", &number) == 1)
			break;
	}
	return arena_fmt(a, "/user.slice/user-%u.slice/user@%u.service", number, number);
}
