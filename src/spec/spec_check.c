#include "spec/spec_check.h"
#include "base/bitlist.h"
#include "kernel/compat.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include <stdarg.h>

struct err *spec_check_at(struct err *e, const char *fmt, ...)
{
	char place[256];
	if (!e)
		return NULL;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(place, sizeof(place), fmt, ap);
	va_end(ap);
	struct err *placed = err_hint(err_new(e->kind, "%s.%s", place, e->text), e->hint);
	err_free(&e);
	return placed;
}

static struct err *check_word(const struct words *w, const char *word, const char *what)
{
	if (words_find(w, str_of(word)))
		return NULL;
	return err_new(ERR_USAGE, "'%s' is not %s", word, what);
}

static struct err *check_env(const struct text_list *env, const char *in)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->items[i], '=');
		if (!equals || equals == env->items[i])
			return err_new(ERR_USAGE, "%senv[%zu]: '%s' is not of the form NAME=value",
				in, i, env->items[i]);
	}
	return NULL;
}

static struct err *check_rlimit(const struct list *rlimits, const struct spec_rlimit *r)
{
	if (!words_find(&rlimit_words, str_of(r->type)))
		return err_new(ERR_USAGE, "type: '%s' is not a resource limit", r->type);
	if ((uint64_t)r->soft > (uint64_t)r->hard)
		return err_new(ERR_USAGE, "soft: the soft limit is over the hard one");
	for (list_each(const struct spec_rlimit, before, *rlimits)) {
		if (before == r)
			break;
		if (strcmp(before->type, r->type) == 0)
			return err_new(ERR_USAGE, "type: %s comes twice", r->type);
	}
	return NULL;
}

static struct err *check_rlimits(const struct list *rlimits, const char *in)
{
	size_t i = 0;
	for (list_each(const struct spec_rlimit, r, *rlimits)) {
		struct err *e = check_rlimit(rlimits, r);
		if (e)
			return spec_check_at(e, "%srlimits[%zu]", in, i);
		i++;
	}
	return NULL;
}

static struct err *check_scheduler(const struct spec_scheduler *s)
{
	if (!s->present)
		return NULL;
	uint64_t flags;
	struct err *e = check_word(&sched_policies, s->policy, "a scheduling policy");
	if (!e)
		e = words_or(&sched_flags, &s->flags, "flag", &flags);
	if (e)
		return e;
	bool real_time = strcmp(s->policy, "SCHED_FIFO") == 0 || strcmp(s->policy, "SCHED_RR") == 0;
	if (s->priority && !real_time)
		return err_new(ERR_USAGE, "a priority is only for SCHED_FIFO and SCHED_RR");
	if ((s->runtime || s->deadline || s->period) && strcmp(s->policy, "SCHED_DEADLINE") != 0)
		return err_new(
			ERR_USAGE, "runtime, deadline and period are only for SCHED_DEADLINE");
	return NULL;
}

static struct err *check_cpus(const char *cpus)
{
	cleanup(arena_done) struct arena a = {};
	struct bytes mask;
	return cpus ? bitlist_parse(str_of(cpus), &a, &mask) : NULL;
}

static struct err *check_io_priority(const struct spec_io_priority *p)
{
	return p->present ? check_word(&ioprio_classes, p->class, "a class of I/O priority") : NULL;
}

struct err *spec_check_process(const struct spec_process *p, const char *in)
{
	if (p->cwd[0] != '/')
		return err_new(ERR_USAGE, "%scwd: '%s' is not an absolute path", in, p->cwd);
	struct err *e = check_env(&p->env, in);
	if (!e)
		e = check_rlimits(&p->rlimits, in);
	if (e)
		return e;
	e = check_scheduler(&p->scheduler);
	if (e)
		return err_wrap(e, "%sscheduler", in);
	e = check_cpus(p->exec_cpu_affinity.initial);
	if (e)
		return err_wrap(e, "%sexecCPUAffinity.initial", in);
	e = check_cpus(p->exec_cpu_affinity.final);
	if (e)
		return err_wrap(e, "%sexecCPUAffinity.final", in);
	e = check_io_priority(&p->io_priority);
	return e ? err_wrap(e, "%sioPriority", in) : NULL;
}

static struct err *check_mount(const struct spec_mount *m, size_t i)
{
	if (!m->uid_mappings.n != !m->gid_mappings.n)
		return err_new(
			ERR_USAGE, "mounts[%zu]: uidMappings and gidMappings go together", i);
	struct err *e = spec_check_idmap(&m->uid_mappings);
	if (e)
		return err_wrap(e, "mounts[%zu].uidMappings", i);
	e = spec_check_idmap(&m->gid_mappings);
	return e ? err_wrap(e, "mounts[%zu].gidMappings", i) : NULL;
}

static struct err *check_mounts(const struct list *mounts)
{
	size_t i = 0;
	struct err *e = NULL;
	for (list_each(const struct spec_mount, m, *mounts))
		if (!e)
			e = check_mount(m, i++);
	return e;
}

static struct err *check_hook(const struct spec_hook *h)
{
	if (h->path[0] != '/')
		return err_new(ERR_USAGE, "path: '%s' is not an absolute path", h->path);
	return check_env(&h->env, "");
}

static struct err *check_hook_list(const char *name, const struct list *hooks)
{
	size_t i = 0;
	for (list_each(const struct spec_hook, h, *hooks)) {
		struct err *e = check_hook(h);
		if (e)
			return spec_check_at(e, "hooks.%s[%zu]", name, i);
		i++;
	}
	return NULL;
}

static struct err *check_hooks(const struct spec_hooks *h)
{
	const struct {
		const char *name;
		const struct list *hooks;
	} points[] = {
		{ "prestart", &h->prestart },
		{ "createRuntime", &h->create_runtime },
		{ "createContainer", &h->create_container },
		{ "startContainer", &h->start_container },
		{ "poststart", &h->poststart },
		{ "poststop", &h->poststop },
	};
	struct err *e = NULL;
	for (size_t i = 0; !e && i < ARRAY_LEN(points); i++)
		e = check_hook_list(points[i].name, points[i].hooks);
	return e;
}

/* The kernel's limit for both names: __NEW_UTS_LEN. */
static struct err *check_uts(const struct spec *s, const char *what, const char *name)
{
	enum { NAME_MAX_LEN = 64 };
	if (!name)
		return NULL;
	if (strlen(name) > NAME_MAX_LEN)
		return err_new(ERR_USAGE, "%s: longer than %d bytes", what, NAME_MAX_LEN);
	if (spec_namespaces(s).listed & CLONE_NEWUTS)
		return NULL;
	return err_hint(
		err_new(ERR_USAGE, "unable to set %s without a private UTS namespace", what),
		"add { \"type\": \"uts\" } to linux.namespaces, or leave the name out");
}

struct err *spec_check(const struct spec *s)
{
	struct err *e = s->process.present ? spec_check_process(&s->process, "process.") : NULL;
	if (!e)
		e = check_mounts(&s->mounts);
	if (!e)
		e = check_hooks(&s->hooks);
	if (!e)
		e = check_uts(s, "hostname", s->hostname);
	if (!e)
		e = check_uts(s, "domainname", s->domainname);
	return e ? e : spec_check_linux(s);
}
