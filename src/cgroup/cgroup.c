#include "cgroup/cgroup.h"
#include "base/fd.h"
#include "base/mutate.h"
#include "cgroup/cgroup_file.h"
#include "cgroup/cgroup_ops.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

int64_t cgroup_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

int cgroup_time_left(int64_t deadline)
{
	int64_t left = deadline - cgroup_clock();
	return left < 0 ? 0 : (int)left;
}

/* v2 where the container has a group there. */
static const struct cgroup_ops *ops_of(const struct cgroup *c)
{
	return cgroup_dir_of(c, "") ? &cgroup_v2 : &cgroup_v1;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void sort_unique(struct int_list *l)
{
	size_t kept = 0;
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), compare);
	for (size_t i = 0; i < l->n; i++)
		if (kept == 0 || l->items[kept - 1] != l->items[i])
			l->items[kept++] = l->items[i];
	l->n = kept;
}

/* The hierarchy that is asked for processes: v2 if there is one, else any, for a container's
 * processes are in all of them. */
static const struct cgroup_dir *main_dir(const struct cgroup *c)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "");
	return d ? d : c->dirs.n ? c->dirs.items : NULL;
}

struct err *cgroup_spare_self(const struct int_list *pids)
{
	for (size_t i = 0; i < pids->n; i++)
		if (pids->items[i] == getpid())
			return err_hint(
				err_new(ERR_CONFLICT, "neither signalling nor freezing a control "
						      "group that this process is in itself"),
				"it is not the group of one container alone: look into it by hand");
	return NULL;
}

struct err *cgroup_pids(const struct cgroup *c, struct arena *a, struct int_list *out)
{
	const struct cgroup_dir *d = main_dir(c);
	struct int_list pids = {};
	struct err *e = d ? cgroup_pids_of(d->host, a, &pids) : NULL;
	if (e)
		return e;
	sort_unique(&pids);
	*out = pids;
	return NULL;
}

static bool contains(const struct int_list *sorted, int64_t pid)
{
	return sorted->n && bsearch(&pid, sorted->items, sorted->n, sizeof(pid), compare);
}

/* Signals those that @known does not have; *@sent counts them. */
static struct err *signal_new(
	const struct int_list *pids, const struct int_list *known, int signal, size_t *sent)
{
	for (size_t i = 0; i < pids->n; i++) {
		if (contains(known, pids->items[i]))
			continue;
		++*sent;
		if (kill((pid_t)pids->items[i], signal) < 0 && errno != ESRCH)
			return err_sys(errno, "signal process %d", (int)pids->items[i]);
	}
	return NULL;
}

/* Looks again until nobody is new, for each may have forked before the signal reached it. */
static struct err *signal_all(const struct cgroup *c, int signal)
{
	enum { PASSES = 32 };
	cleanup(arena_done) struct arena a = {};
	struct int_list known = {}, pids;
	for (int pass = 0; pass < PASSES; pass++) {
		size_t sent = 0;
		struct err *e = cgroup_pids(c, &a, &pids);
		if (!e)
			e = cgroup_spare_self(&pids);
		if (!e)
			e = signal_new(&pids, &known, signal, &sent);
		if (e || sent == 0)
			return e;
		known = pids;
	}
	return NULL;
}

struct err *cgroup_signal(const struct cgroup *c, int signal)
{
	return signal == SIGKILL ? ops_of(c)->kill(c) : signal_all(c, signal);
}

struct err *cgroup_freeze(const struct cgroup *c, bool frozen)
{
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	struct err *e = frozen ? cgroup_pids(c, &a, &pids) : NULL;
	if (!e)
		e = cgroup_spare_self(&pids);
	/* On a hybrid host others may have frozen it in either of its groups. */
	if (!frozen && !mutated(MUTATE_THAW))
		cgroup_v1_thaw(c);
	return e ? e : ops_of(c)->freeze(c, frozen);
}

struct err *cgroup_is_frozen(const struct cgroup *c, bool *out)
{
	return ops_of(c)->is_frozen(c, out);
}

/* 0, or -errno. A directory that has something below it is emptied first. */
static int try_remove(const char *dir)
{
	if (rmdir(dir) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return -errno;
	cgroup_remove_below(dir);
	return rmdir(dir) == 0 || errno == ENOENT ? 0 : -errno;
}

static struct err *not_removed(const char *dir, int num)
{
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	cleanup(err_free) struct err *unknown = cgroup_pids_of(dir, &a, &pids);
	if (num != EBUSY || pids.n == 0)
		return err_sys(num, "remove control group %s", dir);
	return err_hint(err_new(ERR_CONFLICT,
				"remove control group %s: it still has %zu processes, such as %d",
				dir, pids.n, (int)pids.items[0]),
		"kill the container first; a process in state D ends when its device answers");
}

static struct err *in_use(const char *dir, const struct int_list *pids)
{
	return err_hint(
		err_new(ERR_CONFLICT,
			"container's cgroup is not empty: %zu process(es) found in %s, such as "
			"%d",
			pids->n, dir, (int)pids->items[0]),
		"give linux.cgroupsPath a path of its own: what is in a container's group ends "
		"with "
		"the container");
}

struct err *cgroup_check_free(const struct cgroup *c)
{
	cleanup(arena_done) struct arena a = {};
	const char *there = NULL;
	bool frozen = false;
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		struct int_list pids = {};
		if (access(d->host, F_OK) < 0)
			continue;
		there = d->host;
		struct err *e = cgroup_pids_of(there, &a, &pids);
		if (e || pids.n)
			return e ? e : in_use(there, &pids);
	}
	struct err *e = there ? cgroup_is_frozen(c, &frozen) : NULL;
	if (e || !frozen)
		return e;
	return err_hint(err_new(ERR_CONFLICT, "container's cgroup unexpectedly frozen: %s", there),
		"a pause that was killed may have left it: remove the directory");
}

static const struct cgroup_ops *ops_for(const struct cgroup_dir *d)
{
	return d->in->v2 ? &cgroup_v2 : &cgroup_v1;
}

/* Kills what is in this one directory of @c, as if there were no other. */
static struct err *kill_in(const struct cgroup *c, const struct cgroup_dir *d)
{
	struct cgroup_dir only = *d;
	cgroup_v1_thaw(c);
	return ops_for(d)->kill(&(struct cgroup){ .dirs = { &only, 1 } });
}

/* With @kill, the container's group, what is in the directory is killed. */
static struct err *remove_dir(
	const struct cgroup_dir *d, const struct cgroup *kill, int64_t deadline)
{
	for (;;) {
		struct err *e = NULL;
		int r = try_remove(d->host);
		if (r == 0)
			return NULL;
		if (r != -EBUSY || cgroup_time_left(deadline) == 0)
			return not_removed(d->host, -r);
		if (kill)
			e = kill_in(kill, d);
		if (e)
			return e;
		ops_for(d)->await_empty(d->host, deadline);
	}
}

/* v2 first: when its events say that the group is empty, the v1 ones are too. */
static struct err *remove_all(const struct cgroup *c, bool kill, int milliseconds)
{
	int64_t deadline = cgroup_clock() + milliseconds;
	struct err *first = NULL;
	for (int v2 = 1; v2 >= 0; v2--)
		for (list_each(const struct cgroup_dir, d, c->dirs)) {
			if (d->in->v2 != (v2 == 1))
				continue;
			struct err *e = remove_dir(d, kill ? c : NULL, deadline);
			if (!first)
				first = err_take(&e);
			err_free(&e);
		}
	return first;
}

struct err *cgroup_remove(const struct cgroup *c, int milliseconds)
{
	return remove_all(c, false, milliseconds);
}

struct err *cgroup_end(const struct cgroup *c, int milliseconds)
{
	const struct cgroup_dir *d = main_dir(c);
	if (d && try_remove(d->host) != 0) {
		struct err *e = ops_of(c)->kill(c);
		if (e)
			return e;
	}
	return remove_all(c, true, milliseconds);
}

int64_t cgroup_oom_kills(const struct cgroup *c)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "memory");
	if (!d)
		return -1;
	uint64_t n = cgroup_keyed_number(d->host, ops_for(d)->oom_file, "oom_kill", UINT64_MAX);
	return n > INT64_MAX ? -1 : (int64_t)n;
}

struct err *cgroup_oom_watch(const struct cgroup *c, struct fd *out)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "memory");
	if (!d)
		return err_new(ERR_SYSTEM, "there is no memory controller here to report on OOM");
	return ops_for(d)->oom_watch(d, out);
}

/* A hierarchy as far as a record knows it. */
static struct cgroup_hierarchy *known_hierarchy(const struct text_pair *p, struct arena *a)
{
	struct cgroup_hierarchy *h = anew(a, struct cgroup_hierarchy, 1);
	*h = (struct cgroup_hierarchy){ .mount = "", .root = "/", .own = "/" };
	h->v2 = !*p->key;
	h->controllers = h->v2 ? NULL : p->key;
	return h;
}

void cgroup_from_paths(const struct text_map *paths, struct arena *a, struct cgroup *out)
{
	struct cgroup_dir *dirs = anew(a, struct cgroup_dir, paths->n);
	size_t v2 = 0;
	for (size_t i = 0; i < paths->n; i++) {
		const struct text_pair *p = &paths->items[i];
		dirs[i] = (struct cgroup_dir){ known_hierarchy(p, a), p->value, p->value };
		v2 += dirs[i].in->v2;
	}
	*out = (struct cgroup){ .dirs = { dirs, paths->n } };
	if (paths->n)
		out->mode = v2 == 0 ? CGROUP_V1 : v2 == paths->n ? CGROUP_V2 : CGROUP_HYBRID;
}
