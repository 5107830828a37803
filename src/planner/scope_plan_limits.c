#include "base/bitlist.h"
#include "planner/resources_parts.h"
#include "planner/scope_plan.h"
#include <inttypes.h>

/*
 * systemd writes a unit's attributes again whenever it reloads, so it has to know the limits that
 * we write, as far as it has a word for them.
 */
struct properties {
	const struct spec_resources *r;
	const struct cgroup *c;
	struct arena *arena;
	struct text_list *out;
};

/* As many as there can be: one for each limit, and one for each unified key, cpu.max being two. */
enum { LIMITS_MAX = 24 };

static void add(const struct properties *p, const char *text)
{
	p->out->items[p->out->n++] = text;
}

static void add_text(const struct properties *p, const char *name, const char *text)
{
	add(p, arena_fmt(p->arena, "%s=%s", name, text));
}

/* A number; a negative one is "no limit", which is all ones. */
static void add_number(const struct properties *p, const char *name, int64_t n)
{
	add(p, arena_fmt(p->arena, "%s=t %" PRIu64, name, n < 0 ? UINT64_MAX : (uint64_t)n));
}

static bool is_v2(const struct properties *p, const char *controller)
{
	const struct cgroup_dir *d = cgroup_dir_of(p->c, controller);
	return d && d->in->v2;
}

static bool is_v1(const struct properties *p, const char *controller)
{
	const struct cgroup_dir *d = cgroup_dir_of(p->c, controller);
	return d && !d->in->v2;
}

static struct err *add_memory(const struct properties *p)
{
	int64_t limit = limit_value(p->r->memory.limit), swap = -2;
	int64_t reserved = limit_value(p->r->memory.reservation);
	if (is_v1(p, "memory") && limit)
		add_number(p, "MemoryLimit", limit);
	if (!is_v2(p, "memory"))
		return NULL;
	struct err *e = memory_swap_of(limit, limit_value(p->r->memory.swap), &swap);
	if (e)
		return e;
	if (limit)
		add_number(p, "MemoryMax", limit);
	if (reserved)
		add_number(p, "MemoryLow", reserved);
	if (swap > -2)
		add_number(p, "MemorySwapMax", swap);
	return NULL;
}

/* systemd counts in whole percents of a processor and would round down. */
static int64_t per_second(int64_t quota, int64_t period)
{
	enum { PERCENT = 10'000 };
	if (quota <= 0 || quota > INT64_MAX / 1'000'000)
		return -1;
	int64_t time = quota * 1'000'000 / (period ? period : 100'000);
	return (time + PERCENT - 1) / PERCENT * PERCENT;
}

static void add_quota(const struct properties *p, int64_t quota, int64_t period)
{
	if (quota || period)
		add_number(p, "CPUQuotaPerSecUSec", per_second(quota, period));
	if (period)
		add_number(p, "CPUQuotaPeriodUSec", period);
}

static void add_cpu(const struct properties *p)
{
	int64_t shares = limit_value(p->r->cpu.shares);
	if (shares && p->r->cpu.idle.value != 1 && is_v2(p, "cpu"))
		add_number(p, "CPUWeight", cpu_weight_of_shares(shares));
	else if (shares && is_v1(p, "cpu"))
		add_number(p, "CPUShares", shares);
	if (cgroup_dir_of(p->c, "cpu"))
		add_quota(p, limit_value(p->r->cpu.quota), limit_value(p->r->cpu.period));
}

/* "0-1,9" as the bytes "3 2". */
static struct err *add_mask(const struct properties *p, const char *name, const char *list)
{
	struct bytes mask;
	struct err *e = bitlist_parse(str_of(list), p->arena, &mask);
	if (e)
		return err_wrap(e, "%s", name);
	const unsigned long *longs = mask.p;
	const char *text = "";
	size_t last = mask.n;
	while (last &&
		!(longs[(last - 1) / sizeof(long)] >> ((last - 1) % sizeof(long) * 8) & 0xff))
		last--;
	for (size_t i = 0; i < last; i++)
		text = arena_fmt(p->arena, "%s %lu", text,
			longs[i / sizeof(long)] >> (i % sizeof(long) * 8) & 0xff);
	add_text(p, name, arena_fmt(p->arena, "ay%s", *text ? text : " "));
	return NULL;
}

/* systemd has cpusets on v2 only. */
static struct err *add_cpuset(const struct properties *p)
{
	struct err *e = NULL;
	if (p->r->cpu.cpus && is_v2(p, "cpuset"))
		e = add_mask(p, "AllowedCPUs", p->r->cpu.cpus);
	if (!e && p->r->cpu.mems && is_v2(p, "cpuset"))
		e = add_mask(p, "AllowedMemoryNodes", p->r->cpu.mems);
	return e;
}

static void add_pids(const struct properties *p)
{
	int64_t limit = p->r->pids_limit.value;
	if (p->r->pids_limit.set && cgroup_dir_of(p->c, "pids"))
		add_number(p, "TasksMax", limit > 0 ? limit : -1);
}

static void add_throttle(const struct properties *p, const char *name, const struct list *devices)
{
	const char *text = "a(st)";
	for (list_each(const struct spec_throttle_device, d, *devices))
		text = arena_fmt(p->arena, "%s /dev/block/%" PRId64 ":%" PRId64 " %" PRIu64, text,
			d->major, d->minor, d->rate ? (uint64_t)d->rate : UINT64_MAX);
	if (devices->n)
		add_text(p, name, text);
}

static void add_io(const struct properties *p)
{
	int64_t weight = limit_value(p->r->block_io.weight);
	bool v1 = is_v1(p, "blkio");
	if (!v1 && !is_v2(p, "io"))
		return;
	if (weight)
		add_number(p, v1 ? "BlockIOWeight" : "IOWeight",
			v1 ? weight : io_weight_of_blkio(weight));
	add_throttle(p, v1 ? "BlockIOReadBandwidth" : "IOReadBandwidthMax",
		&p->r->block_io.throttle_read_bps);
	add_throttle(p, v1 ? "BlockIOWriteBandwidth" : "IOWriteBandwidthMax",
		&p->r->block_io.throttle_write_bps);
	if (v1)
		return; /* no word for operations there */
	add_throttle(p, "IOReadIOPSMax", &p->r->block_io.throttle_read_iops);
	add_throttle(p, "IOWriteIOPSMax", &p->r->block_io.throttle_write_iops);
}

/* v2 files that are one number, and systemd's name for them. */
static const struct known_file {
	const char *file, *property;
} known_files[] = {
	{ "memory.min", "MemoryMin" },
	{ "memory.low", "MemoryLow" },
	{ "memory.high", "MemoryHigh" },
	{ "memory.max", "MemoryMax" },
	{ "memory.swap.max", "MemorySwapMax" },
	{ "pids.max", "TasksMax" },
	{ "cpu.weight", "CPUWeight" },
};

/* "max" is -1; what is no number is the kernel's to refuse. */
static bool read_limit(struct str text, int64_t *out)
{
	int64_t n = 0;
	*out = -1;
	if (str_eq(text, STR("max")))
		return true;
	for (size_t i = 0; i < text.n; i++) {
		int digit = text.p[i] - '0';
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, digit, &n))
			return false;
	}
	*out = n;
	return text.n > 0;
}

static struct err *add_unified(const struct properties *p, const struct text_pair *pair)
{
	int64_t n, period = 0;
	struct str value = str_of(pair->value);
	for (size_t i = 0; i < ARRAY_LEN(known_files); i++)
		if (strcmp(pair->key, known_files[i].file) == 0 && read_limit(value, &n))
			add_number(p, known_files[i].property, n);
	struct str quota = str_cut(&value, ' ');
	if (strcmp(pair->key, "cpu.max") == 0 && read_limit(quota, &n) &&
		(value.n == 0 || read_limit(value, &period)))
		add_quota(p, n, period);
	if (strcmp(pair->key, "cpuset.cpus") == 0)
		return add_mask(p, "AllowedCPUs", pair->value);
	if (strcmp(pair->key, "cpuset.mems") == 0)
		return add_mask(p, "AllowedMemoryNodes", pair->value);
	return NULL;
}

struct err *scope_properties(const struct spec_resources *r, const struct cgroup *c,
	struct arena *a, struct text_list *out)
{
	struct text_list list = { .items = anew(
					  a, const char *, LIMITS_MAX + 2 * r->unified.n + 1) };
	struct properties p = { r, c, a, &list };
	struct err *e = add_memory(&p);
	if (!e)
		e = add_cpuset(&p);
	add_cpu(&p);
	add_pids(&p);
	add_io(&p);
	for (size_t i = 0; i < r->unified.n && !e; i++)
		e = add_unified(&p, &r->unified.items[i]);
	if (!e)
		*out = list;
	return e;
}
