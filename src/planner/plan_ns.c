/* Spec to operations: how the child gets into its namespaces and its control group. */
#include "planner/draft.h"

#include "kernel/compat.h"
#include "kernel/lsm.h"
#include "kernel/ns.h"
#include "planner/idmap.h"
#include <fcntl.h>

static bool has_offsets(const struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	return l->time_offsets.monotonic.present || l->time_offsets.boottime.present;
}

/* The child joins those of the namespaces in @which that the spec names by path. */
static void join(struct draft *d, uint64_t which)
{
	for (list_each(const struct spec_namespace, n, d->spec->linux.namespaces)) {
		const struct ns_kind *kind = ns_by_type(n->type);
		if (!n->path || !(kind->flag & d->joined & which))
			continue;
		int slot = draft_slot(d);
		draft_parent(d, (struct op){ OP_OPEN, .why = kind->shared,
					.open = { n->path, O_RDONLY, slot } });
		draft_child(d,
			(struct op){ OP_SETNS, .why = kind->shared, .ns = { slot, kind->flag } });
	}
}

static void add_offset(const char *clock, const struct spec_time_offset *o, struct buf *out)
{
	if (o->present)
		buf_add(out, "%s %lld %lld\n", clock, (long long)o->secs, (long long)o->nanosecs);
}

/* Offsets can be written until the first process is in the namespace: time_namespaces(7). */
static void make_clocks(struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	cleanup(buf_done) struct buf text = {};
	add_offset("monotonic", &l->time_offsets.monotonic, &text);
	add_offset("boottime", &l->time_offsets.boottime, &text);
	draft_child(d, (struct op){ OP_UNSHARE, .why = ns_by_flag(CLONE_NEWTIME)->why,
			       .ns = { NO_SLOT, CLONE_NEWTIME } });
	draft_proc_write(d, "self/timens_offsets", arena_str(d->arena, str_of(buf_text(&text))),
		"where its clocks stand");
}

static void refork(struct draft *d, uint64_t flags)
{
	d->reforks++;
	draft_child(
		d, (struct op){ OP_REFORK, .why = "inside its namespaces", .clone = { flags } });
}

/* A change of user may make a process dumpable again (fs.suid_dumpable in proc(5)), so this comes
 * again after each. */
void plan_undumpable(struct draft *d)
{
	draft_child(
		d, (struct op){ OP_UNDUMPABLE, .why = "no other process may look into this one" });
}

static void become_root(struct draft *d)
{
	draft_child(d, (struct op){ OP_BECOME_ROOT, .why = "root of its user namespace" });
}

static void await_maps(struct draft *d)
{
	draft_child(d,
		(struct op){ OP_AWAIT, .why = "its users are mapped", .sync = { STAGE_MAPPED } });
}

/* What is the caller's to give and can't be given from inside a user namespace. */
static void before_users(struct draft *d)
{
	plan_raise_limits(d);
	uint32_t host;
	bool mapped = idmap_to_host(&d->spec->linux.uid_mappings, d->process->user.uid, &host);
	if (mapped && !d->process->terminal)
		draft_child(d, (struct op){ OP_STDIO_OWNER, .may_fail = true,
				       .why = "its user can open its standard streams again",
				       .identity = { .uid = host } });
}

/* Ends in a process that is in the new namespaces, as their root if the users are its own, too. */
static void go_on(struct draft *d, uint64_t flags)
{
	refork(d, flags);
	if (flags & CLONE_NEWUSER)
		await_maps(d);
	if (d->userns)
		become_root(d);
}

/* The child has the caller's rights: it joins everything first, the user namespace last. */
static void enter_privileged(struct draft *d)
{
	bool clocks = d->made & CLONE_NEWTIME && has_offsets(d);
	join(d, ~(uint64_t)CLONE_NEWUSER);
	if (clocks)
		make_clocks(d);
	if (d->userns)
		before_users(d);
	join(d, CLONE_NEWUSER);
	go_on(d, clocks ? d->made & ~(uint64_t)CLONE_NEWTIME : d->made);
}

/* All rights come from the user namespace, so that is entered first; for clocks in a process of its
 * own, since they have to be set before the rest is entered. */
static void enter_rootless(struct draft *d)
{
	bool clocks = d->made & CLONE_NEWTIME && has_offsets(d);
	uint64_t flags = d->made;
	join(d, CLONE_NEWUSER);
	if (clocks)
		go_on(d, flags & CLONE_NEWUSER);
	join(d, ~(uint64_t)CLONE_NEWUSER);
	if (!clocks) {
		go_on(d, flags);
		return;
	}
	make_clocks(d);
	refork(d, flags & ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWTIME));
}

/* The process that OP_CLONE makes is in all its new namespaces already. Its own view of control
 * groups begins at the group it is in at that moment, so that namespace comes after the group. */
static void enter_directly(struct draft *d, uint64_t later)
{
	d->clone_flags |= d->made & ~later;
	join(d, ~UINT64_C(0));
	if (d->made & later)
		draft_child(d, (struct op){ OP_UNSHARE, .why = ns_by_flag(CLONE_NEWCGROUP)->why,
				       .ns = { NO_SLOT, CLONE_NEWCGROUP } });
}

static void enter(struct draft *d)
{
	bool clocks = d->made & CLONE_NEWTIME && has_offsets(d);
	if (!d->userns && !(d->joined & CLONE_NEWPID) && !clocks)
		enter_directly(d, d->cgroup ? CLONE_NEWCGROUP : 0);
	else if (d->privileged)
		enter_privileged(d);
	else
		enter_rootless(d);
	if (d->userns)
		plan_undumpable(d);
}

/* A session keyring, so that the caller's is out of reach. SELinux labels it as the process. */
static struct err *add_keyring(struct draft *d, const char *id, bool left_out)
{
	if (left_out)
		return NULL;
	const char *label = d->process->selinux_label;
	struct lsm_write w;
	struct err *e = label ? lsm_selinux_key(d->host, label, d->arena, &w) : NULL;
	if (e)
		return err_wrap(e, "process.selinuxLabel");
	if (label)
		draft_proc_write(d, w.path, w.text, "SELinux label of its keys");
	draft_child(d, (struct op){ OP_KEYRING, .why = "keys of its own",
			       .text = { arena_fmt(d->arena, "_ses.%s", id) } });
	if (label)
		draft_proc_write(d, w.path, "\n", "and of no other keys");
	return NULL;
}

static void session(struct draft *d)
{
	draft_child(d, (struct op){ OP_SESSION, .why = "apart from the caller's terminal" });
}

/* Whether the launch writes below /proc at all. */
static bool writes_proc(const struct draft *d)
{
	return d->spec->linux.sysctl.n || d->process->apparmor_profile || d->process->selinux_label;
}

/* Whose id maps are still to be written by somebody who is not root has to stay open for that. */
void plan_begin(struct draft *d)
{
	if (d->privileged || !(d->made & CLONE_NEWUSER))
		plan_undumpable(d);
}

struct err *plan_namespaces(struct draft *d)
{
	/* In a user namespace a procfs can be mounted only where a whole one can be seen. */
	if (d->userns && d->privileged && writes_proc(d))
		draft_proc(d);
	enter(d);
	session(d);
	if (d->made & CLONE_NEWNET)
		draft_child(d, (struct op){ OP_LOOPBACK, .why = "it can reach itself" });
	if (d->spec->hostname)
		draft_child(d, (struct op){ OP_HOSTNAME, .why = "its host name",
				       .text = { d->spec->hostname } });
	if (d->spec->domainname)
		draft_child(d, (struct op){ OP_DOMAINNAME, .why = "its domain name",
				       .text = { d->spec->domainname } });
	return add_keyring(d, d->launch->id, d->launch->no_new_keyring);
}

struct err *plan_enter(struct draft *d)
{
	if (d->userns && writes_proc(d))
		draft_proc(d);
	if (d->userns)
		before_users(d);
	if (d->joined)
		draft_child(d, (struct op){ OP_SETNS, .why = "the container's namespaces",
				       .ns = { SLOT_FREE, d->joined } });
	if (d->userns) {
		become_root(d);
		plan_undumpable(d);
	}
	return add_keyring(d, d->exec->id, d->exec->no_new_keyring);
}
