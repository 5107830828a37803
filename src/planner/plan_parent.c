/* Spec to operations: the parent's half, and the points where both halves meet. */
#include "planner/draft.h"

#include "kernel/compat.h"
#include "planner/idmap.h"
#include "planner/rdt.h"
#include <linux/capability.h>

static bool has_hooks(const struct draft *d)
{
	const struct spec_hooks *h = &d->spec->hooks;
	return d->launch && (h->prestart.n || h->create_runtime.n || h->create_container.n);
}

static bool has_start_hooks(const struct draft *d)
{
	return d->launch && !d->launch->wait_at_gate && d->spec->hooks.start_container.n;
}

static bool scores_oom(const struct draft *d)
{
	return d->process->oom_score_adj.set;
}

/* While the maps are awaited the child is open to the caller; afterwards it may not be. */
static bool scores_early(const struct draft *d)
{
	return d->launch && d->made & CLONE_NEWUSER;
}

static bool joins_rdt(const struct draft *d)
{
	return d->launch && d->spec->linux.intel_rdt.present;
}

/* True if the child may not execute its command before the parent has done something to it. A
 * created container does not anyway: its gate is opened later. */
static bool child_waits(const struct draft *d)
{
	if (has_hooks(d) || (d->launch && d->spec->linux.net_devices.n))
		return true;
	bool gated = d->launch && d->launch->wait_at_gate;
	return !gated && ((scores_oom(d) && !scores_early(d)) || joins_rdt(d));
}

static struct op sync_op(enum op_kind kind, char stage, const char *why)
{
	return (struct op){ kind, .why = why, .sync = { stage } };
}

void plan_meet(struct draft *d)
{
	if (has_hooks(d))
		draft_child(d, sync_op(OP_POST, STAGE_READY, "hooks may run"));
	if (child_waits(d))
		draft_child(d, sync_op(OP_AWAIT, STAGE_HOOKED, "the caller has done its part"));
}

void plan_wait_for_start(struct draft *d)
{
	bool gated = d->launch && d->launch->wait_at_gate;
	if (gated || has_start_hooks(d))
		draft_child(d, sync_op(OP_POST, STAGE_CREATED, "the container is created"));
	if (gated)
		draft_child(d, (struct op){ OP_GATE, .why = "until it is started" });
	else if (has_start_hooks(d))
		draft_child(d, sync_op(OP_AWAIT, STAGE_HOOKED, "the last hooks have run"));
}

static void add_hooks(
	struct draft *d, const struct list *hooks, const char *point, const char *why, bool inside)
{
	for (list_each(const struct spec_hook, h, *hooks)) {
		struct op op = { OP_HOOK, .why = why };
		op.hook.point = point;
		op.hook.host = h->path;
		op.hook.argv = h->args.n ? h->args.items : NULL;
		op.hook.env = h->env.n ? h->env.items : NULL;
		op.hook.timeout = h->timeout.set ? h->timeout.value : 0;
		op.hook.inside = inside;
		draft_parent(d, op);
	}
}

static void run_hooks(struct draft *d)
{
	const struct spec_hooks *h = &d->spec->hooks;
	draft_parent(d, sync_op(OP_AWAIT, STAGE_READY, "its namespaces and mounts are made"));
	add_hooks(d, &h->prestart, "prestart", "what the caller adds", false);
	add_hooks(d, &h->create_runtime, "createRuntime", "what the caller adds", false);
	add_hooks(d, &h->create_container, "createContainer", "what the caller adds inside", true);
}

/*
 * A process that is given its only id and has no more rights than its user can't be allowed to drop
 * groups: user_namespaces(7). The helper programs that map more ids decide that themselves.
 */
bool plan_keeps_groups(const struct draft *d)
{
	const struct list *gids = &d->spec->linux.gid_mappings;
	const struct spec_idmap *only = gids->items;
	bool may_drop = d->host->permitted >> CAP_SETGID & 1;
	return d->launch && d->made & CLONE_NEWUSER && !may_drop && gids->n == 1 && only->size == 1;
}

static void add_maps(struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	struct op op = { OP_ID_MAP, .why = "who is who in its user namespace" };
	op.id_map.uid_map = idmap_text(&l->uid_mappings, d->arena);
	op.id_map.gid_map = idmap_text(&l->gid_mappings, d->arena);
	op.id_map.slot = NO_SLOT;
	op.id_map.deny_setgroups = plan_keeps_groups(d);
	draft_parent(d, op);
}

static void score_oom(struct draft *d)
{
	draft_parent(d, (struct op){ OP_OOM_SCORE, .why = "how soon it is killed for memory",
				.number = { d->process->oom_score_adj.value } });
}

static void take_pid(struct draft *d)
{
	draft_parent(d, (struct op){ OP_TAKE_PID, .why = "the process inside" });
}

/* From the new process to the one that is to execute the command. */
static void follow(struct draft *d)
{
	int left = d->reforks;
	draft_parent(d, (struct op){ OP_CLONE,
				.why = d->launch ? "the container's process" : "the new process",
				.clone = { d->clone_flags } });
	if (left-- > 0)
		take_pid(d);
	if (d->launch && d->made & CLONE_NEWUSER) {
		add_maps(d);
		if (scores_oom(d))
			score_oom(d);
		draft_parent(d, sync_op(OP_POST, STAGE_MAPPED, "its users are mapped"));
	}
	if (left > 0)
		take_pid(d);
}

static void move_net_devices(struct draft *d)
{
	for (list_each(const struct spec_net_device, n, d->spec->linux.net_devices))
		draft_parent(d, (struct op){ OP_NET_DEVICE, .why = "an interface of its own",
					.net_device = { n->host, n->name ? n->name : n->host } });
}

static void commit(struct draft *d)
{
	if (d->launch)
		draft_parent(d, (struct op){ OP_COMMIT, .why = "the container exists" });
}

/* The caller reads the file once the command has returned: it says that all went well. */
static void write_pid(struct draft *d)
{
	const char *file = d->launch ? d->launch->pid_file : d->exec->pid_file;
	if (file)
		draft_parent(d, (struct op){ OP_PID_FILE, .why = "the process, for the caller",
					.path = { file } });
}

static void finish_created(struct draft *d)
{
	draft_parent(d, sync_op(OP_AWAIT, STAGE_CREATED, "the container is created"));
	commit(d);
	write_pid(d);
}

static void finish_running(struct draft *d)
{
	if (has_start_hooks(d)) {
		draft_parent(d, sync_op(OP_AWAIT, STAGE_CREATED, "the container is created"));
		add_hooks(d, &d->spec->hooks.start_container, "startContainer",
			"the last thing before the command", true);
		draft_parent(d, sync_op(OP_POST, STAGE_HOOKED, "the last hooks have run"));
	}
	draft_parent(d, sync_op(OP_AWAIT, STAGE_RUNS, "the command is executed"));
	write_pid(d);
}

/* What the parent does to the process, once it is the one that is to execute the command. */
static struct err *act_on_process(struct draft *d)
{
	if (scores_oom(d) && !scores_early(d))
		score_oom(d);
	if (!d->launch)
		return NULL;
	move_net_devices(d);
	return rdt_plan(&d->spec->linux.intel_rdt, d->launch->id, d->launch->resctrl, d->arena,
		&d->parts.parent);
}

struct err *plan_parent(struct draft *d)
{
	bool gated = d->launch && d->launch->wait_at_gate;
	follow(d);
	struct err *e = act_on_process(d);
	if (e)
		return e;
	if (!gated)
		commit(d);
	if (has_hooks(d))
		run_hooks(d);
	if (child_waits(d))
		draft_parent(d, sync_op(OP_POST, STAGE_HOOKED, "the caller has done its part"));
	if (gated)
		finish_created(d);
	else
		finish_running(d);
	return NULL;
}
