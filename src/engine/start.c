/*
 * A container starts: a process of ours launches it, says how that went, and executes the monitor,
 * whose child the container then is.
 */
#include "base/encode.h"
#include "base/time.h"
#include "engine/container.h"
#include "engine/container_start.h"
#include "engine/files.h"
#include "engine/guard.h"
#include "engine/logs.h"
#include "engine/merge.h"
#include "engine/network.h"
#include "engine/root.h"
#include "engine/volume.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/tree_copy.h"
#include "runtime/container.h"
#include "runtime/create.h"
#include "spec/spec_schema.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

void started_done(struct started *s)
{
	fd_close(&s->attach);
	fd_close(&s->monitor);
}

/* --- in the process that becomes the monitor ----------------------------------------------------
 */

/* The specification is written into the bundle, where people can read it, and read from there. */
static struct err *write_bundle(
	const struct engine_container *c, const struct spec *spec, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	encode_text(spec, &spec_schema, JSON_COMPACT, &text);
	return file_replace(AT_FDCWD, arena_fmt(a, "%s/bundle/config.json", c->dir), 0600,
		(struct bytes){ buf_text(&text), text.n });
}

static struct err *build_spec(
	const struct engine *e, const struct engine_container *c, int root, struct arena *a)
{
	struct spec spec = {};
	struct cgroup_host *host = anew(a, struct cgroup_host, 1);
	struct merge m = { .arena = a,
		.engine = e,
		.container = c,
		.request = &c->record.request,
		.root = root,
		.cgroups = host,
		.spec = &spec };
	struct err *bad = cgroup_host_read(a, host);
	if (!bad)
		bad = merge_spec(&m);
	if (!bad)
		bad = files_write(c, spec.hostname, a);
	return bad ? bad : write_bundle(c, &spec, a);
}

static bool is_empty(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	int n = 0;
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return d && n == 2;
}

/* A volume that is empty gets what the image has at its place. */
static struct err *copy_up(
	const struct engine *e, const struct mount_request *m, int root, struct arena *a)
{
	cleanup(fd_close) struct fd from = {}, to = {};
	struct err *bad = fd_open(
		&to, AT_FDCWD, volume_path(e, m->source, a), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (bad || !is_empty(fd_num(to)))
		return bad;
	bad = file_open_in(&from, root, m->target, O_RDONLY | O_DIRECTORY);
	if (bad) {
		bool none = bad->kind == ERR_NOT_FOUND || bad->kind == ERR_SYSTEM;
		if (none)
			err_free(&bad);
		return bad;
	}
	bad = tree_copy(fd_num(from), fd_num(to));
	return bad ? err_wrap(bad, "filling volume %s", m->source) : NULL;
}

static struct err *fill_volumes(
	const struct engine *e, const struct engine_container *c, int root, struct arena *a)
{
	for (list_each(const struct mount_request, m, c->record.request.mounts)) {
		bool fill = strcmp(m->type, "volume") == 0 && !m->no_copy;
		struct err *bad = fill ? copy_up(e, m, root, a) : NULL;
		if (bad)
			return bad;
	}
	return NULL;
}

static struct err *prepare(
	const struct engine *e, const struct engine_container *c, struct arena *a)
{
	cleanup(fd_close) struct fd root = {};
	struct err *bad = root_make(c);
	if (!bad)
		bad = root_open(c, false, a, &root);
	if (!bad)
		bad = fill_volumes(e, c, fd_num(root), a);
	return bad ? bad : build_spec(e, c, fd_num(root), a);
}

static struct err *launch(const struct engine *e, const struct engine_container *c, struct arena *a,
	struct created *made)
{
	struct launch_options o = { .id = c->id,
		.bundle = arena_fmt(a, "%s/bundle", c->dir),
		.filter_cache = arena_fmt(a, "%s/@filters", e->run_root),
		.overlay = root_overlay(c, a),
		.cgroup_manager = e->systemd_cgroup ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_FS };
	struct err *bad = create_container(&e->states, &o, NULL, a, made);
	if (!bad)
		bad = network_attach(e, c, made->launched.pid, a);
	return bad;
}

static struct err *note_start(const struct engine *e, struct engine_container *c, struct arena *a)
{
	cleanup(buf_done) struct buf now = {};
	cleanup(fd_close) struct fd dir = {};
	(void)e;
	time_show(time_now(), &now);
	c->record.started = arena_str(a, str_of(buf_text(&now)));
	c->record.stopped_by_user = false;
	struct err *bad = fd_open(&dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	if (!bad)
		bad = container_record_write(fd_num(dir), &c->record);
	if (!bad && unlinkat(fd_num(dir), "exit.json", 0) < 0 && errno != ENOENT)
		bad = err_sys(errno, "remove exit.json");
	return bad;
}

/* Launches and becomes the monitor; returns only if that fails. */
struct err *start_become(
	const struct engine *e, struct engine_container *c, struct supervise *s, struct arena *a)
{
	cleanup(created_done) struct created made = {};
	struct err *bad = supervise_check(e, a);
	if (!bad)
		bad = prepare(e, c, a);
	if (!bad)
		bad = supervise_stdio(s, &c->record.request);
	if (!bad)
		bad = note_start(e, c, a);
	if (!bad)
		bad = launch(e, c, a, &made);
	if (bad)
		return bad;
	s->pidfd = fd_take(&made.launched.pidfd);
	s->terminal = fd_take(&made.launched.terminal);
	bad = supervise_exec(e, c, s, &made.prepared.cgroup, a);
	struct err *undone = container_delete(&e->states, c->id, true, a);
	err_free(&undone);
	return bad;
}

/* --- in the process that was asked --------------------------------------------------------------
 */

static struct err *check_startable(const struct engine_container *c)
{
	if (c->status == ENGINE_PAUSED)
		return err_hint(
			err_new(ERR_CONFLICT, "cannot start a paused container, try unpause "
					      "instead"),
			"use unpause");
	if (c->status == ENGINE_DEAD)
		return err_new(
			ERR_CONFLICT, "container is marked for removal and cannot be started");
	return NULL;
}

/* A runtime state without a process is what a killed monitor left. */
static struct err *forget_old(
	const struct engine *e, const struct engine_container *c, struct arena *a)
{
	return container_delete(&e->states, c->id, true, a);
}

/* Why it did not start is kept as its end: inspect shows it, and scripts get 127. */
static void note_failure(int dir, const struct err *e)
{
	cleanup(buf_done) struct buf now = {}, text = {};
	time_show(time_now(), &now);
	err_show(e, &text);
	struct exit_record r = { .finished = buf_text(&now),
		.code = e->kind == ERR_NO_COMMAND   ? 127
		        : e->kind == ERR_CANNOT_RUN ? 126
		                                    : 128,
		.error = buf_text(&text) };
	struct err *unwritten = exit_record_write(dir, &r);
	err_free(&unwritten);
}

struct err *container_start(const struct engine *e, const struct engine_container *asked,
	struct started *stay, struct arena *a)
{
	cleanup(guard_release) struct guard g = {};
	cleanup(supervise_done) struct supervise s = { .hold = stay != NULL,
		.become = start_become };
	struct engine_container c = *asked;
	struct err *bad = guard_take(e, &c, a, &g);
	if (bad || c.status == ENGINE_RUNNING)
		return bad;
	bad = check_startable(&c);
	if (!bad)
		bad = forget_old(e, &c, a);
	if (!bad)
		bad = logs_make(fd_num(g.dir), &c, a);
	if (!bad)
		bad = supervise_listen(&c, &s, stay ? &stay->attach : NULL);
	if (!bad)
		bad = supervise_fork(e, &c, &s, stay ? &stay->monitor : NULL, a);
	if (bad)
		note_failure(fd_num(g.dir), bad);
	return bad;
}
