#include "systemd/unit.h"
#include "systemd/property.h"
#include <stdlib.h>
#include <string.h>

/* A job of systemd's that we wait for. */
struct job {
	const char *path; /* NULL until systemd has told it */
	bool done;
	char result[32];
};

/* JobRemoved(u id, o job, s unit, s result): by its path, as a unit can have had other jobs. */
static int job_removed(sd_bus_message *m, void *ctx, sd_bus_error *)
{
	struct job *j = ctx;
	uint32_t id;
	const char *path, *unit, *result;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	if (!j->path || strcmp(path, j->path) != 0)
		return 0;
	strncat(j->result, result, sizeof(j->result) - 1);
	j->done = true;
	return 0;
}

/* Jobs are reported to those alone who have subscribed, but on systemd's own socket to all. There,
 * messages have no sender. */
static struct err *watch_jobs(struct bus *b, struct job *j, sd_bus_slot **out)
{
	cleanup(bus_drop) sd_bus_message *m = NULL;
	int bus_client = sd_bus_is_bus_client(b->bus);
	int r = sd_bus_match_signal_async(b->bus, out,
		bus_client > 0 ? "org.freedesktop.systemd1" : NULL, "/org/freedesktop/systemd1",
		"org.freedesktop.systemd1.Manager", "JobRemoved", job_removed, NULL, j);
	if (r < 0)
		return bus_error(b, r, "JobRemoved");
	struct err *e = bus_method(b, "Subscribe", &m);
	if (!e)
		bus_tell(b, m);
	return e;
}

static void drop_slot(sd_bus_slot **slot)
{
	*slot = sd_bus_slot_unref(*slot);
}

/* Sends @call, which starts a job, and waits for its end. */
static struct err *run_job(struct bus *b, sd_bus_message *call, const char *unit)
{
	struct job j = {};
	cleanup(drop_slot) sd_bus_slot *slot = NULL;
	cleanup(bus_drop) sd_bus_message *answer = NULL;
	struct err *e = watch_jobs(b, &j, &slot);
	if (!e)
		e = bus_call(b, call, &answer);
	if (e)
		return e;
	int r = sd_bus_message_read(answer, "o", &j.path);
	e = r < 0 ? bus_error(b, r, "job") : bus_until(b, &j.done, "the end of the job");
	if (!e && strcmp(j.result, "done") != 0)
		e = err_new(ERR_SYSTEM, "systemd: the job for %s ended as '%s'", unit, j.result);
	return e;
}

static bool is_scope(const char *unit)
{
	size_t n = strlen(unit);
	return n > 6 && strcmp(unit + n - 6, ".scope") == 0;
}

static struct err *append_properties(const struct bus *b, sd_bus_message *m,
	const struct request *r, const struct property *own, size_t n)
{
	struct err *e = NULL;
	int ret = sd_bus_message_open_container(m, 'a', "(sv)");
	for (size_t i = 0; i < n && !e && ret >= 0; i++)
		if (own[i].value)
			e = property_append(m, &own[i]);
	for (list_each(const struct property, p, r->properties)) {
		if (e || ret < 0)
			break;
		e = property_append(m, p);
	}
	if (!e && ret >= 0)
		ret = sd_bus_message_close_container(m);
	return !e && ret < 0 ? bus_error(b, ret, "properties") : e;
}

static struct err *start_once(struct bus *b, const struct request *r, pid_t pid, struct arena *a)
{
	bool scope = is_scope(r->unit);
	const struct property own[] = {
		{ "Description", "s", r->description },
		{ "Slice", "s", scope ? r->slice : NULL },
		{ "PIDs", "au", scope ? arena_fmt(a, "%d", (int)pid) : NULL },
	};
	cleanup(bus_drop) sd_bus_message *m = NULL;
	struct err *e = bus_method(b, "StartTransientUnit", &m);
	int ret = e ? 0 : sd_bus_message_append(m, "ss", r->unit, "replace");
	if (!e && ret >= 0)
		e = append_properties(b, m, r, own, ARRAY_LEN(own));
	if (!e && ret >= 0)
		ret = sd_bus_message_append(m, "a(sa(sv))", 0);
	if (!e && ret < 0)
		e = bus_error(b, ret, "StartTransientUnit");
	return e ? e : run_job(b, m, r->unit);
}

/* A failed unit stays until somebody has looked at it, and keeps its name. */
static struct err *reset_failed(struct bus *b, const char *unit)
{
	cleanup(bus_drop) sd_bus_message *m = NULL, *answer = NULL;
	struct err *e = bus_method(b, "ResetFailedUnit", &m);
	int r = e ? 0 : sd_bus_message_append(m, "s", unit);
	if (!e && r < 0)
		e = bus_error(b, r, "ResetFailedUnit");
	return e ? e : bus_call(b, m, &answer);
}

static struct err *control_group(struct bus *b, const char *unit, struct arena *a, const char **out)
{
	char *path = NULL;
	cleanup(bus_drop) sd_bus_message *m = NULL, *answer = NULL;
	const char *group = NULL;
	int r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
	if (r >= 0)
		r = sd_bus_message_new_method_call(b->bus, &m, "org.freedesktop.systemd1", path,
			"org.freedesktop.DBus.Properties", "Get");
	free(path);
	if (r >= 0)
		r = sd_bus_message_append(m, "ss",
			is_scope(unit) ? "org.freedesktop.systemd1.Scope"
				       : "org.freedesktop.systemd1.Slice",
			"ControlGroup");
	struct err *e = r < 0 ? bus_error(b, r, "ControlGroup") : bus_call(b, m, &answer);
	if (e)
		return e;
	r = sd_bus_message_read(answer, "v", "s", &group);
	*out = arena_str(a, str_of(group ? group : ""));
	return r < 0 ? bus_error(b, r, "ControlGroup") : NULL;
}

struct err *unit_start(
	struct bus *b, const struct request *r, pid_t pid, struct arena *a, const char **group)
{
	struct err *e = start_once(b, r, pid, a);
	if (e && e->kind == ERR_CONFLICT) {
		cleanup(err_free) struct err *alive = reset_failed(b, r->unit);
		if (alive)
			return e;
		err_free(&e);
		e = start_once(b, r, pid, a);
	}
	return e ? e : control_group(b, r->unit, a, group);
}

struct err *unit_set(struct bus *b, const struct request *r)
{
	cleanup(bus_drop) sd_bus_message *m = NULL, *answer = NULL;
	struct err *e = bus_method(b, "SetUnitProperties", &m);
	int ret = e ? 0 : sd_bus_message_append(m, "sb", r->unit, 1);
	if (!e && ret < 0)
		e = bus_error(b, ret, "SetUnitProperties");
	if (!e)
		e = append_properties(b, m, r, NULL, 0);
	return e ? e : bus_call(b, m, &answer);
}

struct err *unit_stop(struct bus *b, const struct request *r)
{
	cleanup(bus_drop) sd_bus_message *m = NULL;
	struct err *e = bus_method(b, "StopUnit", &m);
	int ret = e ? 0 : sd_bus_message_append(m, "ss", r->unit, "replace");
	if (!e && ret < 0)
		e = bus_error(b, ret, "StopUnit");
	if (!e)
		e = run_job(b, m, r->unit);
	if (e && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	if (e)
		return e;
	cleanup(err_free) struct err *did_not_fail = reset_failed(b, r->unit);
	return NULL;
}
