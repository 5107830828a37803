#include "base/test.h"
#include "engine/merge.h"
#include <stdlib.h>
#include <string.h>

static const char *weight(int64_t shares, struct arena *a)
{
	struct spec_resources out = {};
	struct container_request r = { .cpu_shares = { true, shares } };
	cleanup(err_free) struct err *e = merge_limits(&r, true, a, &out);
	CHECK(!e && out.unified.n == 1 && !out.cpu.shares.set);
	CHECK_TEXT(out.unified.items[0].key, "cpu.weight");
	return out.unified.items[0].value;
}

TEST(cpu_shares_keep_their_ratio)
{
	cleanup(arena_done) struct arena a = {};
	CHECK_TEXT(weight(1024, &a), "100");
	CHECK_TEXT(weight(512, &a), "50");
	CHECK_TEXT(weight(2048, &a), "200");
	CHECK_TEXT(weight(2, &a), "1");
	CHECK_TEXT(weight(262144, &a), "10000");
}

TEST(cpu_shares_are_the_runtimes_on_v1_and_on_request)
{
	cleanup(arena_done) struct arena a = {};
	struct container_request r = { .cpu_shares = { true, 512 } };
	struct spec_resources v1 = {}, asked = {};
	cleanup(err_free) struct err *e = merge_limits(&r, false, &a, &v1);
	CHECK(!e && v1.cpu.shares.value == 512 && !v1.unified.n);
	setenv("ONGGI_CPU_SHARES", "runc", 1);
	e = merge_limits(&r, true, &a, &asked);
	unsetenv("ONGGI_CPU_SHARES");
	CHECK(!e && asked.cpu.shares.value == 512 && !asked.unified.n);
}

TEST(memory_brings_as_much_swap)
{
	cleanup(arena_done) struct arena a = {};
	struct container_request r = { .memory = { true, 64 << 20 } };
	struct spec_resources out = {};
	cleanup(err_free) struct err *e = merge_limits(&r, true, &a, &out);
	CHECK(!e && out.memory.limit.value == 64 << 20 && out.memory.swap.value == 128 << 20);
}

TEST(limits_that_contradict_each_other)
{
	const struct container_request rows[] = {
		{ .memory = { true, 1 << 20 } },
		{ .memory_swap = { true, 64 << 20 } },
		{ .memory = { true, 64 << 20 }, .memory_swap = { true, 32 << 20 } },
		{ .memory = { true, 64 << 20 }, .memory_reservation = { true, 65 << 20 } },
		{ .memory_swappiness = { true, 101 } },
		{ .nano_cpus = { true, 1000000000 }, .cpu_quota = { true, 1000 } },
		{ .nano_cpus = { true, 1 } },
		{ .blkio_weight = { true, 5 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		struct spec_resources out = {};
		cleanup(err_free) struct err *e = merge_limits(&rows[i], true, &a, &out);
		CHECK(e && e->kind == ERR_USAGE);
	}
}

/* The whole of it for a plain request: users are not looked up, everything else is. */
static struct err *merged(struct container_request *r, struct spec *out, struct arena *a)
{
	static const char *args[] = { "sh", NULL };
	struct engine *e = anew(a, struct engine, 1);
	struct engine_container *c = anew(a, struct engine_container, 1);
	struct cgroup_host *host = anew(a, struct cgroup_host, 1);
	*e = (struct engine){ .root = "/r", .run_root = "/u", .libexec = "/l" };
	*c = (struct engine_container){ .id = "0123456789abcdef", .dir = "/r/c" };
	c->record.args = (struct text_list){ args, 1 };
	host->mode = CGROUP_V2;
	*out = (struct spec){};
	struct merge m = { .arena = a,
		.engine = e,
		.container = c,
		.request = r,
		.root = -1,
		.cgroups = host,
		.spec = out };
	return merge_spec(&m);
}

TEST(a_plain_request_gets_the_usual)
{
	cleanup(arena_done) struct arena a = {};
	struct container_request r = { .rootfs = "/root" };
	struct spec s;
	cleanup(err_free) struct err *e = merged(&r, &s, &a);
	CHECK(!e);
	CHECK_TEXT(s.hostname, "0123456789ab");
	CHECK(s.process.capabilities.bounding.n == 14 && !s.process.capabilities.ambient.n);
	CHECK(!s.process.capabilities.inheritable.n && s.linux.seccomp.present);
	CHECK(s.linux.masked_paths.n >= 12 && s.linux.readonly_paths.n == 5);
	CHECK(s.linux.namespaces.n == 6); /* mount, pid, network, ipc, uts, cgroup */
	CHECK_TEXT(s.linux.cgroups_path, "/onggi/0123456789abcdef");
}

TEST(security_options_are_honoured_or_refused)
{
	static const struct {
		const char *option, *refusal;
	} rows[] = { { "seccomp=unconfined", NULL }, { "no-new-privileges", NULL },
		{ "no-new-privileges:false", NULL }, { "systempaths=unconfined", NULL },
		{ "seccomp=/no/such", "no such file" }, { "nosuch=1", "invalid --security-opt" },
		{ "label=type:x", "not supported" }, { "no-new-privileges=maybe", "maybe" },
		{ "systempaths=some", "systempaths" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(arena_done) struct arena a = {};
		cleanup(buf_done) struct buf text = {};
		const char *options[] = { rows[i].option, NULL };
		struct container_request r = { .rootfs = "/root", .security_opts = { options, 1 } };
		struct spec s;
		cleanup(err_free) struct err *e = merged(&r, &s, &a);
		CHECK(!e == !rows[i].refusal);
		if (e)
			err_show(e, &text);
		CHECK(!e || strstr(buf_text(&text), rows[i].refusal));
		CHECK(i != 0 || !s.linux.seccomp.present);
		CHECK(i != 1 || s.process.no_new_privileges);
		CHECK(i != 3 || !s.linux.masked_paths.n);
	}
}

TEST(mounts_come_after_what_they_lie_in)
{
	cleanup(arena_done) struct arena a = {};
	struct mount_request mounts[] = { { .type = "tmpfs", .target = "/a/b" },
		{ .type = "tmpfs", .target = "/a" } };
	struct container_request r = { .rootfs = "/root", .mounts = { mounts, 2 } };
	struct spec s;
	cleanup(err_free) struct err *e = merged(&r, &s, &a);
	CHECK(!e);
	const struct spec_mount *all = s.mounts.items;
	CHECK_TEXT(all[s.mounts.n - 2].destination, "/a");
	CHECK_TEXT(all[s.mounts.n - 1].destination, "/a/b");
}
