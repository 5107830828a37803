#include "planner/scope_plan.h"
#include "cgroup/devfilter.h"
#include "planner/resources_parts.h"
#include "spec/scope_annotation.h"

/* A list of texts that is allocated for all that can come. */
static void add(struct text_list *l, const char *text)
{
	l->items[l->n++] = text;
}

static void add_all(struct text_list *l, const struct text_list *more)
{
	for (size_t i = 0; i < more->n; i++)
		add(l, more->items[i]);
}

static bool is_slice(const char *unit)
{
	size_t n = strlen(unit);
	return n > 6 && strcmp(unit + n - 6, ".slice") == 0;
}

/*
 * Delegate: what is below the scope is ours. Counted is what `events` shows. A unit that failed is
 * forgotten with its last process, so that its name is free.
 */
static void add_fixed(struct text_list *l, const struct cgroup *c)
{
	const struct cgroup_dir *io = cgroup_dir_of(c, "blkio");
	if (!is_slice(c->scope))
		add(l, "Delegate=b true");
	add(l, "DefaultDependencies=b false");
	add(l, "CollectMode=s inactive-or-failed");
	add(l, "CPUAccounting=b true");
	add(l, "MemoryAccounting=b true");
	add(l, "TasksAccounting=b true");
	add(l, io && !io->in->v2 ? "BlockIOAccounting=b true" : "IOAccounting=b true");
}

/* "c 136:* rwm" in systemd's words: "char-136 rwm". */
static const char *device_word(struct str line, struct arena *a)
{
	const char *kind = str_eq(str_cut(&line, ' '), STR("b")) ? "block" : "char";
	struct str numbers = str_cut(&line, ' '), minor = numbers, major = str_cut(&minor, ':');
	if (str_eq(minor, STR("*")))
		return arena_fmt(a, "%s-" STR_FMT " " STR_FMT, kind, STR_ARG(major), STR_ARG(line));
	return arena_fmt(a, "/dev/%s/" STR_FMT " " STR_FMT, kind, STR_ARG(numbers), STR_ARG(line));
}

/* On v1 systemd writes device rules of its own, and would allow all; on v2 its filter and ours both
 * have to agree, and it has none. */
static struct err *add_devices(const struct spec_resources *r, const struct cgroup *c,
	struct arena *a, struct text_list *l)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "devices");
	struct list rules;
	struct devfilter_v1 v1;
	struct err *e = devices_rules(r, a, &rules);
	if (e || !d || d->in->v2)
		return e;
	e = devfilter_lines(rules.items, rules.n, a, &v1);
	if (e || v1.allow_all)
		return e;
	const char *text = "DeviceAllow=a(ss)";
	struct str lines = str_of(v1.lines);
	while (lines.n)
		text = arena_fmt(a, "%s %s", text, device_word(str_cut(&lines, '\n'), a));
	add(l, "DevicePolicy=s strict");
	add(l, text);
	return NULL;
}

static struct err *add_annotations(
	const struct text_map *from, struct arena *a, struct text_list *l)
{
	for (size_t i = 0; i < from->n; i++) {
		const char *property;
		struct err *e =
			scope_annotation(from->items[i].key, from->items[i].value, a, &property);
		if (e)
			return e;
		if (property)
			add(l, property);
	}
	return NULL;
}

struct err *scope_plan(const struct spec *spec, const char *id, const struct cgroup *c,
	struct arena *a, struct plan_builder *out)
{
	enum { FIXED_MAX = 16 };
	if (!c || !c->scope)
		return NULL;
	struct text_list limits = {}, all = {};
	struct err *e = scope_properties(&spec->linux.resources, c, a, &limits);
	if (e)
		return e;
	all.items = anew(a, const char *, FIXED_MAX + limits.n + spec->annotations.n + 1);
	add_fixed(&all, c);
	add_all(&all, &limits);
	e = add_devices(&spec->linux.resources, c, a, &all);
	if (!e)
		e = add_annotations(&spec->annotations, a, &all);
	if (e)
		return e;
	plan_add(out, (struct op){ .kind = OP_SCOPE,
			      .why = "a control group that systemd knows",
			      .scope = { .name = c->scope,
				      .slice = c->slice,
				      .description = arena_fmt(a, "onggi container %s", id),
				      .properties = all.items,
				      .path = c->unit_path,
				      .user = c->user } });
	return NULL;
}
