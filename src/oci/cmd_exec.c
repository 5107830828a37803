#include "base/num.h"
#include "base/path.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "runtime/exec.h"
#include "runtime/foreground.h"
#include "runtime/launch.h"
#include <fcntl.h>

struct exec_args {
	const char *console_socket, *pidfd_socket, *pid_file, *process, *cwd, *user, *label,
		*apparmor;
	struct text_list env, caps, groups, cgroups;
	int64_t preserve_fds;
	bool tty, detach, no_new_privs, ignore_paused, no_subreaper;
};

/* The lists of the container's process stay as they are: @to becomes a longer copy. */
static void join_texts(struct text_list *to, const struct text_list *more, struct arena *a)
{
	struct text_list joined = {};
	for (size_t i = 0; i < to->n; i++)
		text_list_add(&joined, a, to->items[i]);
	for (size_t i = 0; i < more->n; i++)
		text_list_add(&joined, a, more->items[i]);
	*to = joined;
}

static struct err *set_id(struct str text, int64_t *out)
{
	return num_range(text, 0, UINT32_MAX - 1, out);
}

/* "uid" or "uid:gid". */
static struct err *set_user(const char *text, struct spec_process *p)
{
	struct str rest = str_of(text), uid = str_cut(&rest, ':');
	struct err *e = set_id(uid, &p->user.uid);
	if (!e && memchr(text, ':', strlen(text)))
		e = set_id(rest, &p->user.gid);
	return e ? err_hint(err_wrap(e, "--user"), "give numbers: uid or uid:gid") : NULL;
}

static struct err *add_groups(
	const struct text_list *groups, struct spec_process *p, struct arena *a)
{
	struct int_list *l = &p->user.additional_gids;
	int64_t *items = anew(a, int64_t, l->n + groups->n);
	if (l->n)
		memcpy(items, l->items, l->n * sizeof(*items));
	struct err *e = NULL;
	for (size_t i = 0; !e && i < groups->n; i++)
		e = set_id(str_of(groups->items[i]), &items[l->n + i]);
	*l = (struct int_list){ items, l->n + groups->n };
	return e ? err_wrap(e, "--additional-gids") : NULL;
}

/* Ambient ones need inheritable ones: they are added where the container has any. */
static void add_caps(const struct text_list *caps, struct spec_process *p, struct arena *a)
{
	struct spec_caps *c = &p->capabilities;
	struct text_list *const sets[] = { &c->bounding, &c->effective, &c->permitted,
		&c->ambient };
	size_t n = c->inheritable.n ? ARRAY_LEN(sets) : ARRAY_LEN(sets) - 1;
	c->present |= caps->n > 0;
	for (size_t i = 0; caps->n && i < n; i++)
		join_texts(sets[i], caps, a);
}

static void set_args(const struct cmd_call *call, struct text_list *out)
{
	size_t n = (size_t)call->n_operands - 1;
	*out = (struct text_list){ anew(call->arena, const char *, n + 1), n };
	for (size_t i = 0; i < n; i++)
		out->items[i] = call->operands[i + 1];
}

/* The container's own process, changed by the flags and with another command. */
static struct err *process_from_flags(struct cmd_call *call, struct spec_process *p)
{
	const struct exec_args *args = call->args;
	if (call->n_operands < 2)
		return err_hint(err_new(ERR_USAGE, "process args cannot be empty"),
			"name a command, or a file with --process");
	p->terminal = args->tty;
	set_args(call, &p->args);
	p->cwd = args->cwd ? args->cwd : p->cwd;
	p->apparmor_profile = args->apparmor ? args->apparmor : p->apparmor_profile;
	p->selinux_label = args->label ? args->label : p->selinux_label;
	p->no_new_privileges |= args->no_new_privs;
	join_texts(&p->env, &args->env, call->arena);
	add_caps(&args->caps, p, call->arena);
	struct err *e = args->user ? set_user(args->user, p) : NULL;
	return e ? e : add_groups(&args->groups, p, call->arena);
}

/* What the file leaves out comes from the container. */
static void inherit(const struct spec_process *from, struct spec_process *p)
{
	if (!p->capabilities.present)
		p->capabilities = from->capabilities;
	if (!p->rlimits.n)
		p->rlimits = from->rlimits;
	if (!p->apparmor_profile)
		p->apparmor_profile = from->apparmor_profile;
	if (!p->selinux_label)
		p->selinux_label = from->selinux_label;
	if (!p->scheduler.present)
		p->scheduler = from->scheduler;
	if (!p->io_priority.present)
		p->io_priority = from->io_priority;
	if (!p->exec_cpu_affinity.initial && !p->exec_cpu_affinity.final)
		p->exec_cpu_affinity = from->exec_cpu_affinity;
}

static struct err *process_from_file(const char *path, struct arena *a, struct spec_process *p)
{
	cleanup(buf_done) struct buf text = {};
	struct spec_process read = {};
	struct err *e = file_read(AT_FDCWD, path, 16 << 20, &text);
	if (!e)
		e = spec_parse_process(buf_text(&text), text.n, path, a, &read);
	if (e)
		return err_wrap(e, "--process");
	inherit(p, &read);
	*p = read;
	return NULL;
}

/* A group below the container's. "memory,cpu:/sub" is for these controllers alone, "/sub" for all.
 */
static struct err *move_below(const char *text, struct arena *a, struct cgroup *c)
{
	struct str path = str_of(text), names = STR("");
	if (memchr(text, ':', path.n))
		names = str_cut(&path, ':');
	const char *sub = path_clean(a, path);
	if (strncmp(sub, "..", 2) == 0)
		return err_new(ERR_USAGE, "--cgroup: %s is not below the container's group", text);
	bool all = names.n == 0;
	do {
		const char *name = arena_str(a, str_cut(&names, ','));
		const struct cgroup_dir *only = all ? NULL : cgroup_dir_of(c, name);
		if (!all && !only)
			return err_new(ERR_USAGE, "--cgroup: no control group for '%s'", name);
		for (list_each(struct cgroup_dir, d, c->dirs))
			if (all || d == only)
				d->host = path_join(a, d->host, *sub == '/' ? sub + 1 : sub);
	} while (names.n);
	return NULL;
}

static struct err *choose_cgroup(const struct container *c, const struct text_list *subs,
	struct arena *a, struct cgroup *out)
{
	*out = c->record.cgroup;
	struct cgroup_dir *dirs = anew(a, struct cgroup_dir, out->dirs.n);
	if (out->dirs.n)
		memcpy(dirs, out->dirs.items, out->dirs.n * sizeof(*dirs));
	out->dirs.items = dirs;
	if (subs->n && !out->dirs.n)
		return err_new(ERR_USAGE, "--cgroup: the container has no control group");
	struct err *e = NULL;
	for (size_t i = 0; !e && i < subs->n; i++)
		e = move_below(subs->items[i], a, out);
	return e;
}

static const char *const refusals[] = {
	[STATUS_CREATING] = "cannot exec in a container that is being created",
	[STATUS_CREATED] = NULL,
	[STATUS_RUNNING] = NULL,
	[STATUS_PAUSED] = "cannot exec in a paused container (use --ignore-paused to override)",
	[STATUS_STOPPED] = "cannot exec in a stopped container",
};
_Static_assert(ARRAY_LEN(refusals) == STATUSES, "every state has an answer");

static struct err *check_status(const struct container *c, bool ignore_paused)
{
	enum container_status status;
	struct err *e = container_status(c, &status);
	if (e || !refusals[status] || (status == STATUS_PAUSED && ignore_paused))
		return e;
	return err_new(ERR_CONFLICT, "%s", refusals[status]);
}

/* What the process will be: @spec is the container's, @p the new one's. */
static struct err *describe(
	struct cmd_call *call, const struct container *c, struct spec *spec, struct spec_process *p)
{
	const struct exec_args *args = call->args;
	cleanup(buf_done) struct buf text = {};
	struct err *e = state_read_config(&c->state, &text);
	if (!e)
		e = spec_parse(buf_text(&text), text.n, "config.json", call->arena, spec);
	if (e)
		return e;
	*p = spec->process;
	return args->process ? process_from_file(args->process, call->arena, p)
	                     : process_from_flags(call, p);
}

static struct err *fill(struct cmd_call *call, struct exec_options *o, int *listen_fds)
{
	const struct exec_args *args = call->args;
	o->pidfd_socket = args->pidfd_socket;
	o->filter_cache = globals_filter_cache(call->arena);
	o->detached = args->detach;
	struct err *e = globals_absolute(call, args->console_socket, &o->console_socket);
	if (!e)
		e = globals_absolute(call, args->pid_file, &o->pid_file);
	if (!e)
		e = globals_preserved(args->preserve_fds, &o->preserve_fds, listen_fds);
	return e;
}

static struct err *stay(struct cmd_call *call, const struct launched *l)
{
	const struct exec_args *args = call->args;
	struct foreground f = { .pidfd = fd_num(l->pidfd),
		.terminal = fd_num(l->terminal),
		.subreaper = !args->no_subreaper };
	int status = 0;
	struct err *e = foreground_run(&f, &status);
	call->status = proc_exit_code(status);
	return e;
}

static struct err *exec(struct cmd_call *call)
{
	const struct exec_args *args = call->args;
	cleanup(chosen_close) struct chosen c = {};
	cleanup(launched_done) struct launched launched = {};
	struct spec spec = {};
	struct spec_process process = {};
	struct cgroup group = {};
	struct exec_options o = { .process = &process, .spec = &spec };
	int listen_fds = 0;
	if (!args->detach)
		foreground_begin();
	struct err *e = fill(call, &o, &listen_fds);
	if (!e)
		e = chosen_open(call, false, &c);
	if (!e)
		e = check_status(&c.container, args->ignore_paused);
	if (!e)
		e = describe(call, &c.container, &spec, &process);
	prepare_listen(&process, listen_fds, call->arena);
	if (!e)
		e = choose_cgroup(&c.container, &args->cgroups, call->arena, &group);
	o.cgroup = group.dirs.n ? &group : NULL;
	if (!e)
		e = exec_process(&c.container.state, &o, call->arena, &launched);
	if (e)
		return err_wrap(e, "exec failed");
	return args->detach ? NULL : stay(call, &launched);
}

#define AT(member) offsetof(struct exec_args, member)
static const struct opt options[] = {
	{ "console-socket", 0, OPT_TEXT, AT(console_socket), "socket",
		"unix socket that gets the terminal" },
	{ "pidfd-socket", 0, OPT_TEXT, AT(pidfd_socket), "socket",
		"unix socket that gets a pidfd of the process" },
	{ "cwd", 0, OPT_TEXT, AT(cwd), "dir", "working directory" },
	{ "env", 'e', OPT_TEXTS, AT(env), "NAME=VALUE",
		"a variable beside those of the container" },
	{ "tty", 't', OPT_FLAG, AT(tty), NULL, "with a terminal" },
	{ "user", 'u', OPT_TEXT, AT(user), "uid[:gid]", "who runs it, as numbers" },
	{ "additional-gids", 'g', OPT_TEXTS, AT(groups), "gid", "a further group" },
	{ "process", 'p', OPT_TEXT, AT(process), "file",
		"JSON that describes the process; the other flags about it are not looked at" },
	{ "detach", 'd', OPT_FLAG, AT(detach), NULL, "return as soon as the command runs" },
	{ "pid-file", 0, OPT_TEXT, AT(pid_file), "file", "gets the process id" },
	{ "process-label", 0, OPT_TEXT, AT(label), "label", "SELinux label" },
	{ "apparmor", 0, OPT_TEXT, AT(apparmor), "profile", "AppArmor profile" },
	{ "no-new-privs", 0, OPT_FLAG, AT(no_new_privs), NULL,
		"execve can give it no further rights" },
	{ "cap", 'c', OPT_TEXTS, AT(caps), "capability", "a further capability" },
	{ "preserve-fds", 0, OPT_INT, AT(preserve_fds), "number",
		"pass descriptors 3 to 2+number on, behind those of $LISTEN_FDS" },
	{ "cgroup", 0, OPT_TEXTS, AT(cgroups), "[controllers:]path",
		"an existing group below the container's" },
	{ "ignore-paused", 0, OPT_FLAG, AT(ignore_paused), NULL,
		"also in a paused container, where it waits to be resumed" },
	{ "no-subreaper", 0, OPT_FLAG, AT(no_subreaper), NULL, NULL },
};

const struct cmd cmd_exec = {
	.name = "exec",
	.operands = "container command [argument...]",
	.summary = "Run one more command in a container",
	.about = "The exit status is that of the command; 255 if it could not be run at all.",
	OPTS(struct exec_args, options),
	.min = 1,
	.max = CMD_ANY,
	.options_first = true,
	.failure = 255,
	.run = exec,
	.complete = "list --quiet",
};
