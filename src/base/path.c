#include "base/path.h"

struct str path_cut(struct str *path)
{
	while (path->n && *path->p == '/')
		*path = (struct str){ path->p + 1, path->n - 1 };
	return str_cut(path, '/');
}

/* Where the last component of @path starts: behind the last slash. */
static size_t last_start(struct str path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	return at;
}

/* A clean path that grows by components; the room is enough for every component of the source. */
struct growing {
	char *p;
	size_t n;
	size_t root; /* 1 for an absolute path, whose slash stays */
};

static void push(struct growing *g, struct str component)
{
	if (g->n > g->root)
		g->p[g->n++] = '/';
	memcpy(g->p + g->n, component.p, component.n);
	g->n += component.n;
}

/* Removes the last component if there is one that ".." can remove. */
static bool pop(struct growing *g)
{
	struct str done = { g->p + g->root, g->n - g->root };
	size_t start = last_start(done);
	struct str last = { done.p + start, done.n - start };
	if (!done.n || str_eq(last, STR("..")))
		return false;
	g->n = g->root + (start ? start - 1 : 0);
	return true;
}

char *path_clean(struct arena *a, struct str path)
{
	struct growing g = { anew(a, char, path.n + 2), 0, path.n && *path.p == '/' };
	if (g.root)
		g.p[g.n++] = '/';
	for (struct str c = path_cut(&path); c.n; c = path_cut(&path)) {
		bool up = str_eq(c, STR(".."));
		if (str_eq(c, STR(".")) || (up && (pop(&g) || g.root)))
			continue;
		push(&g, c);
	}
	if (!g.n)
		g.p[g.n++] = '.';
	g.p[g.n] = 0;
	return g.p;
}

char *path_join(struct arena *a, const char *base, const char *path)
{
	if (*path == '/')
		return path_clean(a, str_of(path));
	return path_clean(a, str_of(arena_fmt(a, "%s/%s", base, path)));
}

struct str path_base(struct str path)
{
	size_t at = last_start(path);
	return at == path.n ? path : (struct str){ path.p + at, path.n - at };
}

struct str path_dir(struct str path)
{
	size_t at = last_start(path);
	if (at == 0)
		return STR(".");
	return (struct str){ path.p, at == 1 ? 1 : at - 1 };
}

bool path_is_below(struct str path, struct str dir)
{
	if (str_eq(dir, STR("/")))
		return path.n > 1 && *path.p == '/';
	return path.n > dir.n && path.p[dir.n] == '/' && str_eq((struct str){ path.p, dir.n }, dir);
}
