/* Control groups of version 2. Source: Documentation/admin-guide/cgroup-v2.rst. */
#include "runtime/usage_files.h"

static void read_cpu(struct usage_reader *r, struct usage_cpu *out)
{
	struct list stat = usage_counters(r, "cpu.stat");
	out->total = usage_counter(&stat, "usage_usec") * 1000;
	out->user = usage_counter(&stat, "user_usec") * 1000;
	out->kernel = usage_counter(&stat, "system_usec") * 1000;
	out->periods = usage_counter(&stat, "nr_periods");
	out->throttled_periods = usage_counter(&stat, "nr_throttled");
	out->throttled_time = usage_counter(&stat, "throttled_usec") * 1000;
}

/* Clients know swap as v1 counts it: memory is in it. */
static uint64_t together(uint64_t memory, uint64_t swap)
{
	return memory == UINT64_MAX || swap == UINT64_MAX ? UINT64_MAX : memory + swap;
}

static void read_memory(struct usage_reader *r, struct usage_memory *out)
{
	out->raw = usage_counters(r, "memory.stat");
	out->cache = usage_counter(&out->raw, "file");
	out->memory.usage = usage_number(r, "memory.current");
	out->memory.max = usage_number(r, "memory.peak");
	out->memory.limit = usage_number(r, "memory.max");
	struct list events = usage_counters(r, "memory.events");
	out->memory.failures = usage_counter(&events, "max");
	out->swap.usage = together(out->memory.usage, usage_number(r, "memory.swap.current"));
	out->swap.max = together(out->memory.max, usage_number(r, "memory.swap.peak"));
	out->swap.limit = together(out->memory.limit, usage_number(r, "memory.swap.max"));
	out->kernel.usage = usage_counter(&out->raw, "kernel");
	out->kernel.limit = out->kernel_tcp.limit = UINT64_MAX;
}

static const struct io_key {
	struct str key;
	enum usage_io_kind kind;
	const char *op;
} io_keys[] = {
	{ { "rbytes", 6 }, IO_SERVICE_BYTES, "Read" },
	{ { "wbytes", 6 }, IO_SERVICE_BYTES, "Write" },
	{ { "dbytes", 6 }, IO_SERVICE_BYTES, "Discard" },
	{ { "rios", 4 }, IO_SERVICED, "Read" },
	{ { "wios", 4 }, IO_SERVICED, "Write" },
	{ { "dios", 4 }, IO_SERVICED, "Discard" },
};

/* "8:0 rbytes=1 wbytes=2 rios=3 ..." */
static void read_device(struct usage_reader *r, struct str line, struct list *out)
{
	unsigned long long major, minor, value;
	if (sscanf(arena_str(r->arena, str_cut(&line, ' ')), "%llu:%llu", &major, &minor) != 2)
		return;
	while (line.n) {
		struct str text = str_cut(&line, ' '), key = str_cut(&text, '=');
		for (size_t i = 0; i < ARRAY_LEN(io_keys); i++) {
			if (!str_eq(io_keys[i].key, key) ||
				sscanf(arena_str(r->arena, text), "%llu", &value) != 1)
				continue;
			USAGE_ADD(out[io_keys[i].kind], struct usage_io_entry, r->arena,
				{ major, minor, value, io_keys[i].op });
		}
	}
}

static void read_io(struct usage_reader *r, struct list *out)
{
	const char *text = usage_text(r, "io.stat");
	struct str rest = text ? str_of(text) : STR("");
	while (rest.n)
		read_device(r, str_cut(&rest, '\n'), out);
}

static void read_hugetlb(struct usage_reader *r, struct list *out)
{
	struct text_list sizes = usage_page_sizes(r, "current");
	for (size_t i = 0; i < sizes.n; i++) {
		const char *size = sizes.items[i];
		struct list events =
			usage_counters(r, arena_fmt(r->arena, "hugetlb.%s.events", size));
		struct usage_amount amount = {
			.usage = usage_number(r, arena_fmt(r->arena, "hugetlb.%s.current", size)),
			.limit = usage_number(r, arena_fmt(r->arena, "hugetlb.%s.max", size)),
			.failures = usage_counter(&events, "max"),
		};
		USAGE_ADD(*out, struct usage_hugetlb, r->arena, { size, amount });
	}
}

void usage_read_v2(struct usage_reader *r, struct usage *out)
{
	read_cpu(r, &out->cpu);
	read_memory(r, &out->memory);
	uint64_t limit = usage_number(r, "pids.max");
	out->pids = usage_number(r, "pids.current");
	out->pids_limit = limit == UINT64_MAX ? 0 : limit;
	read_io(r, out->io);
}

void usage_read_v2_extras(struct usage_reader *r, struct usage *out)
{
	out->cpu.pressure = usage_pressure(r, "cpu.pressure");
	out->memory.pressure = usage_pressure(r, "memory.pressure");
	out->io_pressure = usage_pressure(r, "io.pressure");
	if (!out->hugetlb.n)
		read_hugetlb(r, &out->hugetlb);
}
