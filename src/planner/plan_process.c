/*
 * Spec to operations: what the process is.
 *
 * Rights are given up as early as possible: a created container may wait long for its start, and
 * exec enters namespaces in which others may already be allowed to look into any process. What has
 * to come after is what needs a right of its own: a filter without no_new_privs takes
 * CAP_SYS_ADMIN, a scheduling policy may take CAP_SYS_NICE.
 */
#include "planner/plan_process.h"
#include "kernel/compat.h"
#include "kernel/lsm.h"
#include "planner/idmap.h"

static bool is_gated(const struct draft *d)
{
	return d->launch && d->launch->wait_at_gate;
}

/* Others in a pid namespace that the container joins may have been given CAP_SYS_PTRACE: a process
 * that waits there for its start must not have more rights than they. Elsewhere the filter is
 * loaded as late as possible, so that it need not allow what the launch still does. */
static bool filter_before_gate(const struct draft *d)
{
	return d->seccomp && !d->process->no_new_privileges && is_gated(d) && !d->userns &&
	       d->joined & CLONE_NEWPID;
}

static bool caps_before_filter(const struct draft *d, const struct caps *c)
{
	bool admin = c->effective >> CAP_SYS_ADMIN & 1;
	return !d->seccomp || d->process->no_new_privileges || admin;
}

static void add_caps(struct draft *d, const struct caps *c)
{
	struct op op = { OP_CAPS, .why = "what it may do beyond its user's rights" };
	op.caps.effective = c->effective;
	op.caps.permitted = c->permitted;
	op.caps.inheritable = c->inheritable;
	op.caps.ambient = c->ambient;
	draft_child(d, op);
}

static void add_filter(struct draft *d)
{
	if (!d->seccomp)
		return;
	struct op op = { OP_SECCOMP, .why = "which system calls it may make" };
	op.seccomp.filter = d->seccomp->filter;
	op.seccomp.flags = d->seccomp->flags;
	op.seccomp.notify = d->seccomp->notify;
	draft_child(d, op);
}

static bool keeps_groups(const struct draft *d)
{
	const struct text_map *notes = &d->spec->annotations;
	for (size_t i = 0; i < notes->n; i++)
		if (strcmp(notes->items[i].key, "run.oci.keep_original_groups") == 0)
			return strcmp(notes->items[i].value, "1") == 0;
	return plan_keeps_groups(d);
}

static struct err *check_mapped(
	const struct draft *d, const struct list *map, int64_t id, const char *what)
{
	uint32_t host;
	if (!(d->made & CLONE_NEWUSER) || idmap_to_host(map, id, &host))
		return NULL;
	return err_hint(
		err_new(ERR_USAGE, "process.user.%s: %lld is not mapped", what, (long long)id),
		"map it in the user namespace: linux.uidMappings and gidMappings");
}

static struct err *check_user(const struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	const struct int_list *gids = &d->process->user.additional_gids;
	struct err *e = check_mapped(d, &l->uid_mappings, d->process->user.uid, "uid");
	if (!e)
		e = check_mapped(d, &l->gid_mappings, d->process->user.gid, "gid");
	for (size_t i = 0; !e && i < gids->n; i++)
		e = check_mapped(d, &l->gid_mappings, gids->items[i], "additionalGids");
	return e;
}

static void add_identity(struct draft *d)
{
	const struct int_list *gids = &d->process->user.additional_gids;
	uint32_t *groups = anew(d->arena, uint32_t, gids->n);
	for (size_t i = 0; i < gids->n; i++)
		groups[i] = (uint32_t)gids->items[i];
	struct op op = { OP_IDENTITY, .why = "its user and groups" };
	op.identity.uid = (uint32_t)d->process->user.uid;
	op.identity.gid = (uint32_t)d->process->user.gid;
	op.identity.groups = (struct bytes){ groups, gids->n * sizeof(*groups) };
	op.identity.keep_groups = keeps_groups(d);
	draft_child(d, op);
	if (op.identity.uid || op.identity.gid)
		plan_undumpable(d);
}

/* Root can open its streams whoever has them; before a user namespace this has been done outside of
 * it, where possible. */
static void add_stdio_owner(struct draft *d)
{
	uint32_t uid = (uint32_t)d->process->user.uid, host;
	bool done = d->userns && d->privileged &&
	            idmap_to_host(&d->spec->linux.uid_mappings, uid, &host);
	if (d->process->terminal || done || (!uid && !d->userns))
		return;
	draft_child(d, (struct op){ OP_STDIO_OWNER, .may_fail = true,
			       .why = "its user can open its standard streams again",
			       .identity = { .uid = uid } });
}

/* The umask of exec's process is the container's if it has none of its own. */
static void add_umask(struct draft *d)
{
	enum { USUAL = 022 };
	const struct opt_int *own = &d->process->user.umask;
	const struct opt_int *container = &d->spec->process.user.umask;
	int64_t value = own->set ? own->value : container->set ? container->value : USUAL;
	draft_child(d, (struct op){ OP_UMASK, .why = "which permissions its new files don't get",
			       .number = { value } });
}

/* The labels that the command gets when it is executed. */
static struct err *add_labels(struct draft *d)
{
	const char *profile = d->process->apparmor_profile, *label = d->process->selinux_label;
	bool none = !profile || (strcmp(profile, "unconfined") == 0 && !d->host->apparmor);
	struct lsm_write w;
	struct err *e = none ? NULL : lsm_apparmor_exec(d->host, profile, d->arena, &w);
	if (e)
		return err_wrap(e, "process.apparmorProfile");
	if (!none)
		draft_proc_write(d, w.path, w.text, "AppArmor profile of the command");
	e = label ? lsm_selinux_exec(d->host, label, d->arena, &w) : NULL;
	if (e)
		return err_wrap(e, "process.selinuxLabel");
	if (label)
		draft_proc_write(d, w.path, w.text, "SELinux label of the command");
	return NULL;
}

static void add_bounding(struct draft *d, const struct caps *c)
{
	struct op op = { OP_BOUNDING, .why = "what it can never get" };
	op.caps.permitted = c->bounding;
	draft_child(d, op);
}

static void add_no_new_privs(struct draft *d)
{
	if (d->process->no_new_privileges)
		draft_child(d,
			(struct op){ OP_NO_NEW_PRIVS, .why = "no program gives it more rights" });
}

/* First as the launch is, which may make the directory; then as the user, who may be let in where
 * the launch is not, as on a network file system that trusts nobody's root. */
void plan_chdir(struct draft *d, bool as_launch)
{
	bool is_root = d->process->user.uid == 0;
	if (!as_launch && is_root)
		return;
	draft_child(d, (struct op){ OP_CHDIR, .may_fail = as_launch && !is_root,
			       .why = "where the command begins",
			       .chdir = { d->process->cwd, d->launch != NULL } });
}

static void add_close_fds(struct draft *d)
{
	int preserved = d->launch ? d->launch->preserve_fds : d->exec->preserve_fds;
	draft_child(d, (struct op){ OP_CLOSE_FDS, .why = "nothing of the caller's stays open",
			       .number = { 3 + preserved } });
}

/* All that only changes what the process is in itself. */
static struct err *add_nature(struct draft *d)
{
	add_stdio_owner(d);
	plan_limits(d, false);
	plan_io_priority(d);
	plan_personality(d);
	struct err *e = plan_memory_policy(d);
	if (!e)
		e = add_labels(d);
	add_umask(d);
	return e;
}

static void become_user(struct draft *d, const struct caps *c)
{
	add_bounding(d, c);
	add_identity(d);
	add_no_new_privs(d);
}

static void finish(struct draft *d)
{
	draft_child(d, plan_command(d, OP_EXEC, "the command"));
}

struct err *plan_process(struct draft *d)
{
	struct err *e = check_user(d);
	if (!e)
		e = add_nature(d);
	if (e)
		return e;
	struct caps c = plan_caps_of(d);
	bool caps_first = caps_before_filter(d, &c), filter_early = filter_before_gate(d);
	plan_scheduler(d);
	become_user(d, &c);
	if (caps_first)
		add_caps(d, &c);
	plan_chdir(d, false);
	draft_child(d, plan_command(d, OP_FIND_COMMAND, "the command is there"));
	if (filter_early)
		add_filter(d);
	if (filter_early && !caps_first)
		add_caps(d, &c);
	plan_wait_for_start(d);
	plan_limits(d, true);
	add_close_fds(d);
	if (!filter_early)
		add_filter(d);
	if (!filter_early && !caps_first)
		add_caps(d, &c);
	finish(d);
	return NULL;
}

static void add_terminal(struct draft *d)
{
	if (d->process->terminal)
		draft_child(d, (struct op){ OP_TTY, .why = "the terminal is its own" });
}

/* What a new process has to do by itself, because its parent's does not count for it. */
static void go_on_inside(struct draft *d)
{
	d->reforks++;
	draft_child(d, (struct op){ OP_REFORK, .why = "born inside the container" });
	draft_child(d, (struct op){ OP_SESSION, .why = "apart from the caller's terminal" });
	add_terminal(d);
	plan_scheduler(d);
	plan_meet(d);
}

struct err *plan_exec_process(struct draft *d)
{
	plan_chdir(d, true);
	struct err *e = add_nature(d);
	if (e)
		return e;
	struct caps c = plan_caps_of(d);
	/* Some policies keep a process from making another: they are set by the new one. */
	bool caps_first = caps_before_filter(d, &c), scheduled = d->process->scheduler.present;
	become_user(d, &c);
	if (caps_first && !scheduled)
		add_caps(d, &c);
	plan_chdir(d, false);
	draft_child(d, plan_command(d, OP_FIND_COMMAND, "the command is there"));
	go_on_inside(d);
	if (caps_first && scheduled)
		add_caps(d, &c);
	plan_limits(d, true);
	add_close_fds(d);
	add_filter(d);
	if (!caps_first)
		add_caps(d, &c);
	finish(d);
	return NULL;
}
