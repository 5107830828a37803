#include "base/test.h"
#include "spec/scope_annotation.h"
#include "planner/scope_plan.h"
#include <string.h>

static const struct cgroup_hierarchy v1[] = {
	{ .mount = "/cg/cpu", .controllers = "cpu" },
	{ .mount = "/cg/memory", .controllers = "memory" },
	{ .mount = "/cg/devices", .controllers = "devices" },
	{ .mount = "/cg/blkio", .controllers = "blkio" },
	{ .mount = "/cg/pids", .controllers = "pids" },
};
static const struct cgroup_hierarchy v2 = {
	.mount = "/cg", .controllers = "cpuset cpu io memory pids", .v2 = true
};

static struct cgroup group(bool on_v2, struct arena *a)
{
	size_t n = on_v2 ? 1 : ARRAY_LEN(v1);
	struct cgroup_dir *d = anew(a, struct cgroup_dir, n);
	for (size_t i = 0; i < n; i++) {
		d[i].in = on_v2 ? &v2 : &v1[i];
		d[i].host = arena_fmt(a, "%s/system.slice/x.scope", d[i].in->mount);
	}
	return (struct cgroup){ .mode = on_v2 ? CGROUP_V2 : CGROUP_V1,
		.dirs = { d, n },
		.scope = "x.scope",
		.slice = "system.slice",
		.unit_path = "/system.slice/x.scope" };
}

static void show(const char *const *properties, struct buf *out)
{
	for (; properties && *properties; properties++)
		buf_add(out, "%s\n", *properties);
}

static void check_limits(bool on_v2, const char *json, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf got = {};
	struct spec_resources r = {};
	struct cgroup c = group(on_v2, &a);
	struct text_list properties = {};
	cleanup(err_free) struct err *e = spec_parse_resources(json, strlen(json), "test", &a, &r);
	if (!e)
		e = scope_properties(&r, &c, &a, &properties);
	CHECK(!e);
	show(properties.items, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(limits_in_the_words_of_systemd)
{
	static const struct {
		const char *json, *on_v1, *on_v2;
	} rows[] = {
		{ "{\"memory\":{\"limit\":1000,\"reservation\":500,\"swap\":3000}}",
			"MemoryLimit=t 1000\n",
			"MemoryMax=t 1000\nMemoryLow=t 500\nMemorySwapMax=t 2000\n" },
		{ "{\"memory\":{\"limit\":-1}}", "MemoryLimit=t 18446744073709551615\n",
			"MemoryMax=t 18446744073709551615\nMemorySwapMax=t "
			"18446744073709551615\n" },
		{ "{\"cpu\":{\"shares\":1024,\"quota\":33333,\"period\":100000}}",
			"CPUShares=t 1024\nCPUQuotaPerSecUSec=t 340000\nCPUQuotaPeriodUSec=t "
			"100000\n",
			"CPUWeight=t 100\nCPUQuotaPerSecUSec=t 340000\nCPUQuotaPeriodUSec=t "
			"100000\n" },
		{ "{\"cpu\":{\"quota\":-1}}", "CPUQuotaPerSecUSec=t 18446744073709551615\n",
			"CPUQuotaPerSecUSec=t 18446744073709551615\n" },
		{ "{\"cpu\":{\"cpus\":\"0-1,9,64\",\"mems\":\"0\"}}", "",
			"AllowedCPUs=ay 3 2 0 0 0 0 0 0 1\nAllowedMemoryNodes=ay 1\n" },
		{ "{\"pids\":{\"limit\":0}}", "TasksMax=t 18446744073709551615\n",
			"TasksMax=t 18446744073709551615\n" },
		{ "{\"blockIO\":{\"weight\":10,\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,"
		  "\"rate\":5},{\"major\":8,\"minor\":1,\"rate\":0}],\"throttleWriteIOPSDevice\":["
		  "{\"major\":8,\"minor\":0,\"rate\":6}]}}",
			"BlockIOWeight=t 10\nBlockIOReadBandwidth=a(st) /dev/block/8:0 5 "
			"/dev/block/8:1 18446744073709551615\n",
			"IOWeight=t 1\nIOReadBandwidthMax=a(st) /dev/block/8:0 5 /dev/block/8:1 "
			"18446744073709551615\nIOWriteIOPSMax=a(st) /dev/block/8:0 6\n" },
		{ "{}", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check_limits(false, rows[i].json, rows[i].on_v1);
		check_limits(true, rows[i].json, rows[i].on_v2);
	}
	check_limits(true,
		"{\"unified\":{\"memory.high\":\"7\",\"memory.max\":\"max\",\"cpu.max\":\"50000 "
		"100000\","
		"\"cpuset.cpus\":\"1\",\"io.latency\":\"8:0 target=1\",\"pids.max\":\"x\"}}",
		"MemoryHigh=t 7\nMemoryMax=t 18446744073709551615\nCPUQuotaPerSecUSec=t 500000\n"
		"CPUQuotaPeriodUSec=t 100000\nAllowedCPUs=ay 2\n");
}

static void check_plan(bool on_v2, const char *json, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf got = {};
	struct spec spec = {};
	struct plan_builder b = { .arena = &a };
	struct cgroup c = group(on_v2, &a);
	cleanup(err_free) struct err *e = spec_parse(json, strlen(json), "test", &a, &spec);
	if (!e)
		e = scope_plan(&spec, "web", &c, &a, &b);
	CHECK(!e && b.n == 1 && b.ops[0].kind == OP_SCOPE);
	CHECK_TEXT(b.ops[0].scope.description, "onggi container web");
	CHECK_TEXT(b.ops[0].scope.path, "/system.slice/x.scope");
	show(b.ops[0].scope.properties, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(a_scope_for_a_container)
{
	static const char json[] =
		"{\"ociVersion\":\"1.2.0\",\"annotations\":{\"a\":\"b\","
		"\"org.systemd.property.TimeoutStopSec\":\"3\"},\"linux\":{\"resources\":{"
		"\"pids\":{\"limit\":7},\"devices\":[{\"allow\":true,\"type\":\"b\",\"major\":8,"
		"\"minor\":0,\"access\":\"r\"}]}}}";
	check_plan(true, json,
		"Delegate=b true\nDefaultDependencies=b false\nCollectMode=s inactive-or-failed\n"
		"CPUAccounting=b true\nMemoryAccounting=b true\nTasksAccounting=b true\n"
		"IOAccounting=b true\nTasksMax=t 7\nTimeoutStopUSec=t 3000000\n");
	check_plan(false, json,
		"Delegate=b true\nDefaultDependencies=b false\nCollectMode=s inactive-or-failed\n"
		"CPUAccounting=b true\nMemoryAccounting=b true\nTasksAccounting=b true\n"
		"BlockIOAccounting=b true\nTasksMax=t 7\nDevicePolicy=s strict\n"
		"DeviceAllow=a(ss) /dev/block/8:0 r char-* m block-* m /dev/char/1:3 rwm "
		"/dev/char/1:5 "
		"rwm /dev/char/1:7 rwm /dev/char/1:8 rwm /dev/char/1:9 rwm /dev/char/5:0 rwm "
		"/dev/char/5:2 rwm /dev/char/10:200 rwm char-136 rwm\nTimeoutStopUSec=t 3000000\n");
}

TEST(without_systemd_no_scope)
{
	cleanup(arena_done) struct arena a = {};
	struct spec spec = {};
	struct plan_builder b = { .arena = &a };
	struct cgroup c = {};
	cleanup(err_free) struct err *e = scope_plan(&spec, "web", &c, &a, &b);
	if (!e)
		e = scope_plan(&spec, "web", NULL, &a, &b);
	CHECK(!e && b.n == 0);
}

TEST(annotations_that_are_properties)
{
	static const struct {
		const char *name, *value, *want;
	} rows[] = {
		{ "TimeoutStopUSec", "uint64 5000000", "TimeoutStopUSec=t 5000000" },
		{ "TimeoutStopUSec", "5000000", "TimeoutStopUSec=t 5000000" },
		{ "TimeoutStopSec", "uint32 5", "TimeoutStopUSec=t 5000000" },
		{ "CollectMode", "'inactive-or-failed'", "CollectMode=s inactive-or-failed" },
		{ "CollectMode", " \"inactive\" ", "CollectMode=s inactive" },
		{ "SendSIGHUP", "true", "SendSIGHUP=b true" },
		{ "KillSignal", "int32 37", "KillSignal=i 37" },
		{ "After", "['a.service', \"b.service\"]", "After=as a.service b.service" },
		{ "After", "@as []", "After=as " },
		{ "BindsTo", "['a-b.scope','machine.slice']",
			"BindsTo=as a-b.scope machine.slice" },
		{ "TimeoutStopUSec", "-1",
			"annotation org.systemd.property.TimeoutStopUSec: expected a number, found "
			"-1" },
		{ "TimeoutStopSec", "99999999999999",
			"annotation org.systemd.property.TimeoutStopUSec: expected whole seconds, "
			"found "
			"99999999999999" },
		{ "CollectMode", "inactive",
			"annotation org.systemd.property.CollectMode: expected text in quotes, "
			"found "
			"inactive" },
		{ "CollectMode", "'a\\'",
			"annotation org.systemd.property.CollectMode: expected text in quotes, "
			"found 'a\\'" },
		{ "SendSIGHUP", "1",
			"annotation org.systemd.property.SendSIGHUP: expected true or false, found "
			"1" },
		{ "Wants", "['reboot.target']",
			"annotation org.systemd.property.Wants: expected scopes and slices alone, "
			"found "
			"['reboot.target']" },
		{ "After", "['a.service b.service']",
			"annotation org.systemd.property.After: expected a list such as "
			"['a.service'], "
			"found ['a.service b.service']" },
		{ "SuccessAction", "'reboot'",
			"annotation org.systemd.property.SuccessAction: not supported" },
		{ "ExecStart", "[]", "annotation org.systemd.property.ExecStart: not supported" },
		{ "Sec", "1", "annotation org.systemd.property.Sec: not supported" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		const char *key = arena_fmt(&a, "org.systemd.property.%s", rows[i].name),
			   *out = NULL;
		cleanup(err_free) struct err *e = scope_annotation(key, rows[i].value, &a, &out);
		CHECK_TEXT(e ? e->text : out, rows[i].want);
	}
	cleanup(arena_done) struct arena a = {};
	const char *out = "";
	cleanup(err_free) struct err *e = scope_annotation("org.other", "x", &a, &out);
	CHECK(!e && !out);
}
