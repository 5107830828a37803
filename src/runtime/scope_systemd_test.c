/*
 * Scopes of a running systemd; skipped where there is none. `./dev vm` has one.
 */
#include "base/test.h"
#include "cgroup/cgroup.h"
#include "cgroup/cgroup_file.h"
#include "planner/resources.h"
#include "planner/scope_plan.h"
#include "runtime/scope.h"
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void locate(const char *path, struct arena *a, struct cgroup *c)
{
	struct cgroup_host host;
	if (geteuid() != 0 || access("/run/systemd/private", F_OK) < 0)
		test_skipped("needs root and a running systemd");
	cleanup(err_free) struct err *e = cgroup_host_read(a, &host);
	if (!e)
		e = cgroup_locate(&host, path, "unit", true, a, c);
	CHECK(!e);
}

static struct scope_order order_for(const struct cgroup *c, const char *const *properties)
{
	return (struct scope_order){ .unit = c->scope,
		.slice = c->slice,
		.description = "unit test",
		.properties = properties,
		.path = c->unit_path };
}

static void start(const struct scope_order *o, struct scope *s)
{
	cleanup(err_free) struct err *e = scope_start(o, s);
	if (e && strstr(e->cause->text, "not installed"))
		test_skipped("onggi-systemd was not built");
	if (e)
		err_print(e, stderr, "start");
	CHECK(!e);
}

/* A process in the group that sleeps, or that ignores being asked to end. */
static pid_t sleeper(const struct cgroup *c, bool stubborn)
{
	int ready[2];
	CHECK(pipe(ready) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		cleanup(err_free) struct err *e =
			cgroup_set(cgroup_dir_of(c, "")->host, "cgroup.procs", "0");
		CHECK(!e);
		if (stubborn)
			signal(SIGTERM, SIG_IGN);
		CHECK(write(ready[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	char x;
	CHECK(read(ready[0], &x, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static size_t count(const struct cgroup *c)
{
	cleanup(arena_done) struct arena a = {};
	struct int_list pids = {};
	cleanup(err_free) struct err *e = cgroup_pids(c, &a, &pids);
	CHECK(!e);
	return pids.n;
}

static void stop(const struct cgroup *c)
{
	cleanup(err_free) struct err *e = scope_stop(c->scope, false);
	if (e)
		err_print(e, stderr, "stop");
	CHECK(!e);
	CHECK(access(cgroup_dir_of(c, "")->host, F_OK) < 0);
}

TEST(systemd_makes_changes_and_stops_a_scope)
{
	static const char *const properties[] = { "Delegate=b true", "TasksMax=t 100",
		"DefaultDependencies=b false", "TimeoutStopUSec=t 1000000", "AllowedCPUs=ay 1",
		"IOReadBandwidthMax=a(st) /dev/null 1000000 /dev/zero 7",
		"Before=as a.service b.service", "KillSignal=i 15", NULL };
	static const char *const changes[] = { "TasksMax=t 50", "CPUWeight=t 18446744073709551615",
		NULL };
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit-a.slice:onggi:test", &a, &c);
	struct scope_order o = order_for(&c, properties);
	cleanup(scope_release) struct scope s = {};
	start(&o, &s);
	CHECK(count(&c) == 1);
	pid_t pid = sleeper(&c, false);
	scope_release(&s);
	CHECK(count(&c) == 1 && kill(pid, 0) == 0);

	cleanup(err_free) struct err *e = scope_set(c.scope, false, changes);
	CHECK(!e);
	cleanup(scope_release) struct scope again = {};
	e = scope_start(&o, &again);
	CHECK(e && e->kind == ERR_CONFLICT);
	stop(&c);
	CHECK(waitpid(pid, NULL, 0) == pid);
	stop(&c);
}

TEST(a_scope_that_nobody_entered_goes_by_itself)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit-a.slice:onggi:empty", &a, &c);
	struct scope_order o = order_for(&c, NULL);
	cleanup(scope_release) struct scope s = {};
	start(&o, &s);
	scope_release(&s);
	for (int i = 0; i < 300 && access(cgroup_dir_of(&c, "")->host, F_OK) == 0; i++)
		poll(NULL, 0, 10);
	CHECK(access(cgroup_dir_of(&c, "")->host, F_OK) < 0);
}

/* A scope that had to be killed has failed, and systemd keeps it by its name. */
TEST(a_failed_scope_is_forgotten)
{
	static const char *const hasty[] = { "RuntimeMaxUSec=t 50000", "TimeoutStopUSec=t 50000",
		NULL };
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit-a.slice:onggi:failed", &a, &c);
	struct scope_order o = order_for(&c, hasty);
	cleanup(scope_release) struct scope first = {}, second = {};
	start(&o, &first);
	pid_t pid = sleeper(&c, true);
	scope_release(&first);
	CHECK(waitpid(pid, NULL, 0) == pid);
	for (int i = 0; i < 300 && access(cgroup_dir_of(&c, "")->host, F_OK) == 0; i++)
		poll(NULL, 0, 10);
	CHECK(system("systemctl is-failed onggi-failed.scope") == 0);
	o.properties = NULL;
	start(&o, &second);
	CHECK(count(&c) == 1);
	scope_release(&second);
	stop(&c);
}

TEST(slices_can_be_made_too)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit.slice:onggi:onggiunit-b.slice", &a, &c);
	struct scope_order o = order_for(&c, NULL);
	cleanup(scope_release) struct scope s = {};
	start(&o, &s);
	CHECK(access(cgroup_dir_of(&c, "")->host, F_OK) == 0);
	scope_release(&s);
	stop(&c);
}

static void check_refused(const char *property, const char *why)
{
	const char *const properties[] = { property, NULL };
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit-a.slice:onggi:bad", &a, &c);
	struct scope_order o = order_for(&c, properties);
	struct scope s = {};
	cleanup(err_free) struct err *e = scope_start(&o, &s);
	CHECK(e);
	CHECK_TEXT(e->cause->text, why);
	CHECK(access(cgroup_dir_of(&c, "")->host, F_OK) < 0);
}

TEST(properties_that_systemd_refuses)
{
	check_refused("TasksMax=t many", "property TasksMax: 'many' is not a number that fits");
	check_refused("TasksMax=q 7", "property TasksMax: unknown type 'q'");
	check_refused("Delegate=b maybe", "property Delegate: 'maybe' is neither true nor false");
	check_refused(
		"OnggiMax=t 7", "systemd: Cannot set property OnggiMax, or unknown property.");
}

static const char document[] =
	"{\"ociVersion\":\"1.2.0\",\"annotations\":{\"org.systemd.property.TimeoutStopUSec\":"
	"\"1000000\"},"
	"\"linux\":{\"resources\":{\"memory\":{\"limit\":67108864,\"reservation\":1048576},"
	"\"cpu\":{\"shares\":512,\"quota\":33333,\"period\":100000},\"pids\":{\"limit\":77},"
	"\"unified\":{\"memory.high\":\"33554432\"}}}}";

/* Makes the scope of @document and sets its limits, as a launch does. */
static void launch(const struct cgroup *c, struct arena *a, struct scope *s)
{
	static const struct host_facts facts = { .initial_userns = true };
	struct spec spec = {};
	struct plan_builder b = { .arena = a };
	cleanup(err_free) struct err *e = spec_parse(document, strlen(document), "test", a, &spec);
	if (!e)
		e = scope_plan(&spec, "test", c, a, &b);
	if (!e)
		e = resources_plan(&spec.linux.resources, c, &facts, false, a, &b);
	CHECK(!e && b.ops[0].kind == OP_SCOPE);
	struct scope_order o = order_for(c, b.ops[0].scope.properties);
	start(&o, s);
	struct plan rest = { b.ops + 1, b.n - 1 };
	e = resources_run(&rest);
	if (e)
		err_print(e, stderr, "launch");
	CHECK(!e);
}

static void check_file(const struct cgroup *c, const char *file, const char *text)
{
	cleanup(arena_done) struct arena a = {};
	CHECK_TEXT(cgroup_text(cgroup_dir_of(c, "")->host, file, &a), text);
}

static void check_limits(const struct cgroup *c)
{
	check_file(c, "memory.max", "67108864");
	check_file(c, "memory.low", "1048576");
	check_file(c, "memory.high", "33554432");
	check_file(c, "cpu.weight", "59");
	check_file(c, "pids.max", "77");
}

/* systemd writes all attributes it knows when it reloads. */
TEST(limits_survive_a_reload_of_systemd)
{
	static const char *const raised[] = { "MemoryMax=t 134217728", NULL };
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate("onggiunit-a.slice:onggi:limits", &a, &c);
	if (!cgroup_dir_of(&c, "memory") || !cgroup_dir_of(&c, "memory")->in->v2)
		test_skipped("needs the memory controller on v2");
	cleanup(scope_release) struct scope s = {};
	launch(&c, &a, &s);
	check_limits(&c);
	check_file(&c, "cpu.max", "33333 100000");
	CHECK(system("systemctl daemon-reload") == 0);
	check_limits(&c);
	cleanup(err_free) struct err *e = scope_set(c.scope, false, raised);
	CHECK(!e);
	check_file(&c, "memory.max", "134217728");
	scope_release(&s);
	stop(&c);
}
