#include "planner/resources.h"
#include "base/buf.h"
#include "cgroup/cgroup_file.h"
#include "kernel/compat.h"
#include "planner/resources_parts.h"
#include <fcntl.h>
#include <inttypes.h>

/* What systemd enables for a scope that is delegated; the rest is ours there too. */
static const char *const systemds[] = { "cpuset", "cpu", "memory", "pids", "io" };
/* What is enabled on v2 without a limit, for its counters and events. */
static const char *const counting[] = { "cpu", "memory", "pids", "io" };

/* A set of v2 controllers as cgroup.subtree_control takes it: "+cpu +memory". */
struct wanted {
	struct arena *arena;
	const char *text;
};

static void want(struct wanted *w, struct str name)
{
	const char *word = arena_fmt(w->arena, "+" STR_FMT, STR_ARG(name));
	if (!str_lists(str_of(w->text), ' ', str_of(word)))
		w->text = arena_fmt(w->arena, "%s%s%s", w->text, *w->text ? " " : "", word);
}

static bool one_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool leaves_to_systemd(const struct cgroup *c, const char *name)
{
	return c->scope && one_of(systemds, ARRAY_LEN(systemds), name);
}

/* The directory for @k's limits; NULL if this host has it neither way. */
static const struct cgroup_dir *dir_for(const struct cgroup *c, const struct controller *k)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, k->v1);
	if (d && !d->in->v2)
		return d;
	d = k->v2 ? cgroup_dir_of(c, k->v2) : NULL;
	return d && d->in->v2 ? d : NULL;
}

/* The controller that a v2 file belongs to: "memory" of "memory.high". */
static struct str controller_of(const char *file)
{
	struct str rest = str_of(file);
	return str_cut(&rest, '.');
}

/* The v2 controllers that @r has limits for. */
static const char *required(const struct spec_resources *r, const struct cgroup *c, struct arena *a)
{
	struct wanted w = { a, "" };
	for (size_t i = 0; i < n_controllers; i++) {
		const struct controller *k = &controllers[i];
		const struct cgroup_dir *d = k->asked(r) ? dir_for(c, k) : NULL;
		if (d && d->in->v2 && !leaves_to_systemd(c, k->v2))
			want(&w, str_of(k->v2));
	}
	for (size_t i = 0; i < r->unified.n; i++) {
		struct str name = controller_of(r->unified.items[i].key);
		const char *text = arena_str(a, name);
		if (!str_eq(name, STR("cgroup")) && !leaves_to_systemd(c, text))
			want(&w, name);
	}
	return w.text;
}

/* Those that are only counted with. A v2 hierarchy beside v1 ones has none of them. */
static const char *useful(const char *already, const struct cgroup *c, struct arena *a)
{
	struct wanted w = { a, "" };
	for (size_t i = 0; i < ARRAY_LEN(counting) && !c->scope; i++) {
		const struct cgroup_dir *d = cgroup_dir_of(c, counting[i]);
		const char *word = arena_fmt(a, "+%s", counting[i]);
		if (d && d->in->v2 && !str_lists(str_of(already), ' ', str_of(word)))
			want(&w, str_of(counting[i]));
	}
	return w.text;
}

static void add_make(struct plan_builder *out, const char *dir, const char *why)
{
	plan_add(out, (struct op){ .kind = OP_CGROUP_MAKE, .why = why, .cgroup_make = { dir } });
}

static void add_enable(struct plan_builder *out, const char *dir, const char *words, bool may_fail)
{
	if (*words)
		plan_add(out, (struct op){ .kind = OP_CGROUP_SET,
				      .may_fail = may_fail,
				      .why = may_fail ? "counters" : "controllers for its limits",
				      .cgroup_set = { dir, "cgroup.subtree_control", words } });
}

/*
 * v2: a group has a controller's files if its parent passes the controller on, and the parent can
 * if it was passed to itself: from the mount down, each level is made, then told.
 */
static void make_v2(const struct cgroup_dir *d, const struct spec_resources *r,
	const struct cgroup *c, struct arena *a, struct plan_builder *out)
{
	const char *must = required(r, c, a), *may = useful(must, c, a);
	size_t top = strlen(d->in->mount), end = strlen(d->host);
	for (size_t at = top; at < end && (*must || *may);) {
		const char *level = arena_str(a, (struct str){ d->host, at });
		if (at > top)
			add_make(out, level, "a group above it");
		add_enable(out, level, must, false);
		add_enable(out, level, may, true);
		const char *slash = strchr(d->host + at + 1, '/');
		at = slash ? (size_t)(slash - d->host) : end;
	}
	if (!c->scope)
		add_make(out, d->host, "its own group");
}

/* v1: a cpuset without processors or memory nodes takes no process. */
static void make_v1(const struct cgroup_dir *d, struct plan_builder *out)
{
	static const char *const inherited[] = { "cpuset.cpus", "cpuset.mems" };
	add_make(out, d->host, d->in->controllers);
	if (!str_lists(str_of(d->in->controllers), ',', STR("cpuset")))
		return;
	for (size_t i = 0; i < ARRAY_LEN(inherited); i++)
		plan_add(out, (struct op){ .kind = OP_CGROUP_SET,
				      .why = "what the parent has",
				      .cgroup_set = { d->host, inherited[i] } });
}

/* An update may ask a controller that nobody asked before. */
static void enable_above(const struct cgroup_dir *d, const struct spec_resources *r,
	const struct cgroup *c, struct arena *a, struct plan_builder *out)
{
	const char *slash = strrchr(d->host, '/');
	add_enable(out, arena_str(a, (struct str){ d->host, (size_t)(slash - d->host) }),
		required(r, c, a), false);
}

static void make_groups(const struct spec_resources *r, const struct cgroup *c, bool update,
	struct arena *a, struct plan_builder *out)
{
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		if (update && d->in->v2)
			enable_above(d, r, c, a, out);
		else if (!update && d->in->v2)
			make_v2(d, r, c, a, out);
		else if (!update)
			make_v1(d, out);
	}
}

static struct err *no_controller(const struct controller *k, enum cgroup_mode mode)
{
	if (mode == CGROUP_NONE)
		return err_hint(
			err_new(ERR_SYSTEM, "%s: there are no control groups here", k->place),
			"mount -t cgroup2 cgroup2 /sys/fs/cgroup, or leave out the limits");
	return err_hint(err_new(ERR_SYSTEM, "%s: there is no %s controller here", k->place,
				k->v2 && mode == CGROUP_V2 ? k->v2 : k->v1),
		k->missing);
}

static struct err *set_controller(
	const struct controller *k, const struct cgroup *c, struct limits l)
{
	enum ask ask = k->asked(l.r);
	const struct cgroup_dir *d = ask && c ? dir_for(c, k) : NULL;
	if (ask == ASKS_LIMIT && !d)
		return no_controller(k, c ? c->mode : CGROUP_NONE);
	if (!d)
		return NULL;
	l.dir = d->host;
	return d->in->v2 ? k->set_v2(&l) : k->set_v1(&l);
}

static struct err *bad_unified(const char *key, const char *why)
{
	return err_new(ERR_USAGE, "linux.resources.unified['%s']: %s", key, why);
}

/* The core's own files move and kill processes, but for these. */
static bool is_core_limit(const char *file)
{
	static const char *const allowed[] = { "cgroup.max.depth", "cgroup.max.descendants",
		"cgroup.pressure" };
	return one_of(allowed, ARRAY_LEN(allowed), file);
}

static struct err *check_unified(const char *key, const struct cgroup *c, struct arena *a)
{
	const char *name = arena_str(a, controller_of(key));
	if (key[strcspn(key, "/\n")] || !*name || !strchr(key, '.'))
		return bad_unified(
			key, "must be the name of a file in the group, such as memory.high");
	if (!c || !cgroup_dir_of(c, ""))
		return err_hint(bad_unified(key, "cannot use unified on cgroup v1"),
			"unified is for control group v2");
	if (strcmp(name, "cgroup") == 0 && !is_core_limit(key))
		return bad_unified(key, "is not a limit");
	const struct cgroup_dir *d = cgroup_dir_of(c, name);
	if (strcmp(name, "cgroup") != 0 && (!d || !d->in->v2))
		return err_hint(bad_unified(key, "the v2 hierarchy has no such controller here"),
			"see cgroup.controllers in the root of the hierarchy");
	return NULL;
}

static struct err *set_unified(const struct cgroup *c, const struct limits *from)
{
	struct limits l = *from;
	for (size_t i = 0; i < l.r->unified.n; i++) {
		const struct text_pair *p = &l.r->unified.items[i];
		struct err *e = check_unified(p->key, c, l.arena);
		if (e)
			return e;
		l.dir = cgroup_dir_of(c, "")->host;
		limit_set(&l, "as the document has it", p->key, p->value);
	}
	return NULL;
}

struct err *resources_plan(const struct spec_resources *r, const struct cgroup *c,
	const struct host_facts *host, bool update, struct arena *a, struct plan_builder *out)
{
	struct limits l = { .r = r, .update = update, .arena = a, .out = out };
	struct err *e = NULL;
	if (c)
		make_groups(r, c, update, a, out);
	for (size_t i = 0; i < n_controllers && !e; i++)
		e = set_controller(&controllers[i], c, l);
	if (!e)
		e = set_unified(c, &l);
	if (!e && c && c->dirs.n && !update)
		e = devices_plan(r, c, !host->initial_userns || host->uid != 0, a, out);
	return e;
}

bool resources_limit(const struct spec_resources *r)
{
	for (size_t i = 0; i < n_controllers; i++)
		if (controllers[i].asked(r) == ASKS_LIMIT)
			return true;
	return r->unified.n > 0;
}

void resources_ignored(const struct spec_resources *r, const struct cgroup *c, struct arena *a,
	struct text_list *out)
{
	const struct cgroup_dir *d = c ? cgroup_dir_of(c, "memory") : NULL;
	bool v2 = d && d->in->v2;
	const struct {
		bool found;
		const char *text;
	} all[] = {
		{ limit_value(r->memory.kernel), "linux.resources.memory.kernel: Linux has no such "
						 "limit any more; it counts as memory.limit" },
		{ limit_value(r->memory.kernel_tcp),
			"linux.resources.memory.kernelTCP: Linux has no "
			"such limit any more" },
		{ r->memory.use_hierarchy.set && !r->memory.use_hierarchy.value,
			"linux.resources.memory.useHierarchy: Linux always counts the groups "
			"below" },
		{ v2 && r->memory.swappiness.set,
			"linux.resources.memory.swappiness: control group v2 has no such setting" },
		{ v2 && r->memory.disable_oom_killer.value,
			"linux.resources.memory.disableOOMKiller: control group v2 has no such "
			"setting" },
	};
	*out = (struct text_list){ .items = anew(a, const char *, ARRAY_LEN(all) + 1) };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].found)
			out->items[out->n++] = all[i].text;
}

struct err *resources_check_usage(const struct spec_resources *r, const struct cgroup *c)
{
	int64_t limit = limit_value(r->memory.limit);
	const struct cgroup_dir *d = cgroup_dir_of(c, "memory");
	uint64_t usage;
	if (!r->memory.check_before_update.value || limit <= 0 || !d ||
		!cgroup_number(
			d->host, d->in->v2 ? "memory.current" : "memory.usage_in_bytes", &usage) ||
		usage <= (uint64_t)limit)
		return NULL;
	return err_hint(err_new(ERR_CONFLICT,
				"rejecting memory limit %" PRId64
				": it is below the usage of %" PRIu64 " bytes",
				limit, usage),
		"give a higher limit, or leave out checkBeforeUpdate and have the kernel reclaim");
}

struct err *cgroup_join_plan(
	const struct cgroup *c, struct arena *a, struct plan_parts *p, uint64_t *clone_flags)
{
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		if (d->in->v2) {
			plan_add(&p->parent,
				(struct op){ .kind = OP_OPEN,
					.why = "the group to be born in",
					.open = { d->host, O_RDONLY | O_DIRECTORY, SLOT_CGROUP } });
			*clone_flags |= CLONE_INTO_CGROUP;
			continue;
		}
		int slot = p->next_slot++;
		const char *tasks = arena_fmt(a, "%s/tasks", d->host);
		plan_add(&p->parent, (struct op){ .kind = OP_OPEN,
					     .why = "a group to go into",
					     .open = { tasks, O_WRONLY, slot } });
		plan_add(&p->child, (struct op){ .kind = OP_JOIN_CGROUP,
					    .why = d->in->controllers,
					    .ns = { .slot = slot } });
	}
	return NULL;
}
