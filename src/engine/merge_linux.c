/* Which namespaces a container has of its own, which it shares, and its kernel settings. */
#include "engine/merge.h"
#include "engine/names.h"
#include <string.h>

/* What somebody may say about a kind of namespace besides "container:x" and "ns:path". */
static const struct ns_row {
	const char *type, *file; /* in spec; in /proc/<pid>/ns */
	const char *option;
	const char *own;  /* words that mean a new one */
	const char *host; /* words that mean the host's */
	bool joins;       /* "container:x" is understood */
} ns_rows[] = {
	{ "pid", "pid", "--pid", "private", "host", true },
	{ "network", "net", "--network", "none", "host", true },
	{ "ipc", "ipc", "--ipc", "private none shareable", "host", false },
	{ "uts", "uts", "--uts", "private", "host", true },
	{ "cgroup", "cgroup", "--cgroupns", "private", "host", false },
};

static const char *asked(const struct merge *m, size_t row)
{
	const struct container_request *r = m->request;
	const char *const words[] = { r->pid, r->network, r->ipc, r->uts, r->cgroupns };
	_Static_assert(ARRAY_LEN(words) == ARRAY_LEN(ns_rows), "every namespace can be asked for");
	const char *word = words[row];
	if (word && *word)
		return word;
	/* On v1 a namespace of control groups would only hide what is in none. */
	if (strcmp(ns_rows[row].type, "cgroup") == 0 && m->cgroups->mode != CGROUP_V2)
		return "host";
	return strcmp(ns_rows[row].type, "network") == 0 ? "none" : "private";
}

static void add_ns(struct merge *m, const char *type, const char *path)
{
	*merge_new(&m->spec->linux.namespaces, struct spec_namespace, m->arena) =
		(struct spec_namespace){ type, path };
}

static struct err *join(struct merge *m, const struct ns_row *row, const char *name)
{
	struct engine_container other;
	struct err *e = container_find(m->engine, name, m->arena, &other);
	if (!e && !other.pid)
		e = err_new(ERR_CONFLICT,
			"cannot join the %s namespace of a non running container: "
			"container %s is %s",
			row->type, name, engine_status_name(other.status));
	if (e)
		return err_wrap(e, "%s container:%s", row->option, name);
	add_ns(m, row->type, arena_fmt(m->arena, "/proc/%d/ns/%s", (int)other.pid, row->file));
	return NULL;
}

static struct err *add_namespace(struct merge *m, const struct ns_row *row, const char *word)
{
	if (str_lists(str_of(row->own), ' ', str_of(word)))
		add_ns(m, row->type, NULL);
	else if (strncmp(word, "ns:", 3) == 0)
		add_ns(m, row->type, word + 3);
	else if (row->joins && strncmp(word, "container:", 10) == 0)
		return join(m, row, word + 10);
	else if (strcmp(word, row->host) != 0)
		return err_new(ERR_USAGE, "%s %s is not supported yet", row->option, word);
	return NULL;
}

struct err *merge_linux(struct merge *m)
{
	struct spec_linux *l = &m->spec->linux;
	l->present = true;
	l->sysctl = m->request->sysctls;
	add_ns(m, "mount", NULL);
	struct err *e = NULL;
	for (size_t i = 0; !e && i < ARRAY_LEN(ns_rows); i++)
		e = add_namespace(m, &ns_rows[i], asked(m, i));
	if (e)
		return e;
	const char *parent = m->request->cgroup_parent;
	if (m->engine->systemd_cgroup)
		l->cgroups_path = arena_fmt(m->arena, "%s:onggi:%s",
			parent ? parent : "system.slice", m->container->id);
	else
		l->cgroups_path =
			arena_fmt(m->arena, "%s%s/%s", parent && *parent != '/' ? "/" : "",
				parent ? parent : "/onggi", m->container->id);
	return NULL;
}
