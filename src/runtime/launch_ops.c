#include "runtime/launch_ops.h"
#include "cgroup/cgroup.h"
#include "cgroup/devfilter.h"
#include "child/child.h"
#include "kernel/compat.h"
#include "kernel/file.h"
#include "kernel/netdev.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "kernel/sys.h"
#include "kernel/userns.h"
#include "runtime/hooks.h"
#include "planner/rdt.h"
#include "runtime/scope.h"
#include "runtime/spawn.h"
#include <string.h>
#include <sys/socket.h>

static struct err *op_post(struct launch *l, const struct op *op)
{
	struct message m = { .kind = MESSAGE_STAGE, .stage = op->sync.stage };
	if (send(fd_num(l->sync), &m, sizeof(m), MSG_NOSIGNAL) >= 0)
		return NULL;
	/* The reason the child is gone is a fault waiting to be read, or its wait status. */
	return launch_receive(l, &m, &l->silent);
}

/* Receives until @stage, which is the next thing the child has to say, or a fault. */
static struct err *await_stage(struct launch *l, char stage, struct message *m)
{
	struct err *e = launch_receive(l, m, &l->silent);
	while (!e && !l->silent && m->kind != MESSAGE_STAGE)
		e = launch_receive(l, m, &l->silent);
	if (e || l->silent || m->stage == stage)
		return e;
	return err_new(ERR_SYSTEM, "the container's process is at stage %c instead of %c", m->stage,
		stage);
}

/* The socket closes when the command is executed. A process that ended in the same moment has
 * executed it or was killed; its wait status tells. */
static struct err *await_end(struct launch *l)
{
	bool ended = false;
	struct err *e = NULL;
	while (!e && !ended) {
		struct message m;
		e = launch_receive(l, &m, &ended);
	}
	return e;
}

static struct err *op_await(struct launch *l, const struct op *op)
{
	struct message m;
	return op->sync.stage == STAGE_RUNS ? await_end(l) : await_stage(l, op->sync.stage, &m);
}

static struct err *op_record(struct launch *l, const struct op *)
{
	return l->order->hooks->record(l->order->hooks->ctx);
}

static struct err *op_commit(struct launch *l, const struct op *)
{
	return l->order->hooks->commit(l->order->hooks->ctx, l->pid);
}

static struct err *op_cgroup_make(struct launch *, const struct op *op)
{
	bool created;
	return cgroup_make(op->cgroup_make.host, &created);
}

static struct err *op_cgroup_set(struct launch *, const struct op *op)
{
	struct err *e = cgroup_set(op->cgroup_set.host, op->cgroup_set.file, op->cgroup_set.text);
	if (!e || e->kind != ERR_NOT_FOUND || !op->cgroup_set.or_file)
		return e;
	err_free(&e);
	return cgroup_set(op->cgroup_set.host, op->cgroup_set.or_file, op->cgroup_set.or_text);
}

static struct err *op_cgroup_owner(struct launch *, const struct op *op)
{
	return cgroup_give(op->cgroup_owner.host, op->cgroup_owner.uid);
}

static struct err *op_cgroup_devices(struct launch *, const struct op *op)
{
	return devfilter_attach(op->cgroup_devices.host, op->cgroup_devices.program);
}

/* Moves the descriptor into the slot, which owns it from now on. */
static void fill_slot(struct launch *l, int slot, struct fd *fd)
{
	struct fd moved = fd_take(fd);
	l->slots[slot] = fd_num(moved);
}

static struct err *op_open(struct launch *l, const struct op *op)
{
	cleanup(fd_close) struct fd fd = {};
	struct err *e = fd_open(&fd, AT_FDCWD, op->open.host, op->open.flags);
	if (!e)
		fill_slot(l, op->open.slot, &fd);
	return e;
}

static struct err *op_connect(struct launch *l, const struct op *op)
{
	cleanup(fd_close) struct fd fd = {};
	struct err *e = sock_connect(op->connect.host, &fd, NULL);
	if (!e)
		fill_slot(l, op->connect.slot, &fd);
	return e;
}

static struct err *op_gate_make(struct launch *l, const struct op *op)
{
	cleanup(fd_close) struct fd fd = {};
	struct err *e = sock_listen(op->connect.host, &fd);
	if (!e)
		fill_slot(l, op->connect.slot, &fd);
	return e;
}

static struct err *op_clone(struct launch *l, const struct op *op)
{
	struct spawn_request r = { .plan = &l->order->plan->child,
		.slots = l->slots,
		.n_slots = l->n_slots,
		.flags = op->clone.flags,
		.cgroup = l->slots[SLOT_CGROUP] };
	return spawn_child(&r, &l->pid, &l->pidfd);
}

/* The process we cloned has gone on in another one, which is our child too; the first ends. */
static struct err *op_take_pid(struct launch *l, const struct op *)
{
	struct message m;
	struct err *e = await_stage(l, STAGE_FORKED, &m);
	if (e || l->silent)
		return e;
	cleanup(fd_close) struct fd first = fd_take(&l->pidfd);
	l->pid = m.number;
	int status;
	e = proc_open(l->pid, &l->pidfd);
	return e ? e : proc_reap(fd_num(first), &status);
}

static struct err *op_oom_score(struct launch *l, const struct op *op)
{
	char path[64], text[32];
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)l->pid);
	snprintf(text, sizeof(text), "%lld", (long long)op->number.value);
	return file_write(AT_FDCWD, path, text);
}

static struct err *op_id_map(struct launch *l, const struct op *op)
{
	return userns_map(
		l->pid, op->id_map.uid_map, op->id_map.gid_map, op->id_map.deny_setgroups);
}

static struct err *op_userns(struct launch *l, const struct op *op)
{
	cleanup(fd_close) struct fd fd = {};
	struct err *e = userns_make(op->id_map.uid_map, op->id_map.gid_map, &fd);
	if (!e)
		fill_slot(l, op->id_map.slot, &fd);
	return e;
}

static struct err *op_scope(struct launch *l, const struct op *op)
{
	struct scope_order o = { .unit = op->scope.name,
		.slice = op->scope.slice,
		.description = op->scope.description,
		.properties = op->scope.properties,
		.path = op->scope.path,
		.user = op->scope.user };
	return scope_start(&o, &l->scope);
}

static struct err *op_net_device(struct launch *l, const struct op *op)
{
	return netdev_move(op->net_device.name, op->net_device.new_name, l->pid);
}

static struct err *op_rdt(struct launch *l, const struct op *op)
{
	return rdt_apply(op->rdt.host, op->rdt.schemata, op->rdt.create, op->rdt.monitor, l->pid);
}

static struct err *op_hook(struct launch *l, const struct op *op)
{
	struct hook hook = { .point = op->hook.point,
		.path = op->hook.host,
		.argv = op->hook.argv,
		.env = op->hook.env,
		.timeout = op->hook.timeout };
	struct hook_inside inside = { fd_num(l->pidfd), l->pid };
	cleanup(buf_done) struct buf state = {};
	bool starting = strcmp(op->hook.point, "startContainer") == 0;
	l->order->hooks->state(
		l->order->hooks->ctx, starting ? "created" : "creating", l->pid, &state);
	return hook_run(&hook, buf_text(&state), op->hook.inside ? &inside : NULL);
}

static struct err *op_pid_file(struct launch *l, const struct op *op)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", (int)l->pid);
	return file_replace(AT_FDCWD, op->path.host, 0644, (struct bytes){ text, (size_t)n });
}

/* Host objects are prepared by the same code as in the child. */
static struct err *op_shared(struct launch *l, const struct op *op)
{
	struct fault fault = plan_run(&sys_linux, &(struct plan){ op, 1 }, l->slots, l->n_slots);
	return plan_blame(&(struct plan){ op, 1 }, &fault);
}

static struct err *(*const run[OP_KINDS])(struct launch *l, const struct op *op) = {
	[OP_POST] = op_post,
	[OP_AWAIT] = op_await,
	[OP_RECORD] = op_record,
	[OP_CGROUP_MAKE] = op_cgroup_make,
	[OP_CGROUP_SET] = op_cgroup_set,
	[OP_CGROUP_DEVICES] = op_cgroup_devices,
	[OP_CGROUP_OWNER] = op_cgroup_owner,
	[OP_OPEN] = op_open,
	[OP_CONNECT] = op_connect,
	[OP_GATE_MAKE] = op_gate_make,
	[OP_CLONE] = op_clone,
	[OP_TAKE_PID] = op_take_pid,
	[OP_OOM_SCORE] = op_oom_score,
	[OP_SCOPE] = op_scope,
	[OP_USERNS] = op_userns,
	[OP_ID_MAP] = op_id_map,
	[OP_NET_DEVICE] = op_net_device,
	[OP_RDT] = op_rdt,
	[OP_HOOK] = op_hook,
	[OP_COMMIT] = op_commit,
	[OP_PID_FILE] = op_pid_file,
	[OP_SOURCE] = op_shared,
};

/* What is heard of the child, and what its own executor does here, says already what it was for. */
static bool is_told(enum op_kind kind)
{
	return kind == OP_AWAIT || kind == OP_POST || kind == OP_TAKE_PID || kind == OP_SOURCE;
}

struct err *launch_op(struct launch *l, const struct op *op)
{
	if (!run[op->kind])
		return err_new(
			ERR_SYSTEM, "%s is not an operation of the parent", op_name(op->kind));
	struct err *e = run[op->kind](l, op);
	return e && op->why && !is_told(op->kind) ? err_wrap(e, "setting up %s", op->why) : e;
}
