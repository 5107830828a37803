#include "runtime/create.h"
#include "base/time.h"
#include "config.h"
#include "kernel/sock.h"
#include "runtime/container.h"
#include "runtime/document.h"
#include "runtime/hooks.h"
#include "runtime/record.h"
#include <string.h>

/* What the operations of the launch need of us. */
struct making {
	struct created *c;
	const struct launch_options *o;
	struct arena *arena;
};

void created_done(struct created *c)
{
	launched_done(&c->launched);
	prepared_done(&c->prepared);
	state_close(&c->state);
}

static bool has_own_pid_namespace(const struct spec *s)
{
	for (list_each(const struct spec_namespace, ns, s->linux.namespaces))
		if (strcmp(ns->type, "pid") == 0)
			return !ns->path;
	return false;
}

/* What start has to read the configuration for. */
static bool start_reads_config(const struct spec *s)
{
	return s->hooks.start_container.n || s->hooks.poststart.n || s->linux.seccomp.listener_path;
}

static struct err *write_record(void *ctx)
{
	const struct making *m = ctx;
	const struct prepared *p = &m->c->prepared;
	cleanup(buf_done) struct buf created = {};
	time_show(time_now(), &created);
	struct record r = { .id = m->o->id,
		.oci_version = p->spec.oci_version,
		.bundle = p->bundle,
		.rootfs = p->rootfs,
		.created = buf_text(&created),
		.runtime = ONGGI_VERSION,
		.owner = p->host.uid,
		.own_pid_namespace = has_own_pid_namespace(&p->spec),
		.start_reads_config = start_reads_config(&p->spec),
		.has_poststop = p->spec.hooks.poststop.n > 0,
		.annotations = p->spec.annotations,
		.rdt_dir = p->rdt_dir };
	if (p->has_cgroup)
		r.cgroup = p->cgroup;
	struct err *e = record_write(&m->c->state, &r);
	struct bytes text = { buf_text(&p->text), p->text.n };
	return e ? e : state_write_config(&m->c->state, text);
}

static struct err *write_process(void *ctx, pid_t pid)
{
	const struct making *m = ctx;
	return record_write_process(&m->c->state, pid);
}

static void write_document(void *ctx, const char *status, pid_t pid, struct buf *out)
{
	const struct making *m = ctx;
	const struct prepared *p = &m->c->prepared;
	document_write(&(struct document){ .oci_version = p->spec.oci_version,
			       .id = m->o->id,
			       .status = status,
			       .bundle = p->bundle,
			       .pid = pid,
			       .annotations = &p->spec.annotations },
		out);
}

static struct err *run_poststart(struct making *m)
{
	const struct list *hooks = &m->c->prepared.spec.hooks.poststart;
	cleanup(buf_done) struct buf doc = {};
	if (m->o->wait_at_gate || !hooks->n)
		return NULL;
	write_document(m, "running", m->c->launched.pid, &doc);
	return hooks_run(hooks, "poststart", buf_text(&doc), NULL);
}

static struct err *launch(struct making *m, const char *pidfd_socket)
{
	struct launch_hooks hooks = { write_record, write_process, write_document, m };
	struct created *c = m->c;
	struct launch_order order = { .plan = &c->prepared.plan,
		.hooks = &hooks,
		.listener_path = c->prepared.spec.linux.seccomp.listener_path,
		.listener_metadata = c->prepared.spec.linux.seccomp.listener_metadata };
	struct err *e = launch_run(&order, &c->launched);
	if (!e)
		e = sock_hand_over(
			pidfd_socket, (struct bytes){ "pidfd", 5 }, fd_num(c->launched.pidfd));
	return e ? e : run_poststart(m);
}

/* After a failure nothing of the container may be left; what can't be undone is said, too. */
static struct err *undo(struct created *c, struct err *cause, struct arena *a)
{
	struct err *e = container_undo(&c->state, a);
	if (!e)
		return cause;
	cleanup(buf_done) struct buf text = {};
	for (const struct err *it = e; it; it = it->cause)
		buf_add(&text, "%s%s", it == e ? "" : ": ", it->text);
	err_free(&e);
	return err_wrap(cause, "undoing was not possible either (%s)", buf_text(&text));
}

struct err *create_container(const struct state_root *root, struct launch_options *o,
	const char *pidfd_socket, struct arena *a, struct created *out)
{
	struct making m = { .c = out, .o = o, .arena = a };
	struct err *e = state_check_id(o->id);
	if (!e) {
		o->state_dir = arena_fmt(a, "%s/%s", root->path, o->id);
		e = prepare_launch(o, a, &out->prepared);
	}
	if (!e)
		e = state_claim(root, o->id, a, &out->state);
	if (e)
		return e;
	if (out->prepared.has_cgroup)
		e = cgroup_check_free(&out->prepared.cgroup);
	if (!e)
		e = launch(&m, pidfd_socket);
	return e ? undo(out, e, a) : NULL;
}
