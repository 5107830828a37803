#include "runtime/prepare.h"
#include "base/log.h"
#include "kernel/file.h"
#include "planner/resources.h"
#include "planner/survey.h"
#include "planner/rdt.h"
#include "spec/seccomp_spec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_LIMIT = 16 << 20 };

void prepared_done(struct prepared *p)
{
	buf_done(&p->text);
}

/* The absolute path of something that is there, without links. */
static struct err *resolve(const char *path, const char *what, struct arena *a, const char **out)
{
	char *resolved = realpath(path, NULL);
	if (!resolved)
		return err_sys(errno, "%s %s", what, path);
	*out = arena_str(a, str_of(resolved));
	free(resolved);
	return NULL;
}

struct err *prepare_spec(
	const char *bundle, const char *config, struct arena *a, struct prepared *out)
{
	struct err *e = resolve(bundle, "bundle", a, &out->bundle);
	if (e)
		return e;
	const char *path = config ? config : arena_fmt(a, "%s/config.json", out->bundle);
	e = file_read(AT_FDCWD, path, CONFIG_LIMIT, &out->text);
	if (e && e->kind == ERR_NOT_FOUND)
		return err_hint(err_wrap(e, "JSON specification file %s not found", path),
			"name the bundle with --bundle, or make a config.json with the spec "
			"command");
	if (e)
		return e;
	return spec_parse(buf_text(&out->text), out->text.n, "config.json", a, &out->spec);
}

void prepare_listen(struct spec_process *p, int n, struct arena *a)
{
	if (!n)
		return;
	const char **env = anew(a, const char *, p->env.n + 3);
	for (size_t i = 0; i < p->env.n; i++)
		env[i] = p->env.items[i];
	env[p->env.n] = arena_fmt(a, "LISTEN_FDS=%d", n);
	env[p->env.n + 1] = "LISTEN_PID=1";
	p->env = (struct text_list){ env, p->env.n + 2 };
}

struct err *prepare_filter(
	const struct spec *s, const char *cache, struct arena *a, struct seccomp_program *out)
{
	if (!s->linux.seccomp.present)
		return NULL;
	return seccomp_spec_compile(&s->linux.seccomp, cache, a, out);
}

static struct err *find_root(struct prepared *p, struct arena *a)
{
	const char *path = p->spec.root.path;
	if (!path)
		return err_new(ERR_USAGE, "config.json: root.path: missing");
	return resolve(*path == '/' ? path : arena_fmt(a, "%s/%s", p->bundle, path),
		"invalid rootfs", a, &p->rootfs);
}

/* True if some directory of the group is there or can be made: the nearest one that exists lets us
 * write. */
static bool can_make(const struct cgroup *c, struct arena *a)
{
	for (list_each(const struct cgroup_dir, dir, c->dirs)) {
		char *path = arena_str(a, str_of(dir->host));
		while (access(path, F_OK) < 0 && strrchr(path, '/') > path)
			*strrchr(path, '/') = 0;
		if (access(path, W_OK) < 0)
			return false;
	}
	return c->dirs.n > 0;
}

static struct err *find_cgroup(const struct launch_options *o, struct arena *a, struct prepared *p)
{
	if (o->cgroup_manager == CGROUP_MANAGER_NONE)
		return NULL;
	bool systemd = o->cgroup_manager == CGROUP_MANAGER_SYSTEMD;
	struct err *e = cgroup_host_read(a, &p->cgroups);
	if (!e && p->host.uid != 0)
		p->cgroups.user_manager = cgroup_user_manager(&p->cgroups, p->host.uid, a);
	if (!e)
		e = cgroup_locate(
			&p->cgroups, p->spec.linux.cgroups_path, o->id, systemd, a, &p->cgroup);
	if (e)
		return e;
	bool needed = resources_limit(&p->spec.linux.resources) || systemd;
	p->has_cgroup = p->cgroup.mode != CGROUP_NONE &&
	                (needed || !o->rootless || can_make(&p->cgroup, a));
	return NULL;
}

static struct err *plan(const struct launch_options *o, struct arena *a, struct prepared *p)
{
	struct launch_request r = { .id = o->id,
		.spec = &p->spec,
		.bundle = p->bundle,
		.rootfs = p->rootfs,
		.overlay = o->overlay,
		.state_dir = o->state_dir,
		.host = &p->host,
		.cgroup = p->has_cgroup ? &p->cgroup : NULL,
		.seccomp = p->seccomp.filter.n ? &p->seccomp : NULL,
		.console_socket = o->console_socket,
		.pid_file = o->pid_file,
		.preserve_fds = o->preserve_fds,
		.wait_at_gate = o->wait_at_gate,
		.own_terminal = p->spec.process.terminal && !o->console_socket,
		.no_pivot = o->no_pivot,
		.no_new_keyring = o->no_new_keyring,
		.systemd = o->cgroup_manager == CGROUP_MANAGER_SYSTEMD };
	struct err *e = survey_launch(&r, a);
	if (!e && r.resctrl)
		p->rdt_dir = rdt_owned(&p->spec.linux.intel_rdt, o->id, r.resctrl, a);
	if (!e)
		e = planner_make(&r, a, &p->plan);
	for (size_t i = 0; !e && i < p->plan.warnings.n; i++)
		log_warn("%s", p->plan.warnings.items[i]);
	return e;
}

static struct err *check_terminal(const struct launch_options *o, const struct spec *s)
{
	if (s->process.terminal && !o->console_socket && o->detached)
		return err_new(ERR_USAGE,
			"cannot allocate tty if runc will detach without setting console socket");
	if (!s->process.terminal && o->console_socket)
		return err_new(ERR_USAGE,
			"cannot use console socket if runc will not detach or allocate tty");
	return NULL;
}

struct err *prepare_launch(const struct launch_options *o, struct arena *a, struct prepared *out)
{
	struct err *e = prepare_spec(o->bundle, o->config, a, out);
	if (!e)
		e = check_terminal(o, &out->spec);
	prepare_listen(&out->spec.process, o->listen_fds, a);
	if (!e)
		e = find_root(out, a);
	if (!e)
		e = probe_host(&out->host);
	if (!e)
		e = find_cgroup(o, a, out);
	if (!e)
		e = prepare_filter(&out->spec, o->filter_cache, a, &out->seccomp);
	return e ? e : plan(o, a, out);
}
