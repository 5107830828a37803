/*
 * Limits on the running kernel: a group is made with some, then they are raised and lowered. Needs
 * root and control groups that can be written; skipped elsewhere.
 */
#include "base/test.h"
#include "base/time.h"
#include "cgroup/cgroup_file.h"
#include "planner/resources.h"
#include <string.h>
#include <sys/wait.h>

static const struct host_facts facts = { .initial_userns = true };

static void locate(struct arena *a, struct cgroup *c)
{
	struct cgroup_host host;
	cleanup(err_free) struct err *e = cgroup_host_read(a, &host);
	const char *path = arena_fmt(
		a, "/onggi-unit-%d-%llx", (int)getpid(), (unsigned long long)time_steady());
	if (!e)
		e = cgroup_locate(&host, path, "unit", false, a, c);
	CHECK(!e);
	if (c->dirs.n == 0 || geteuid() != 0)
		test_skipped("needs root and control groups");
	for (list_each(const struct cgroup_dir, d, c->dirs))
		if (access(d->in->mount, W_OK) < 0)
			test_skipped("control groups can't be written here");
}

static void apply(const struct cgroup *c, bool update, const char *json)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_resources r = {};
	struct plan_builder b = { .arena = &a };
	cleanup(err_free) struct err *e = spec_parse_resources(json, strlen(json), "test", &a, &r);
	if (!e)
		e = resources_plan(&r, c, &facts, update, &a, &b);
	struct plan p = plan_of(&b);
	if (!e)
		e = resources_run(&p);
	if (e)
		err_print(e, stderr, "apply");
	CHECK(!e);
}

/* The file of whichever version the controller is in. */
static void check_file(const struct cgroup *c, const char *controller, const char *v1_file,
	const char *v2_file, const char *v1_text, const char *v2_text)
{
	cleanup(arena_done) struct arena a = {};
	const struct cgroup_dir *d = cgroup_dir_of(c, controller);
	if (!d)
		return;
	CHECK_TEXT(cgroup_text(d->host, d->in->v2 ? v2_file : v1_file, &a),
		d->in->v2 ? v2_text : v1_text);
}

static bool has(const struct cgroup *c, const char *controller, const char *file)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, controller);
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/%s", d ? d->host : "", file);
	return access(path.p, F_OK) == 0;
}

static void memory(const struct cgroup *c)
{
	bool swap = has(c, "memory", "memory.memsw.limit_in_bytes");
	static const char *const steps[][3] = {
		{ "{\"memory\":{\"limit\":33554432,\"swap\":67108864}}", "33554432", "67108864" },
		{ "{\"memory\":{\"limit\":134217728,\"swap\":268435456}}", "134217728",
			"268435456" },
		{ "{\"memory\":{\"limit\":16777216,\"swap\":16777216}}", "16777216", "16777216" },
		{ "{\"memory\":{\"limit\":-1}}", "9223372036854771712", "9223372036854771712" },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps) && cgroup_dir_of(c, "memory"); i++) {
		bool last = i + 1 == ARRAY_LEN(steps);
		apply(c, i > 0, steps[i][0]);
		check_file(c, "memory", "memory.limit_in_bytes", "memory.max", steps[i][1],
			last ? "max" : steps[i][1]);
		if (swap)
			check_file(c, "memory", "memory.memsw.limit_in_bytes", "memory.max",
				steps[i][2], last ? "max" : steps[i][1]);
	}
}

static void cpu(const struct cgroup *c)
{
	static const struct {
		const char *json, *quota, *period, *max, *burst;
	} steps[] = {
		{ "{\"cpu\":{\"quota\":50000,\"period\":100000,\"burst\":1000,\"shares\":512}}",
			"50000", "100000", "50000 100000", "1000" },
		{ "{\"cpu\":{\"quota\":2000,\"period\":10000,\"burst\":500}}", "2000", "10000",
			"2000 10000", "500" },
		{ "{\"cpu\":{\"quota\":400000,\"period\":200000,\"burst\":300000}}", "400000",
			"200000", "400000 200000", "300000" },
		{ "{\"cpu\":{\"quota\":-1,\"burst\":0}}", "-1", "200000", "max 200000", "0" },
	};
	bool burst = has(c, "cpu", "cpu.cfs_burst_us") || has(c, "cpu", "cpu.max.burst");
	for (size_t i = 0; i < ARRAY_LEN(steps) && burst; i++) {
		apply(c, true, steps[i].json);
		check_file(c, "cpu", "cpu.cfs_quota_us", "cpu.max", steps[i].quota, steps[i].max);
		check_file(c, "cpu", "cpu.cfs_period_us", "cpu.max", steps[i].period, steps[i].max);
		check_file(c, "cpu", "cpu.cfs_burst_us", "cpu.max.burst", steps[i].burst,
			steps[i].burst);
		check_file(c, "cpu", "cpu.shares", "cpu.weight", "512", "59");
	}
	if (burst && has(c, "cpu", "cpu.idle")) {
		apply(c, true, "{\"cpu\":{\"idle\":1,\"shares\":512}}");
		check_file(c, "cpu", "cpu.idle", "cpu.idle", "1", "1");
		apply(c, true, "{\"cpu\":{\"idle\":0,\"shares\":1024}}");
		check_file(c, "cpu", "cpu.shares", "cpu.weight", "1024", "100");
	}
}

static void others(const struct cgroup *c)
{
	if (cgroup_dir_of(c, "pids")) {
		apply(c, true, "{\"pids\":{\"limit\":17}}");
		check_file(c, "pids", "pids.max", "pids.max", "17", "17");
		apply(c, true, "{\"pids\":{\"limit\":-1}}");
		check_file(c, "pids", "pids.max", "pids.max", "max", "max");
	}
	if (cgroup_dir_of(c, "cpuset")) {
		apply(c, true, "{\"cpu\":{\"cpus\":\"0\",\"mems\":\"0\"}}");
		check_file(c, "cpuset", "cpuset.cpus", "cpuset.cpus", "0", "0");
	}
	if (cgroup_dir_of(c, "hugetlb")) {
		apply(c, true, "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}]}");
		check_file(c, "hugetlb", "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max", "4194304",
			"4194304");
		check_file(c, "hugetlb", "hugetlb.2MB.rsvd.limit_in_bytes", "hugetlb.2MB.rsvd.max",
			"4194304", "4194304");
	}
	if (c->mode == CGROUP_V2 && cgroup_dir_of(c, "memory")) {
		apply(c, true,
			"{\"unified\":{\"memory.high\":\"8388608\",\"memory.oom.group\":\"1\"}}");
		check_file(c, "memory", "", "memory.high", "", "8388608");
	}
}

/* The body runs in a process of its own, so that the groups go even if a check in it fails. */
static void body(const struct cgroup *c)
{
	apply(c, false, "{\"pids\":{\"limit\":17}}");
	memory(c);
	cpu(c);
	others(c);
}

TEST(limits_are_set_raised_and_lowered)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate(&a, &c);
	if (!cgroup_dir_of(&c, "pids"))
		test_skipped("needs the pids controller");
	fflush(NULL);
	alarm(0); /* to be there to clean up */
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		body(&c);
		_exit(0);
	}
	int status = -1;
	CHECK(waitpid(pid, &status, 0) == pid);
	cleanup(err_free) struct err *e = cgroup_remove(&c, 1000);
	CHECK(!e && status == 0);
}
