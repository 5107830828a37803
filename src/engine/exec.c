/* One more process in a container. */
#include "runtime/exec.h"
#include "engine/container.h"
#include "engine/merge.h"
#include "engine/root.h"
#include "kernel/proc.h"
#include "runtime/container.h"
#include "runtime/foreground.h"
#include "runtime/launch.h"
#include <signal.h>
#include <string.h>

static struct err *read_spec(const struct container *run, struct arena *a, struct spec *out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = state_read_config(&run->state, &text);
	return e ? e : spec_parse(buf_text(&text), text.n, "config.json", a, out);
}

/* The container's process with another command; capabilities of a privileged one are all that the
 * container may have at most. */
static struct err *make_process(const struct engine *e, const struct engine_container *c,
	const struct exec_ask *ask, const struct spec *spec, struct arena *a,
	struct spec_process *out)
{
	cleanup(fd_close) struct fd root = {};
	struct merge m = { .arena = a, .engine = e, .container = c, .request = &c->record.request };
	*out = spec->process;
	out->args = ask->args;
	out->terminal = ask->tty;
	out->env = merge_copy(&spec->process.env, a);
	if (ask->tty)
		text_list_add(&out->env, a, "TERM=xterm");
	for (size_t i = 0; i < ask->env.n; i++)
		text_list_add(&out->env, a, ask->env.items[i]);
	if (ask->workdir)
		out->cwd = ask->workdir;
	if (*out->cwd != '/')
		return err_new(ERR_USAGE, "Cwd must be an absolute path");
	if (!ask->user)
		return NULL;
	struct err *bad = root_open(c, false, a, &root);
	m.root = fd_num(root);
	out->user.additional_gids = (struct int_list){};
	return bad ? bad : merge_user(&m, ask->user, out);
}

static struct err *run_it(const struct engine *e, const struct container *run,
	const struct spec *spec, const struct spec_process *process, struct arena *a, int *status)
{
	cleanup(launched_done) struct launched l = {};
	struct exec_options o = { .process = process,
		.spec = spec,
		.filter_cache = arena_fmt(a, "%s/@filters", e->run_root),
		.cgroup = run->record.cgroup.dirs.n ? &run->record.cgroup : NULL };
	struct err *bad = exec_process(&run->state, &o, a, &l);
	if (bad)
		return bad;
	struct foreground f = { .pidfd = fd_num(l.pidfd), .terminal = fd_num(l.terminal) };
	int raw = 0;
	bad = foreground_run(&f, &raw);
	*status = proc_exit_code(raw);
	return bad;
}

struct err *container_exec(const struct engine *e, const struct engine_container *c,
	const struct exec_ask *ask, struct arena *a, int *status)
{
	cleanup(container_close) struct container run = {};
	struct spec_process process;
	struct spec spec = {};
	if (c->status == ENGINE_PAUSED)
		return err_new(ERR_CONFLICT,
			"Container %s is paused, unpause the container before exec",
			c->record.name);
	if (c->status != ENGINE_RUNNING)
		return err_new(ERR_CONFLICT, "container %s is not running", c->id);
	if (ask->privileged)
		return merge_refuse("exec --privileged");
	struct err *bad = container_open(&e->states, c->id, a, &run);
	if (!bad)
		bad = read_spec(&run, a, &spec);
	if (!bad)
		bad = make_process(e, c, ask, &spec, a, &process);
	return bad ? bad : run_it(e, &run, &spec, &process, a, status);
}
