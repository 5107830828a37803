/* Control groups of version 1. Source: Documentation/admin-guide/cgroup-v1. */
#include "runtime/usage_files.h"
#include <unistd.h>

static void enter(struct usage_reader *r, const struct cgroup *c, const char *controller)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, controller);
	r->dir = d && !d->in->v2 ? d->host : NULL;
}

/* cpuacct.usage_all: a line "cpu user system", then one for each processor. */
static void read_usage_all(struct usage_reader *r, struct usage_cpu *out)
{
	const char *text = usage_text(r, "cpuacct.usage_all");
	struct list user = {}, kernel = {};
	struct str rest = text ? str_of(text) : STR("");
	str_cut(&rest, '\n');
	while (rest.n) {
		unsigned long long u, k;
		struct str line = str_cut(&rest, '\n');
		if (sscanf(arena_str(r->arena, line), "%*d %llu %llu", &u, &k) != 2)
			continue;
		USAGE_ADD(user, int64_t, r->arena, (int64_t)u);
		USAGE_ADD(kernel, int64_t, r->arena, (int64_t)k);
	}
	out->percpu_user = (struct int_list){ user.items, user.n };
	out->percpu_kernel = (struct int_list){ kernel.items, kernel.n };
}

static void read_cpu(const struct cgroup *c, struct usage_reader *r, struct usage_cpu *out)
{
	uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	enter(r, c, "cpuacct");
	struct list stat = usage_counters(r, "cpuacct.stat");
	out->total = usage_number(r, "cpuacct.usage");
	out->user = usage_counter(&stat, "user") * tick;
	out->kernel = usage_counter(&stat, "system") * tick;
	out->percpu = usage_numbers(r, "cpuacct.usage_percpu");
	read_usage_all(r, out);
	enter(r, c, "cpu");
	stat = usage_counters(r, "cpu.stat");
	out->periods = usage_counter(&stat, "nr_periods");
	out->throttled_periods = usage_counter(&stat, "nr_throttled");
	out->throttled_time = usage_counter(&stat, "throttled_time");
}

static const struct cpuset_file {
	const char *file;
	size_t at;
} cpuset_files[] = {
	{ "cpuset.cpu_exclusive", offsetof(struct usage_cpuset, cpu_exclusive) },
	{ "cpuset.mem_hardwall", offsetof(struct usage_cpuset, mem_hardwall) },
	{ "cpuset.mem_exclusive", offsetof(struct usage_cpuset, mem_exclusive) },
	{ "cpuset.memory_migrate", offsetof(struct usage_cpuset, memory_migrate) },
	{ "cpuset.memory_spread_page", offsetof(struct usage_cpuset, memory_spread_page) },
	{ "cpuset.memory_spread_slab", offsetof(struct usage_cpuset, memory_spread_slab) },
	{ "cpuset.memory_pressure", offsetof(struct usage_cpuset, memory_pressure) },
	{ "cpuset.sched_load_balance", offsetof(struct usage_cpuset, sched_load_balance) },
};

static void read_cpuset(const struct cgroup *c, struct usage_reader *r, struct usage_cpuset *out)
{
	enter(r, c, "cpuset");
	out->cpus = usage_numbers(r, "cpuset.cpus");
	out->mems = usage_numbers(r, "cpuset.mems");
	for (size_t i = 0; i < ARRAY_LEN(cpuset_files); i++)
		*(uint64_t *)(void *)((char *)out + cpuset_files[i].at) =
			usage_number(r, cpuset_files[i].file);
	const char *level = usage_text(r, "cpuset.sched_relax_domain_level");
	int n;
	if (level && sscanf(level, "%d", &n) == 1)
		out->sched_relax_domain_level = n;
}

/* memory.<name>.usage_in_bytes and its neighbours; @name is "" or ends in '.'. */
static struct usage_amount amount(
	struct usage_reader *r, const char *controller, const char *name, const char *max)
{
	struct arena *a = r->arena;
	return (struct usage_amount){
		.limit = usage_number(r, arena_fmt(a, "%s.%slimit_in_bytes", controller, name)),
		.usage = usage_number(r, arena_fmt(a, "%s.%susage_in_bytes", controller, name)),
		.max = usage_number(r, arena_fmt(a, "%s.%s%s", controller, name, max)),
		.failures = usage_number(r, arena_fmt(a, "%s.%sfailcnt", controller, name)),
	};
}

static void read_memory(const struct cgroup *c, struct usage_reader *r, struct usage_memory *out)
{
	static const char max[] = "max_usage_in_bytes";
	enter(r, c, "memory");
	out->raw = usage_counters(r, "memory.stat");
	out->cache = usage_counter(&out->raw, "cache");
	out->memory = amount(r, "memory", "", max);
	out->swap = amount(r, "memory", "memsw.", max);
	out->kernel = amount(r, "memory", "kmem.", max);
	out->kernel_tcp = amount(r, "memory", "kmem.tcp.", max);
}

/* Lines "major:minor Read 12" or "major:minor 12"; the last one, "Total 12", is left out. */
static void read_entries(struct usage_reader *r, const char *file, struct list *out)
{
	const char *text = usage_text(r, file);
	struct str rest = text ? str_of(text) : STR("");
	while (rest.n) {
		char op[16] = "";
		unsigned long long major, minor, value;
		const char *line = arena_str(r->arena, str_cut(&rest, '\n'));
		if (sscanf(line, "%llu:%llu %15[A-Za-z] %llu", &major, &minor, op, &value) != 4 &&
			sscanf(line, "%llu:%llu %llu", &major, &minor, &value) != 3)
			continue;
		USAGE_ADD(*out, struct usage_io_entry, r->arena,
			{ major, minor, value, *op ? arena_str(r->arena, str_of(op)) : NULL });
	}
}

/* Which file has a count depends on the scheduler; the first that has any lines wins. */
static const struct io_files {
	const char *files[3];
} io_files[] = {
	[IO_SERVICE_BYTES] = { { "blkio.bfq.io_service_bytes_recursive",
		"blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes" } },
	[IO_SERVICED] = { { "blkio.bfq.io_serviced_recursive",
		"blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced" } },
	[IO_QUEUED] = { { "blkio.bfq.io_queued_recursive" } },
	[IO_SERVICE_TIME] = { { "blkio.bfq.io_service_time_recursive" } },
	[IO_WAIT_TIME] = { { "blkio.bfq.io_wait_time_recursive" } },
	[IO_MERGED] = { { "blkio.bfq.io_merged_recursive" } },
	[IO_TIME] = { { "blkio.bfq.time_recursive" } },
	[IO_SECTORS] = { { "blkio.bfq.sectors_recursive" } },
};
_Static_assert(ARRAY_LEN(io_files) == IO_KINDS, "every count has its files");

static void read_io(const struct cgroup *c, struct usage_reader *r, struct list *out)
{
	enter(r, c, "blkio");
	for (size_t kind = 0; kind < IO_KINDS; kind++)
		for (size_t i = 0; i < ARRAY_LEN(io_files[kind].files) && !out[kind].n; i++)
			if (io_files[kind].files[i])
				read_entries(r, io_files[kind].files[i], &out[kind]);
}

static void read_hugetlb(const struct cgroup *c, struct usage_reader *r, struct list *out)
{
	enter(r, c, "hugetlb");
	struct text_list sizes = usage_page_sizes(r, "usage_in_bytes");
	for (size_t i = 0; i < sizes.n; i++) {
		const char *name = arena_fmt(r->arena, "%s.", sizes.items[i]);
		USAGE_ADD(*out, struct usage_hugetlb, r->arena,
			{ sizes.items[i], amount(r, "hugetlb", name, "max_usage_in_bytes") });
	}
}

void usage_read_v1(const struct cgroup *c, struct usage_reader *r, struct usage *out)
{
	read_cpu(c, r, &out->cpu);
	read_cpuset(c, r, &out->cpuset);
	read_memory(c, r, &out->memory);
	enter(r, c, "pids");
	uint64_t limit = usage_number(r, "pids.max");
	out->pids = usage_number(r, "pids.current");
	out->pids_limit = limit == UINT64_MAX ? 0 : limit;
	read_io(c, r, out->io);
	read_hugetlb(c, r, &out->hugetlb);
}
