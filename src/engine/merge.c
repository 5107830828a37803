#include "engine/merge.h"
#include "engine/names.h"
#include "kernel/rlimit.h"
#include "spec/profile.h"
#include "spec/spec_check.h"
#include <stdlib.h>
#include <string.h>

void *merge_add(struct list *l, size_t size, struct arena *a)
{
	if ((l->n & (l->n - 1)) == 0) {
		void *grown = arena_alloc(a, size, l->n ? 2 * l->n : 1);
		if (l->n)
			memcpy(grown, l->items, l->n * size);
		l->items = grown;
	}
	return (char *)l->items + size * l->n++;
}

struct text_list merge_copy(const struct text_list *l, struct arena *a)
{
	struct text_list copy = {};
	for (size_t i = 0; i < l->n; i++)
		text_list_add(&copy, a, l->items[i]);
	return copy;
}

struct err *merge_refuse(const char *what)
{
	return err_new(ERR_USAGE, "%s is not supported yet", what);
}

/* --- what there is no code for ------------------------------------------------------------------
 */

static bool is(const char *text, const char *words)
{
	return !text || str_lists(str_of(words), ' ', str_of(text));
}

/* A flag that would do nothing is an error. */
static struct err *refuse_unsupported(const struct container_request *r)
{
	const struct {
		bool asked;
		const char *what;
	} rows[] = {
		{ r->ports.n || r->publish_all, "publishing ports" },
		{ r->ip || r->ip6 || r->mac_address || r->network_aliases.n,
			"an address of a network" },
		{ r->userns && strcmp(r->userns, "host") != 0, "a user namespace" },
		{ r->uid_maps.n || r->gid_maps.n, "a map of user ids" },
		{ r->health.on_failure && strcmp(r->health.on_failure, "restart") == 0,
			"--health-on-failure restart" },
		{ !is(r->log_driver, "json-file k8s-file none"), "that log driver" },
		{ r->platform, "choosing a platform" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].asked)
			return merge_refuse(rows[i].what);
	return NULL;
}

/* --- the process --------------------------------------------------------------------------------
 */

static void add_env(struct merge *m, struct text_list *env)
{
	const struct container_request *r = m->request;
	struct arena *a = m->arena;
	text_list_add(env, a, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (m->spec->hostname)
		text_list_add(env, a, arena_fmt(a, "HOSTNAME=%s", m->spec->hostname));
	if (r->tty)
		text_list_add(env, a, "TERM=xterm");
	for (size_t i = 0; i < r->env.n; i++)
		text_list_add(env, a, r->env.items[i]);
}

static struct err *add_rlimits(struct merge *m, struct list *out)
{
	for (list_each(const struct ulimit_request, u, m->request->ulimits)) {
		char *type = arena_fmt(m->arena, "RLIMIT_%s", u->name);
		for (char *c = type; *c; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
		if (!words_find(&rlimit_words, str_of(type)))
			return err_new(ERR_USAGE, "invalid ulimit type: %s", u->name);
		*merge_new(out, struct spec_rlimit, m->arena) =
			(struct spec_rlimit){ type, u->soft, u->hard };
	}
	return NULL;
}

static struct err *add_process(struct merge *m)
{
	const struct container_request *r = m->request;
	struct spec_process *p = &m->spec->process;
	p->present = true;
	p->terminal = r->tty;
	p->cwd = r->workdir ? r->workdir : "/";
	p->oom_score_adj = r->oom_score_adj;
	p->args = m->container->record.args;
	if (r->init) {
		struct text_list args = {};
		text_list_add(&args, m->arena, "/sbin/docker-init");
		text_list_add(&args, m->arena, "--");
		for (size_t i = 0; i < p->args.n; i++)
			text_list_add(&args, m->arena, p->args.items[i]);
		p->args = args;
	}
	if (!p->args.n)
		return err_hint(err_new(ERR_USAGE, "No command specified"),
			"the image has none: name one behind it");
	if (*p->cwd != '/')
		return err_new(ERR_USAGE,
			"the working directory '%s' is invalid, it needs to be an absolute path",
			p->cwd);
	add_env(m, &p->env);
	struct err *e = add_rlimits(m, &p->rlimits);
	return e ? e : merge_user(m, r->user, p);
}

static void add_names(struct merge *m)
{
	const struct container_request *r = m->request;
	bool host = r->uts && strcmp(r->uts, "host") == 0;
	m->spec->oci_version = SPEC_VERSION_MAX;
	if (!host)
		m->spec->hostname =
			r->hostname ? r->hostname
				    : arena_fmt(m->arena, "%.*s", ID_SHORT, m->container->id);
	m->spec->domainname = host ? NULL : r->domainname;
	m->spec->annotations = r->annotations;
	m->spec->root.present = true;
	m->spec->root.path =
		r->rootfs ? r->rootfs : arena_fmt(m->arena, "%s/rootfs", m->container->dir);
	m->spec->root.readonly = r->read_only;
}

struct err *merge_spec(struct merge *m)
{
	static struct err *(*const parts[])(struct merge *) = { add_process, merge_security,
		merge_linux, merge_devices, merge_resources, merge_mounts };
	struct err *e = refuse_unsupported(m->request);
	if (e)
		return e;
	add_names(m);
	for (size_t i = 0; !e && i < ARRAY_LEN(parts); i++)
		e = parts[i](m);
	return e ? e : spec_check(m->spec);
}
