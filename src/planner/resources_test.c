/*
 * Limits as writes: what a document says, and what comes of it on v1, on v2 and on hybrid hosts.
 */
#include "base/test.h"
#include "kernel/compat.h"
#include "planner/resources.h"
#include "planner/resources_parts.h"
#include <string.h>

static const struct cgroup_hierarchy on_v1[] = {
	{ .mount = "/cg/cpu", .controllers = "cpu,cpuacct" },
	{ .mount = "/cg/cpuset", .controllers = "cpuset" },
	{ .mount = "/cg/memory", .controllers = "memory" },
	{ .mount = "/cg/devices", .controllers = "devices" },
	{ .mount = "/cg/blkio", .controllers = "blkio" },
	{ .mount = "/cg/pids", .controllers = "pids" },
	{ .mount = "/cg/net", .controllers = "net_cls,net_prio" },
	{ .mount = "/cg/systemd", .controllers = "name=systemd" },
	{ .mount = "/cg/unified", .controllers = "hugetlb", .v2 = true },
};
static const struct cgroup_hierarchy on_v2 = {
	.mount = "/cg", .controllers = "cpuset cpu io memory hugetlb pids rdma misc", .v2 = true
};

static const struct host_facts root = { .initial_userns = true };
static const struct host_facts user = { .uid = 1000 };

enum { V1, V2, HYBRID, HOSTS };

static struct cgroup group_on(int host, struct arena *a)
{
	const struct cgroup_hierarchy *h = host == V2 ? &on_v2 : on_v1;
	size_t n = host == V2 ? 1 : ARRAY_LEN(on_v1) - (host == V1);
	static const enum cgroup_mode modes[] = { CGROUP_V1, CGROUP_V2, CGROUP_HYBRID };
	struct cgroup_dir *d = anew(a, struct cgroup_dir, n);
	for (size_t i = 0; i < n; i++) {
		d[i].in = &h[i];
		d[i].path = "/a/b";
		d[i].host = arena_fmt(a, "%s/a/b", h[i].mount);
	}
	return (struct cgroup){ .mode = modes[host], .dirs = { d, n } };
}

static void show_set(const struct op *op, struct buf *out)
{
	const char *text = op->cgroup_set.text;
	buf_add(out, "%s/%s = %s", op->cgroup_set.host, op->cgroup_set.file,
		text ? text : "parent's");
	if (op->cgroup_set.or_file)
		buf_add(out, ", or %s = %s", op->cgroup_set.or_file, op->cgroup_set.or_text);
	buf_add(out, op->may_fail ? " (may fail)\n" : "\n");
}

/* The operations of the kinds in @kinds, one a line. */
static void show(const struct plan_builder *b, const char *kinds, struct buf *out)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct op *op = &b->ops[i];
		CHECK(op->why && *op->why);
		if (op->kind == OP_CGROUP_SET && strchr(kinds, 's'))
			show_set(op, out);
		else if (op->kind == OP_CGROUP_MAKE && strchr(kinds, 'm'))
			buf_add(out, "make %s\n", op->cgroup_make.host);
		else if (op->kind == OP_CGROUP_DEVICES && strchr(kinds, 'd'))
			buf_add(out, "filter %s%s\n", op->cgroup_devices.host,
				op->may_fail ? " (may fail)" : "");
	}
}

static void show_error(const struct err *e, struct buf *out)
{
	buf_add(out, "%s\n", e->text);
}

struct request {
	int host;
	bool update;
	const struct host_facts *facts;
	const char *kinds;
	void (*alter)(struct cgroup *c);
};

static void plan_text(const char *json, const struct request *q, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_resources r = {};
	struct plan_builder b = { .arena = &a };
	struct cgroup c = group_on(q->host, &a);
	if (q->alter)
		q->alter(&c);
	cleanup(err_free) struct err *e =
		spec_parse_resources(json, strlen(json), "resources", &a, &r);
	if (!e)
		e = resources_plan(&r, &c, q->facts ? q->facts : &root, q->update, &a, &b);
	if (e)
		show_error(e, out);
	else
		show(&b, q->kinds, out);
}

/* The limits alone: an update leaves out the rest. */
static void check_limits(int host, const char *json, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	cleanup(arena_done) struct arena a = {};
	struct spec_resources r = {};
	struct plan_builder b = { .arena = &a };
	struct cgroup c = group_on(host, &a);
	cleanup(err_free) struct err *e =
		spec_parse_resources(json, strlen(json), "resources", &a, &r);
	CHECK(!e);
	for (size_t i = 0; i < n_controllers && !e; i++) {
		const struct controller *k = &controllers[i];
		const char *name = host == V2 ? k->v2 : k->v1;
		const struct cgroup_dir *d = name ? cgroup_dir_of(&c, name) : NULL;
		struct limits l = { &r, d ? d->host : "", false, &a, &b };
		if (k->asked(&r))
			e = host == V2 ? k->set_v2(&l) : k->set_v1(&l);
	}
	if (e)
		show_error(e, &got);
	else
		show(&b, "s", &got);
	CHECK_TEXT(buf_text(&got), want);
}

static const struct {
	const char *json, *v1, *v2;
} limits[] = {
	{ "{\"memory\":{\"limit\":1000,\"reservation\":500,\"swap\":3000,\"swappiness\":0}}",
		"/cg/memory/a/b/memory.limit_in_bytes = 1000\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = 3000\n"
		"/cg/memory/a/b/memory.soft_limit_in_bytes = 500\n"
		"/cg/memory/a/b/memory.swappiness = 0\n",
		"/cg/a/b/memory.swap.max = 2000\n"
		"/cg/a/b/memory.max = 1000\n"
		"/cg/a/b/memory.low = 500\n" },
	{ "{\"memory\":{\"limit\":1000,\"swap\":1000,\"disableOOMKiller\":true}}",
		"/cg/memory/a/b/memory.limit_in_bytes = 1000\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = 1000\n"
		"/cg/memory/a/b/memory.oom_control = 1\n",
		"/cg/a/b/memory.swap.max = 0 (may fail)\n"
		"/cg/a/b/memory.max = 1000\n" },
	{ "{\"memory\":{\"limit\":-1,\"reservation\":-1}}",
		"/cg/memory/a/b/memory.limit_in_bytes = -1\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = -1 (may fail)\n"
		"/cg/memory/a/b/memory.soft_limit_in_bytes = -1\n",
		"/cg/a/b/memory.swap.max = max (may fail)\n"
		"/cg/a/b/memory.max = max\n"
		"/cg/a/b/memory.low = max\n" },
	{ "{\"memory\":{\"limit\":1000,\"swap\":-1}}",
		"/cg/memory/a/b/memory.limit_in_bytes = 1000\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = -1\n",
		"/cg/a/b/memory.swap.max = max (may fail)\n"
		"/cg/a/b/memory.max = 1000\n" },
	{ "{\"memory\":{\"limit\":0,\"swap\":0,\"disableOOMKiller\":false}}", "", "" },
	{ "{\"memory\":{\"limit\":1000,\"swap\":999}}",
		"linux.resources.memory: memory+swap limit should be >= memory limit, but swap is "
		"999 "
		"and limit 1000\n",
		"linux.resources.memory: memory+swap limit should be >= memory limit, but swap is "
		"999 "
		"and limit 1000\n" },
	{ "{\"memory\":{\"swap\":1000}}",
		"linux.resources.memory: unable to set swap limit without memory limit\n",
		"linux.resources.memory: unable to set swap limit without memory limit\n" },
	{ "{\"cpu\":{\"shares\":1024,\"quota\":50000,\"period\":100000,\"burst\":2000}}",
		"/cg/cpu/a/b/cpu.shares = 1024\n"
		"/cg/cpu/a/b/cpu.cfs_period_us = 100000\n"
		"/cg/cpu/a/b/cpu.cfs_quota_us = 50000\n"
		"/cg/cpu/a/b/cpu.cfs_burst_us = 2000\n",
		"/cg/a/b/cpu.weight = 100\n"
		"/cg/a/b/cpu.max = 50000 100000\n"
		"/cg/a/b/cpu.max.burst = 2000\n" },
	{ "{\"cpu\":{\"shares\":2,\"quota\":-1,\"period\":0}}",
		"/cg/cpu/a/b/cpu.shares = 2\n/cg/cpu/a/b/cpu.cfs_quota_us = -1\n",
		"/cg/a/b/cpu.weight = 1\n/cg/a/b/cpu.max = max\n" },
	{ "{\"cpu\":{\"period\":20000}}", "/cg/cpu/a/b/cpu.cfs_period_us = 20000\n",
		"/cg/a/b/cpu.max = max 20000\n" },
	{ "{\"cpu\":{\"shares\":0,\"quota\":0}}", "", "" },
	{ "{\"cpu\":{\"shares\":512,\"idle\":1}}", "/cg/cpu/a/b/cpu.idle = 1\n",
		"/cg/a/b/cpu.idle = 1\n" },
	{ "{\"cpu\":{\"shares\":512,\"idle\":0}}",
		"/cg/cpu/a/b/cpu.idle = 0\n/cg/cpu/a/b/cpu.shares = 512\n",
		"/cg/a/b/cpu.idle = 0\n/cg/a/b/cpu.weight = 59\n" },
	{ "{\"cpu\":{\"shares\":1}}",
		"linux.resources.cpu.shares: 1 is not possible: the minimum allowed cpu-shares is "
		"2, "
		"the maximum 262144\n",
		"/cg/a/b/cpu.weight = 1\n" },
	{ "{\"cpu\":{\"realtimePeriod\":1000000,\"realtimeRuntime\":950000}}",
		"/cg/cpu/a/b/cpu.rt_period_us = 1000000\n/cg/cpu/a/b/cpu.rt_runtime_us = 950000\n",
		"linux.resources.cpu: realtimeRuntime and realtimePeriod are not supported on "
		"cgroup "
		"v2\n" },
	{ "{\"cpu\":{\"quota\":999}}",
		"linux.resources.cpu.quota: 999 is not at least 1000 microseconds\n",
		"linux.resources.cpu.quota: 999 is not at least 1000 microseconds\n" },
	{ "{\"cpu\":{\"period\":1000001}}",
		"linux.resources.cpu.period: 1000001 is not between 1000 and 1000000 "
		"microseconds\n",
		"linux.resources.cpu.period: 1000001 is not between 1000 and 1000000 "
		"microseconds\n" },
	{ "{\"cpu\":{\"quota\":2000,\"burst\":2001}}",
		"linux.resources.cpu.burst: 2001 is not between 0 and the quota\n",
		"linux.resources.cpu.burst: 2001 is not between 0 and the quota\n" },
	{ "{\"cpu\":{\"cpus\":\"0-1,3\",\"mems\":\"0\"}}",
		"/cg/cpuset/a/b/cpuset.cpus = 0-1,3\n/cg/cpuset/a/b/cpuset.mems = 0\n",
		"/cg/a/b/cpuset.cpus = 0-1,3\n/cg/a/b/cpuset.mems = 0\n" },
	{ "{\"cpu\":{\"cpus\":\"0 1\"}}",
		"linux.resources.cpu.cpus: expected a list such as 0-3,7, found '0 1'\n",
		"linux.resources.cpu.cpus: expected a list such as 0-3,7, found '0 1'\n" },
	{ "{\"pids\":{\"limit\":17}}", "/cg/pids/a/b/pids.max = 17\n", "/cg/a/b/pids.max = 17\n" },
	{ "{\"pids\":{\"limit\":0}}", "/cg/pids/a/b/pids.max = max\n", "/cg/a/b/pids.max = max\n" },
	{ "{\"pids\":{\"limit\":-1}}", "/cg/pids/a/b/pids.max = max\n",
		"/cg/a/b/pids.max = max\n" },
	{ "{\"blockIO\":{\"weight\":500,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10},"
	  "{\"major\":8,\"minor\":16,\"weight\":1000}]}}",
		"/cg/blkio/a/b/blkio.bfq.weight = 500, or blkio.weight = 500\n"
		"/cg/blkio/a/b/blkio.bfq.weight_device = 8:0 10\n8:16 1000, or blkio.weight_device "
		"= "
		"8:0 10\n8:16 1000\n",
		"/cg/a/b/io.bfq.weight = 500, or io.weight = 4950\n"
		"/cg/a/b/io.bfq.weight = 8:0 10\n8:16 1000, or io.weight = 8:0 1\n8:16 10000\n" },
	{ "{\"blockIO\":{\"weight\":9}}",
		"linux.resources.blockIO.weight: 9 is not a weight from 10 to 1000\n",
		"linux.resources.blockIO.weight: 9 is not a weight from 10 to 1000\n" },
	{ "{\"blockIO\":{\"leafWeight\":100}}",
		"linux.resources.blockIO.weight: leafWeight is not supported\n",
		"linux.resources.blockIO.weight: leafWeight is not supported\n" },
	{ "{\"blockIO\":{\"weight\":0}}", "", "" },
	{ "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":600}],"
	  "\"throttleWriteBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":0}],"
	  "\"throttleReadIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":7},"
	  "{\"major\":8,\"minor\":16,\"rate\":8}],"
	  "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":16,\"rate\":9}]}}",
		"/cg/blkio/a/b/blkio.throttle.read_bps_device = 8:0 600\n"
		"/cg/blkio/a/b/blkio.throttle.write_bps_device = 8:0 0\n"
		"/cg/blkio/a/b/blkio.throttle.read_iops_device = 8:0 7\n8:16 8\n"
		"/cg/blkio/a/b/blkio.throttle.write_iops_device = 8:16 9\n",
		"/cg/a/b/io.max = 8:0 rbps=600\n8:0 wbps=max\n8:0 riops=7\n8:16 riops=8\n"
		"8:16 wiops=9\n" },
	{ "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}]}",
		"/hugetlb.2MB.limit_in_bytes = 4194304\n"
		"/hugetlb.2MB.rsvd.limit_in_bytes = 4194304\n",
		"/cg/a/b/hugetlb.2MB.max = 4194304\n/cg/a/b/hugetlb.2MB.rsvd.max = 4194304\n" },
	{ "{\"hugepageLimits\":[{\"pageSize\":\"2M/..\",\"limit\":1}]}",
		"linux.resources.hugepageLimits: '2M/..' is not a page size such as 2MB or 1GB\n",
		"linux.resources.hugepageLimits: '2M/..' is not a page size such as 2MB or 1GB\n" },
	{ "{\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":10000}}}",
		"/rdma.max = mlx5_1 hca_handle=3 hca_object=10000\n",
		"/cg/a/b/rdma.max = mlx5_1 hca_handle=3 hca_object=10000\n" },
};

TEST(limits_in_the_words_of_both_versions)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		check_limits(V1, limits[i].json, limits[i].v1);
		check_limits(V2, limits[i].json, limits[i].v2);
	}
}

TEST(network_classes_exist_on_v1)
{
	check_limits(V1,
		"{\"network\":{\"classID\":1048577,\"priorities\":[{\"name\":\"eth0\",\"priority\":"
		"5},"
		"{\"name\":\"lo\",\"priority\":0}]}}",
		"/cg/net/a/b/net_cls.classid = 1048577\n"
		"/cg/net/a/b/net_prio.ifpriomap = eth0 5\nlo 0\n");
	check_limits(V1, "{\"network\":{\"priorities\":[{\"name\":\"a b\",\"priority\":5}]}}",
		"linux.resources.network.priorities: 'a b' can't be the name of a device\n");
}

TEST(weights_of_shares)
{
	static const int64_t known[][2] = { { 0, 1 }, { 1, 1 }, { 2, 1 }, { 256, 35 }, { 512, 59 },
		{ 1024, 100 }, { 2048, 174 }, { 262144, 10000 }, { INT64_MAX, 10000 } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		CHECK(cpu_weight_of_shares(known[i][0]) == known[i][1]);
	int64_t before = 0;
	for (int64_t shares = 2; shares <= 262'144; shares += 37) {
		int64_t w = cpu_weight_of_shares(shares);
		CHECK(w >= before && w >= 1 && w <= 10'000);
		before = w;
	}
}

static void check_plan(const char *json, struct request q, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	plan_text(json, &q, &got);
	CHECK_TEXT(buf_text(&got), want);
}

/* Raising and lowering need opposite orders; both are tried. */
TEST(updates_work_in_both_directions)
{
	struct request v1 = { .host = V1, .update = true, .kinds = "msd" };
	struct request v2 = { .host = V2, .update = true, .kinds = "msd" };
	check_plan("{\"memory\":{\"limit\":1000,\"swap\":3000,\"disableOOMKiller\":false}}", v1,
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = 3000 (may fail)\n"
		"/cg/memory/a/b/memory.limit_in_bytes = 1000\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = 3000\n"
		"/cg/memory/a/b/memory.oom_control = 0\n");
	check_plan("{\"memory\":{\"limit\":-1}}", v1,
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = -1 (may fail)\n"
		"/cg/memory/a/b/memory.limit_in_bytes = -1\n"
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = -1 (may fail)\n");
	check_plan("{\"memory\":{\"swap\":3000}}", v1,
		"/cg/memory/a/b/memory.memsw.limit_in_bytes = 3000\n");
	check_plan("{\"cpu\":{\"quota\":2000,\"period\":10000,\"burst\":1000}}", v1,
		"/cg/cpu/a/b/cpu.cfs_burst_us = 1000 (may fail)\n"
		"/cg/cpu/a/b/cpu.cfs_period_us = 10000 (may fail)\n"
		"/cg/cpu/a/b/cpu.cfs_quota_us = 2000\n"
		"/cg/cpu/a/b/cpu.cfs_period_us = 10000\n"
		"/cg/cpu/a/b/cpu.cfs_burst_us = 1000\n");
	check_plan("{\"cpu\":{\"quota\":2000,\"burst\":1000},\"devices\":[{\"allow\":true}]}", v2,
		"/cg/a/cgroup.subtree_control = +cpu\n"
		"/cg/a/b/cpu.max.burst = 1000 (may fail)\n"
		"/cg/a/b/cpu.max = 2000\n"
		"/cg/a/b/cpu.max.burst = 1000\n");
	check_plan("{}", v1, "");
	check_plan("{}", v2, "");
}

#define DEFAULT_LINES                                                                              \
	"c *:* m\nb *:* m\nc 1:3 rwm\nc 1:5 rwm\nc 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\nc 5:0 rwm\n"     \
	"c 5:2 rwm\nc 10:200 rwm\nc 136:* rwm"

TEST(a_new_group_on_v1)
{
	check_plan("{}", (struct request){ .host = V1, .kinds = "msd" },
		"make /cg/cpu/a/b\n"
		"make /cg/cpuset/a/b\n"
		"/cg/cpuset/a/b/cpuset.cpus = parent's\n"
		"/cg/cpuset/a/b/cpuset.mems = parent's\n"
		"make /cg/memory/a/b\n"
		"make /cg/devices/a/b\n"
		"make /cg/blkio/a/b\n"
		"make /cg/pids/a/b\n"
		"make /cg/net/a/b\n"
		"make /cg/systemd/a/b\n"
		"/cg/devices/a/b/devices.deny = a\n"
		"/cg/devices/a/b/devices.allow = " DEFAULT_LINES "\n");
}

TEST(a_new_group_on_v2)
{
	check_plan("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],"
		   "\"memory\":{\"limit\":7},\"unified\":{\"misc.max\":\"x 1\"}}",
		(struct request){ .host = V2, .kinds = "msd" },
		"/cg/cgroup.subtree_control = +memory +hugetlb +misc\n"
		"/cg/cgroup.subtree_control = +cpu +pids +io (may fail)\n"
		"make /cg/a\n"
		"/cg/a/cgroup.subtree_control = +memory +hugetlb +misc\n"
		"/cg/a/cgroup.subtree_control = +cpu +pids +io (may fail)\n"
		"make /cg/a/b\n"
		"/cg/a/b/memory.max = 7\n"
		"/cg/a/b/hugetlb.2MB.max = 0\n"
		"/cg/a/b/hugetlb.2MB.rsvd.max = 0\n"
		"/cg/a/b/misc.max = x 1\n"
		"filter /cg/a/b\n");
}

TEST(on_a_hybrid_host_each_controller_is_where_it_is)
{
	check_plan("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],"
		   "\"pids\":{\"limit\":3},\"unified\":{\"hugetlb.1GB.max\":\"0\"}}",
		(struct request){ .host = HYBRID, .kinds = "s" },
		"/cg/cpuset/a/b/cpuset.cpus = parent's\n"
		"/cg/cpuset/a/b/cpuset.mems = parent's\n"
		"/cg/unified/cgroup.subtree_control = +hugetlb\n"
		"/cg/unified/a/cgroup.subtree_control = +hugetlb\n"
		"/cg/pids/a/b/pids.max = 3\n"
		"/cg/unified/a/b/hugetlb.2MB.max = 0\n"
		"/cg/unified/a/b/hugetlb.2MB.rsvd.max = 0\n"
		"/cg/unified/a/b/hugetlb.1GB.max = 0\n"
		"/cg/devices/a/b/devices.deny = a\n"
		"/cg/devices/a/b/devices.allow = " DEFAULT_LINES "\n");
	/* Without a limit there nothing is enabled, and one level is made with the last. */
	cleanup(buf_done) struct buf got = {};
	plan_text("{}", &(struct request){ .host = HYBRID, .kinds = "m" }, &got);
	CHECK(strstr(got.p, "make /cg/unified/a/b\n") && !strstr(got.p, "make /cg/unified/a\n"));
}

TEST(device_rules)
{
	struct request v1 = { .host = V1, .kinds = "s" };
	cleanup(buf_done) struct buf got = {};
	plan_text("{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":10,"
		  "\"minor\":229,\"access\":\"rw\"}]}",
		&v1, &got);
	CHECK(strstr(got.p, "devices.deny = a\n"));
	CHECK(strstr(got.p, "devices.allow = c 10:229 rw\n" DEFAULT_LINES "\n"));
	check_plan("{\"devices\":[{\"allow\":true,\"type\":\"u\"}]}", v1,
		"linux.resources.devices[0].type: expected a, b or c, found 'u'\n");
	check_plan("{\"devices\":[{\"allow\":true},{\"allow\":true,\"access\":\"rx\"}]}", v1,
		"linux.resources.devices[1].access: expected letters of 'rwm', found 'rx'\n");
	check_plan("{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}",
		(struct request){ .host = V1, .facts = &user, .kinds = "s" },
		"/cg/cpuset/a/b/cpuset.cpus = parent's\n"
		"/cg/cpuset/a/b/cpuset.mems = parent's\n"
		"/cg/devices/a/b/devices.allow = a (may fail)\n");
	check_plan("{}", (struct request){ .host = V2, .facts = &user, .kinds = "d" },
		"filter /cg/a/b (may fail)\n");
}

static void ask_systemd(struct cgroup *c)
{
	c->scope = "onggi-web.scope";
	c->slice = "system.slice";
}

TEST(systemd_enables_what_it_knows)
{
	check_plan("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],"
		   "\"memory\":{\"limit\":7}}",
		(struct request){ .host = V2, .kinds = "msd", .alter = ask_systemd },
		"/cg/cgroup.subtree_control = +hugetlb\n"
		"make /cg/a\n"
		"/cg/a/cgroup.subtree_control = +hugetlb\n"
		"/cg/a/b/memory.max = 7\n"
		"/cg/a/b/hugetlb.2MB.max = 0\n"
		"/cg/a/b/hugetlb.2MB.rsvd.max = 0\n"
		"filter /cg/a/b\n");
	check_plan("{}", (struct request){ .host = V2, .kinds = "ms", .alter = ask_systemd }, "");
}

static void take_all(struct cgroup *c)
{
	*c = (struct cgroup){};
}

static void take_pids(struct cgroup *c)
{
	c->dirs.n = 5;
}

TEST(limits_that_nobody_keeps_are_refused)
{
	struct request none = { .host = V1, .kinds = "msd", .alter = take_all };
	check_plan("{\"memory\":{\"limit\":7}}", none,
		"linux.resources.memory: there are no control groups here\n");
	check_plan(
		"{\"pids\":{\"limit\":-1},\"cpu\":{\"shares\":0},\"devices\":[{\"allow\":false}]}",
		none, "");
	struct request some = { .host = V1, .update = true, .kinds = "msd", .alter = take_pids };
	check_plan("{\"pids\":{\"limit\":7}}", some,
		"linux.resources.pids: there is no pids controller here\n");
	check_plan("{\"pids\":{\"limit\":-1}}", some, "");
	check_plan("{\"network\":{\"classID\":7}}", (struct request){ .host = V2, .kinds = "" },
		"linux.resources.network.classID: there is no net_cls controller here\n");

	cleanup(arena_done) struct arena a = {};
	struct spec_resources r = { .pids_limit = { true, 3 } };
	struct plan_builder b = { .arena = &a };
	CHECK(resources_limit(&r));
	cleanup(err_free) struct err *e = resources_plan(&r, NULL, &root, false, &a, &b);
	CHECK(e && strstr(e->text, "there are no control groups here"));
	r.pids_limit.value = -1;
	CHECK(!resources_limit(&r));
}

TEST(unified_is_for_v2_files)
{
	struct request v1 = { .host = V1, .update = true, .kinds = "s" };
	struct request v2 = { .host = V2, .update = true, .kinds = "s" };
	check_plan("{\"unified\":{\"memory.high\":\"7\"}}", v1,
		"linux.resources.unified['memory.high']: cannot use unified on cgroup v1\n");
	check_plan("{\"unified\":{\"memory.high\":\"7\",\"cgroup.max.depth\":\"2\"}}", v2,
		"/cg/a/cgroup.subtree_control = +memory\n"
		"/cg/a/b/memory.high = 7\n/cg/a/b/cgroup.max.depth = 2\n");
	check_plan("{\"unified\":{\"../x.y\":\"7\"}}", v2,
		"linux.resources.unified['../x.y']: must be the name of a file in the group, such "
		"as "
		"memory.high\n");
	check_plan("{\"unified\":{\"memory\":\"7\"}}", v2,
		"linux.resources.unified['memory']: must be the name of a file in the group, such "
		"as "
		"memory.high\n");
	check_plan("{\"unified\":{\"cgroup.procs\":\"1\"}}", v2,
		"linux.resources.unified['cgroup.procs']: is not a limit\n");
	check_plan("{\"unified\":{\"dmem.max\":\"1\"}}", v2,
		"linux.resources.unified['dmem.max']: the v2 hierarchy has no such controller "
		"here\n");
}

TEST(what_is_ignored_is_told)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup v1 = group_on(V1, &a), v2 = group_on(V2, &a);
	struct spec_resources r = { .memory = { .kernel = { true, 7 },
					    .swappiness = { true, 40 },
					    .disable_oom_killer = { true, true } } };
	struct text_list told;
	resources_ignored(&r, &v1, &a, &told);
	CHECK(told.n == 1);
	resources_ignored(&r, &v2, &a, &told);
	CHECK(told.n == 3 && strstr(told.items[1], "swappiness") && !told.items[3]);
}

TEST(the_child_goes_in_by_itself)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = group_on(HYBRID, &a);
	struct plan_parts p = { { .arena = &a }, { .arena = &a }, SLOT_FREE };
	uint64_t flags = 0;
	cleanup(err_free) struct err *e = cgroup_join_plan(&c, &a, &p, &flags);
	CHECK(!e && flags == CLONE_INTO_CGROUP);
	CHECK(p.parent.n == 9 && p.child.n == 8 && p.next_slot == SLOT_FREE + 8);
	for (size_t i = 0; i < 8; i++) {
		CHECK(p.parent.ops[i].open.slot == p.child.ops[i].ns.slot);
		CHECK(strstr(p.parent.ops[i].open.host, "/a/b/tasks"));
	}
	CHECK_TEXT(p.parent.ops[8].open.host, "/cg/unified/a/b");
	CHECK(p.parent.ops[8].open.slot == SLOT_CGROUP);
}
