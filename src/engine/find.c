#include "engine/find.h"
#include "base/log.h"
#include "engine/link.h"
#include "engine/names.h"
#include "runtime/container.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {
	[ENGINE_CREATED] = "created",
	[ENGINE_RUNNING] = "running",
	[ENGINE_PAUSED] = "paused",
	[ENGINE_RESTARTING] = "restarting",
	[ENGINE_EXITED] = "exited",
	[ENGINE_DEAD] = "dead",
};
_Static_assert(ARRAY_LEN(status_names) == ENGINE_STATUSES, "every status has a name");

const char *engine_status_name(enum engine_status s)
{
	return status_names[s];
}

/* What the runtime's states are to the engine; one that is being made is not yet running. */
static const enum engine_status statuses[] = {
	[STATUS_CREATING] = ENGINE_CREATED,
	[STATUS_CREATED] = ENGINE_CREATED,
	[STATUS_RUNNING] = ENGINE_RUNNING,
	[STATUS_PAUSED] = ENGINE_PAUSED,
	[STATUS_STOPPED] = ENGINE_EXITED,
};
_Static_assert(ARRAY_LEN(statuses) == STATUSES, "every status of the runtime means something");

bool container_restarts(const struct engine_container *c)
{
	const struct restart_request *r = &c->record.request.restart;
	if (!r->policy || c->record.stopped_by_user || c->exit.stopping)
		return false;
	if (strcmp(r->policy, "on-failure") == 0)
		return c->exit.code != 0 && (!r->maximum || c->record.restarts < r->maximum);
	return strcmp(r->policy, "always") == 0 || strcmp(r->policy, "unless-stopped") == 0;
}

bool container_has_monitor(const struct engine_container *c)
{
	cleanup(fd_close) struct fd socket = {};
	struct err *e = link_connect(c->run_dir, 0, &socket);
	bool there = !e;
	err_free(&e);
	return there;
}

/* Without a runtime's state nothing runs: it never did, or it has ended and been undone. */
static enum engine_status at_rest(const struct engine_container *c)
{
	const struct restart_request *r = &c->record.request.restart;
	bool again = c->ended && !c->exit.error && !c->record.stopped_by_user && r->policy &&
	             container_restarts(c);
	if (!c->ended)
		return c->record.started ? ENGINE_EXITED : ENGINE_CREATED;
	return again && container_has_monitor(c) ? ENGINE_RESTARTING : ENGINE_EXITED;
}

static struct err *look(const struct engine *e, struct arena *a, struct engine_container *c)
{
	cleanup(container_close) struct container run = {};
	enum container_status status;
	struct err *bad = container_open(&e->states, c->id, a, &run);
	if (bad && bad->kind == ERR_NOT_FOUND) {
		err_free(&bad);
		c->status = at_rest(c);
		return NULL;
	}
	if (!bad)
		bad = container_status(&run, &status);
	if (bad)
		return bad;
	c->status = statuses[status];
	if (c->status == ENGINE_RUNNING || c->status == ENGINE_PAUSED)
		c->pid = run.process.pid;
	if (c->status == ENGINE_CREATED && run.process.pid)
		c->status = ENGINE_RUNNING; /* between the clone and the command */
	return NULL;
}

static struct err *read_container(
	const struct engine *e, const char *id, struct arena *a, struct engine_container *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct engine_container c = { .id = id,
		.dir = engine_path(e, a, "containers/%s", id),
		.run_dir = arena_fmt(a, "%s/@monitor/%s", e->run_root, id) };
	struct err *bad = fd_open(&dir, AT_FDCWD, c.dir, O_RDONLY | O_DIRECTORY);
	if (!bad)
		bad = container_record_read(fd_num(dir), a, &c.record);
	if (!bad)
		bad = exit_record_read(fd_num(dir), a, &c.exit, &c.ended);
	if (!bad)
		bad = look(e, a, &c);
	if (!bad)
		*out = c;
	return bad;
}

struct err *container_find(
	const struct engine *e, const char *name, struct arena *a, struct engine_container *out)
{
	const char *id;
	struct err *bad = name_resolve(e, name, a, &id);
	if (bad)
		return bad;
	bad = read_container(e, id, a, out);
	if (bad && bad->kind == ERR_NOT_FOUND) {
		err_free(&bad);
		return err_new(ERR_NOT_FOUND, "No such container: %s", name);
	}
	return bad;
}

static int newer(const void *a, const void *b)
{
	const struct engine_container *x = a, *y = b;
	const char *s = x->record.created ? x->record.created : "";
	const char *t = y->record.created ? y->record.created : "";
	return strcmp(t, s);
}

/* One that can't be read is there all the same, unless it has just gone. */
static bool add(
	const struct engine *e, const char *id, struct arena *a, struct engine_container *out)
{
	struct err *bad = read_container(e, id, a, out);
	if (!bad)
		return true;
	bool gone = bad->kind == ERR_NOT_FOUND;
	if (!gone)
		log_debug("container %s: %s", id, bad->text);
	err_free(&bad);
	*out = (struct engine_container){ .id = id,
		.dir = engine_path(e, a, "containers/%s", id),
		.run_dir = arena_fmt(a, "%s/@monitor/%s", e->run_root, id),
		.status = ENGINE_DEAD };
	out->record.id = id;
	return !gone;
}

struct err *container_all(const struct engine *e, struct arena *a, struct list *out)
{
	struct text_list ids = {};
	struct err *bad = name_ids(e, a, &ids);
	if (bad)
		return bad;
	struct engine_container *all = anew(a, struct engine_container, ids.n);
	size_t n = 0;
	for (size_t i = 0; i < ids.n; i++)
		if (add(e, ids.items[i], a, &all[n]))
			n++;
	if (n)
		qsort(all, n, sizeof(*all), newer);
	*out = (struct list){ all, n };
	return NULL;
}
