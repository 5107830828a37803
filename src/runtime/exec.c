#include "runtime/exec.h"
#include "base/log.h"
#include "kernel/nsfs.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "planner/survey.h"
#include "runtime/document.h"
#include "runtime/launch.h"
#include "runtime/record.h"
#include <string.h>

struct joining {
	const struct state *state;
	const struct exec_options *o;
	struct record record;
	struct host_facts host;
	struct seccomp_program seccomp;
	pid_t pid;
	struct fd pidfd; /* of the container's first process */
	uint64_t namespaces;
	struct launch_plan plan;
};

static void joining_done(struct joining *j)
{
	fd_close(&j->pidfd);
}

/* Opens the container's process and what must be joined of it; its number is compared again
 * afterwards, so that all of it is about one process. */
static struct err *find_process(struct joining *j)
{
	struct process_record process;
	struct proc_stat now;
	bool there;
	struct err *e = record_read_process(j->state, &process, &there);
	if (!e && !there)
		e = err_new(ERR_CONFLICT, "cannot exec in a stopped container");
	if (!e)
		e = proc_open(j->pid = process.pid, &j->pidfd);
	if (!e)
		e = nsfs_differing(process.pid, &j->namespaces);
	if (!e)
		e = proc_stat_read(process.pid, &now);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return err_new(ERR_CONFLICT, "cannot exec in a stopped container");
	}
	if (!e && (now.start_time != process.start_time || now.state == 'Z'))
		e = err_new(ERR_CONFLICT, "cannot exec in a stopped container");
	return e;
}

static struct err *plan(struct joining *j, struct arena *a)
{
	const struct exec_options *o = j->o;
	struct exec_request r = { .id = j->state->id,
		.spec = o->spec,
		.process = o->process,
		.namespaces = j->namespaces,
		.host = &j->host,
		.cgroup = o->cgroup,
		.seccomp = j->seccomp.filter.n ? &j->seccomp : NULL,
		.console_socket = o->console_socket,
		.pid_file = o->pid_file,
		.preserve_fds = o->preserve_fds,
		.own_terminal = o->process->terminal && !o->console_socket };
	struct err *e = survey_exec(&r, j->pid, a);
	if (!e)
		e = planner_make_exec(&r, a, &j->plan);
	for (size_t i = 0; !e && i < j->plan.warnings.n; i++)
		log_warn("%s", j->plan.warnings.items[i]);
	return e;
}

/* The record of a container is complete; a further process is in none. */
static struct err *record_nothing(void *)
{
	return NULL;
}

static struct err *commit_nothing(void *, pid_t)
{
	return NULL;
}

static void write_document(void *ctx, const char *status, pid_t pid, struct buf *out)
{
	const struct joining *j = ctx;
	document_write(&(struct document){ .oci_version = j->record.oci_version,
			       .id = j->state->id,
			       .status = status,
			       .bundle = j->record.bundle,
			       .pid = pid,
			       .annotations = &j->record.annotations },
		out);
}

static struct err *launch(struct joining *j, struct launched *out)
{
	struct launch_hooks hooks = { record_nothing, commit_nothing, write_document, j };
	struct slot_fd pidfd = { SLOT_FREE, fd_num(j->pidfd) };
	struct launch_order order = { .plan = &j->plan,
		.given = &pidfd,
		.n_given = 1,
		.hooks = &hooks,
		.listener_path = j->o->spec->linux.seccomp.listener_path,
		.listener_metadata = j->o->spec->linux.seccomp.listener_metadata };
	return launch_run(&order, out);
}

static struct err *check_terminal(const struct exec_options *o)
{
	if (o->process->terminal && o->detached && !o->console_socket)
		return err_new(ERR_USAGE,
			"cannot allocate tty if runc will detach without setting console socket");
	return NULL;
}

struct err *exec_process(
	const struct state *s, const struct exec_options *o, struct arena *a, struct launched *out)
{
	cleanup(joining_done) struct joining j = { .state = s, .o = o };
	struct err *e = check_terminal(o);
	if (!e)
		e = record_read(s, a, &j.record);
	if (!e)
		e = find_process(&j);
	if (!e)
		e = probe_host(&j.host);
	if (!e)
		e = prepare_filter(o->spec, o->filter_cache, a, &j.seccomp);
	if (!e)
		e = plan(&j, a);
	if (!e)
		e = launch(&j, out);
	if (!e)
		e = sock_hand_over(
			o->pidfd_socket, (struct bytes){ "pidfd", 5 }, fd_num(out->pidfd));
	return e;
}
