#include "planner/planner.h"
#include "base/mutate.h"
#include "kernel/compat.h"
#include "planner/draft.h"
#include "planner/idmap.h"
#include "planner/plan_process.h"
#include "planner/resources.h"
#include "planner/scope_plan.h"
#include "spec/spec_check.h"

static void start(struct draft *d, struct arena *a)
{
	d->arena = a;
	d->parts.parent.arena = d->parts.child.arena = a;
	d->parts.next_slot = SLOT_FREE;
	d->userns = draft_has(d, CLONE_NEWUSER);
	d->privileged = d->host->can_mount;
	d->early_sources = d->privileged && (d->userns || d->joined & CLONE_NEWNS);
}

static struct err *check_process(const struct spec_process *p)
{
	if (!p->present)
		return err_new(ERR_USAGE, "process property must not be empty");
	if (!p->args.n)
		return err_new(ERR_USAGE, "process.args must not be empty");
	if (!*p->args.items[0])
		return err_new(ERR_USAGE, "process.args[0] must not be empty");
	return NULL;
}

/* Both ends have to want a terminal. */
static struct err *check_terminal(const struct spec_process *p, const char *socket, bool own)
{
	if (p->terminal && !socket && !own)
		return err_hint(err_new(ERR_USAGE, "cannot allocate tty if the runtime will detach "
						   "without setting console socket"),
			"give --console-socket, or set process.terminal to false");
	if (!p->terminal && socket)
		return err_hint(
			err_new(ERR_USAGE, "cannot use console socket if the runtime will not "
					   "detach or allocate tty"),
			"leave --console-socket out, or set process.terminal to true");
	return NULL;
}

static struct err *check_root_mapped(const struct draft *d)
{
	const struct spec_linux *l = &d->spec->linux;
	uint32_t host;
	if (!(d->made & CLONE_NEWUSER))
		return NULL;
	if (!idmap_to_host(&l->uid_mappings, 0, &host))
		return err_new(ERR_USAGE, "linux.uidMappings has no host id for user 0");
	if (!idmap_to_host(&l->gid_mappings, 0, &host))
		return err_new(ERR_USAGE, "linux.gidMappings has no host id for group 0");
	return NULL;
}

/* Without mounts of its own the container's root could only be left again. */
static struct err *check_mounts(const struct draft *d)
{
	const char *propagation = d->spec->linux.rootfs_propagation;
	if (d->launch->host_namespaces & CLONE_NEWNS)
		return err_new(ERR_USAGE, "linux.namespaces: the mount namespace to join is the "
					  "caller's own: its root would be replaced");
	if (!draft_has(d, CLONE_NEWNS))
		return err_hint(err_new(ERR_USAGE, "linux.namespaces has no mount namespace: the "
						   "container's root can't be set up"),
			"add { \"type\": \"mount\" } to linux.namespaces");
	bool private = propagation && strstr(propagation, "private");
	if (d->launch->no_pivot && private)
		return err_new(ERR_USAGE,
			"rootfsPropagation of [r]private is not safe without pivot_root");
	return NULL;
}

static struct err *check_net_devices(const struct draft *d)
{
	if (!d->spec->linux.net_devices.n)
		return NULL;
	if (!d->privileged)
		return err_new(ERR_DENIED, "linux.netDevices: moving a network interface takes "
					   "CAP_NET_ADMIN of the host");
	if (d->launch->host_namespaces & CLONE_NEWNET)
		return err_new(ERR_USAGE, "linux.netDevices: the network namespace to join is "
					  "the caller's own");
	return NULL;
}

/* The specification's check sees only whether a namespace is named, not that it is the host's. */
static struct err *check_names(const struct draft *d)
{
	bool named = d->spec->hostname || d->spec->domainname;
	if (!named || mutated(MUTATE_NAMES) || !(d->launch->host_namespaces & CLONE_NEWUTS))
		return NULL;
	return err_new(ERR_USAGE,
		"%s: the uts namespace to join is the caller's own: the host would be renamed",
		d->spec->hostname ? "hostname" : "domainname");
}

static struct err *check_launch(const struct draft *d)
{
	const struct launch_request *r = d->launch;
	if (!r->spec->root.present)
		return err_new(ERR_USAGE, "root must be specified");
	struct err *e = check_process(d->process);
	if (!e)
		e = check_terminal(d->process, r->console_socket, r->own_terminal);
	if (!e)
		e = check_mounts(d);
	if (!e)
		e = check_root_mapped(d);
	if (!e)
		e = check_names(d);
	return e ? e : check_net_devices(d);
}

/* What is limited before there is a process that could need limits. */
static struct err *plan_cgroup(struct draft *d)
{
	const struct spec_resources *r = &d->spec->linux.resources;
	draft_parent(d, (struct op){ OP_RECORD, .why = "so that all that follows can be undone" });
	struct err *e = scope_plan(d->spec, d->launch->id, d->cgroup, d->arena, &d->parts.parent);
	if (!e)
		e = resources_plan(r, d->cgroup, d->host, false, d->arena, &d->parts.parent);
	if (!e)
		resources_ignored(r, d->cgroup, d->arena, &d->warnings);
	return e;
}

static void plan_sockets(struct draft *d)
{
	const struct launch_request *r = d->launch;
	if (r->wait_at_gate)
		draft_parent(d, (struct op){ OP_GATE_MAKE, .why = "where start finds it",
					.connect = { arena_fmt(d->arena, "%s/gate", r->state_dir),
						SLOT_GATE } });
}

static void connect_console(struct draft *d, const char *socket)
{
	if (socket)
		draft_parent(d, (struct op){ OP_CONNECT, .why = "who gets the terminal",
					.connect = { socket, SLOT_CONSOLE } });
}

static void add_console(struct draft *d)
{
	const struct spec_process *p = d->process;
	struct op op = { OP_CONSOLE, .why = "a terminal of its own" };
	if (!p->terminal)
		return;
	op.console.rows = (uint16_t)p->console_height;
	op.console.columns = (uint16_t)p->console_width;
	op.console.on_dev_console = d->launch != NULL;
	op.console.uid = (uint32_t)p->user.uid;
	draft_child(d, op);
}

static struct err *join_cgroup(struct draft *d)
{
	if (!d->cgroup)
		return NULL;
	return cgroup_join_plan(d->cgroup, d->arena, &d->parts, &d->clone_flags);
}

static struct err *plan_container(struct draft *d)
{
	plan_begin(d);
	struct err *e = plan_cgroup(d);
	if (!e)
		e = join_cgroup(d);
	if (!e)
		e = plan_namespaces(d);
	if (!e)
		e = plan_prepare_mounts(d);
	if (!e)
		e = plan_root(d);
	if (!e)
		e = plan_mounts(d);
	if (e)
		return e;
	plan_devices(d);
	plan_meet(d);
	add_console(d);
	if (d->process->terminal)
		draft_child(d, (struct op){ OP_TTY, .why = "the terminal is its own" });
	e = plan_pivot(d);
	if (!e)
		e = plan_process(d);
	if (e)
		return e;
	plan_sockets(d);
	connect_console(d, d->launch->console_socket);
	return plan_parent(d);
}

static struct err *finish(struct draft *d, struct launch_plan *out)
{
	struct launch_plan plan = { plan_of(&d->parts.parent), plan_of(&d->parts.child),
		d->parts.next_slot, d->warnings };
	struct err *e = NULL;
	if (plan.n_slots > SLOTS_MAX)
		e = err_new(
			ERR_USAGE, "the configuration needs more than %d descriptors", SLOTS_MAX);
	if (!e)
		e = handshake_check(&plan.parent, &plan.child);
	if (!e)
		*out = plan;
	return e;
}

struct err *planner_make(const struct launch_request *r, struct arena *a, struct launch_plan *out)
{
	struct spec_namespaces ns = spec_namespaces(r->spec);
	struct draft d = { .launch = r,
		.spec = r->spec,
		.process = &r->spec->process,
		.host = r->host,
		.cgroup = r->cgroup,
		.seccomp = r->seccomp,
		.made = ns.listed & ~ns.joined,
		.joined = ns.joined & ~r->host_namespaces };
	start(&d, a);
	struct err *e = check_launch(&d);
	if (!e)
		e = plan_container(&d);
	return e ? e : finish(&d, out);
}

/* On v2 the process is born in its group, and where it may not run at first it can't be sent. */
static struct err *enter_cgroup(struct draft *d)
{
	const struct spec_process *p = d->process;
	struct err *e = plan_affinity(
		d, p->exec_cpu_affinity.initial, "where it runs until it is in its group");
	if (!e)
		e = join_cgroup(d);
	if (!e)
		e = plan_affinity(d, p->exec_cpu_affinity.final, "where it runs from then on");
	return e;
}

static struct err *plan_one_more(struct draft *d)
{
	plan_begin(d);
	struct err *e = enter_cgroup(d);
	if (!e)
		e = plan_enter(d);
	if (e)
		return e;
	add_console(d);
	e = plan_exec_process(d);
	if (e)
		return e;
	connect_console(d, d->exec->console_socket);
	return plan_parent(d);
}

struct err *planner_make_exec(
	const struct exec_request *r, struct arena *a, struct launch_plan *out)
{
	struct draft d = { .exec = r,
		.spec = r->spec,
		.process = r->process,
		.host = r->host,
		.cgroup = r->cgroup,
		.seccomp = r->seccomp,
		.joined = r->namespaces };
	start(&d, a);
	d.early_sources = false;
	d.parts.next_slot++; /* SLOT_FREE is the container's */
	struct err *e = check_process(r->process);
	if (!e)
		e = check_terminal(r->process, r->console_socket, r->own_terminal);
	if (!e)
		e = plan_one_more(&d);
	return e ? e : finish(&d, out);
}
