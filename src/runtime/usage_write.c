/* Usage as JSON, with the members and the spelling of runc's `events`. */
#include "runtime/usage.h"

/* A number is left out when it is 0, unless clients always get it. */
static void number(struct json_writer *w, const char *key, uint64_t n)
{
	if (n)
		json_uint(w, key, n);
}

static void numbers(struct json_writer *w, const char *key, const struct int_list *l)
{
	if (!l->n)
		return;
	json_open(w, key, '[');
	for (size_t i = 0; i < l->n; i++)
		json_int(w, NULL, l->items[i]);
	json_close(w, ']');
}

static void stall(struct json_writer *w, const char *key, const struct usage_stall *s)
{
	json_open(w, key, '{');
	json_raw(w, "avg10", str_of(s->avg10));
	json_raw(w, "avg60", str_of(s->avg60));
	json_raw(w, "avg300", str_of(s->avg300));
	json_uint(w, "total", s->total);
	json_close(w, '}');
}

static void pressure(struct json_writer *w, const struct usage_pressure *p)
{
	if (!p->present)
		return;
	json_open(w, "psi", '{');
	stall(w, "some", &p->some);
	stall(w, "full", &p->full);
	json_close(w, '}');
}

static void write_cpu(const struct usage_cpu *c, struct json_writer *w)
{
	json_open(w, "cpu", '{');
	json_open(w, "usage", '{');
	number(w, "total", c->total);
	numbers(w, "percpu", &c->percpu);
	numbers(w, "percpu_kernel", &c->percpu_kernel);
	numbers(w, "percpu_user", &c->percpu_user);
	json_uint(w, "kernel", c->kernel);
	json_uint(w, "user", c->user);
	json_close(w, '}');
	json_open(w, "throttling", '{');
	number(w, "periods", c->periods);
	number(w, "throttledPeriods", c->throttled_periods);
	number(w, "throttledTime", c->throttled_time);
	json_close(w, '}');
	pressure(w, &c->pressure);
	json_close(w, '}');
}

static void write_cpuset(const struct usage_cpuset *c, struct json_writer *w)
{
	json_open(w, "cpuset", '{');
	numbers(w, "cpus", &c->cpus);
	json_uint(w, "cpu_exclusive", c->cpu_exclusive);
	numbers(w, "mems", &c->mems);
	json_uint(w, "mem_hardwall", c->mem_hardwall);
	json_uint(w, "mem_exclusive", c->mem_exclusive);
	json_uint(w, "memory_migrate", c->memory_migrate);
	json_uint(w, "memory_spread_page", c->memory_spread_page);
	json_uint(w, "memory_spread_slab", c->memory_spread_slab);
	json_uint(w, "memory_pressure", c->memory_pressure);
	json_uint(w, "sched_load_balance", c->sched_load_balance);
	json_int(w, "sched_relax_domain_level", c->sched_relax_domain_level);
	json_close(w, '}');
}

static void amount(struct json_writer *w, const char *key, const struct usage_amount *a)
{
	json_open(w, key, '{');
	json_uint(w, "limit", a->limit);
	number(w, "usage", a->usage);
	number(w, "max", a->max);
	json_uint(w, "failcnt", a->failures);
	json_close(w, '}');
}

static void write_memory(const struct usage_memory *m, struct json_writer *w)
{
	json_open(w, "memory", '{');
	number(w, "cache", m->cache);
	amount(w, "usage", &m->memory);
	amount(w, "swap", &m->swap);
	amount(w, "kernel", &m->kernel);
	amount(w, "kernelTCP", &m->kernel_tcp);
	if (m->raw.n)
		json_open(w, "raw", '{');
	for (list_each(const struct usage_counter, c, m->raw))
		json_uint(w, c->name, c->value);
	if (m->raw.n)
		json_close(w, '}');
	pressure(w, &m->pressure);
	json_close(w, '}');
}

static void write_entries(const struct list *entries, const char *key, struct json_writer *w)
{
	if (!entries->n)
		return;
	json_open(w, key, '[');
	for (list_each(const struct usage_io_entry, e, *entries)) {
		json_open(w, NULL, '{');
		number(w, "major", e->major);
		number(w, "minor", e->minor);
		if (e->op)
			json_text(w, "op", e->op);
		number(w, "value", e->value);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static const char *const io_names[] = {
	[IO_SERVICE_BYTES] = "ioServiceBytesRecursive",
	[IO_SERVICED] = "ioServicedRecursive",
	[IO_QUEUED] = "ioQueueRecursive",
	[IO_SERVICE_TIME] = "ioServiceTimeRecursive",
	[IO_WAIT_TIME] = "ioWaitTimeRecursive",
	[IO_MERGED] = "ioMergedRecursive",
	[IO_TIME] = "ioTimeRecursive",
	[IO_SECTORS] = "sectorsRecursive",
};
_Static_assert(ARRAY_LEN(io_names) == IO_KINDS, "every count has its name");

static void write_io(const struct usage *u, struct json_writer *w)
{
	json_open(w, "blkio", '{');
	for (size_t i = 0; i < IO_KINDS; i++)
		write_entries(&u->io[i], io_names[i], w);
	pressure(w, &u->io_pressure);
	json_close(w, '}');
}

static void write_hugetlb(const struct list *sizes, struct json_writer *w)
{
	json_open(w, "hugetlb", '{');
	for (list_each(const struct usage_hugetlb, h, *sizes)) {
		json_open(w, h->page_size, '{');
		number(w, "usage", h->amount.usage);
		number(w, "max", h->amount.max);
		json_uint(w, "failcnt", h->amount.failures);
		json_close(w, '}');
	}
	json_close(w, '}');
}

static void write_counts(
	const char *const names[4], const uint64_t counts[4], struct json_writer *w)
{
	for (int i = 0; i < 4; i++)
		json_uint(w, names[i], counts[i]);
}

static void write_interfaces(const struct list *interfaces, struct json_writer *w)
{
	static const char *const received[] = { "RxBytes", "RxPackets", "RxErrors", "RxDropped" };
	static const char *const sent[] = { "TxBytes", "TxPackets", "TxErrors", "TxDropped" };
	if (!interfaces->n) {
		json_text(w, "network_interfaces", NULL);
		return;
	}
	json_open(w, "network_interfaces", '[');
	for (list_each(const struct usage_interface, i, *interfaces)) {
		json_open(w, NULL, '{');
		json_text(w, "Name", i->name);
		write_counts(received, i->received, w);
		write_counts(sent, i->sent, w);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void usage_write(const struct usage *u, const char *key, struct json_writer *w)
{
	json_open(w, key, '{');
	write_cpu(&u->cpu, w);
	write_cpuset(&u->cpuset, w);
	write_memory(&u->memory, w);
	json_open(w, "pids", '{');
	number(w, "current", u->pids);
	number(w, "limit", u->pids_limit);
	json_close(w, '}');
	write_io(u, w);
	write_hugetlb(&u->hugetlb, w);
	json_open(w, "intel_rdt", '{');
	json_close(w, '}');
	write_interfaces(&u->interfaces, w);
	json_close(w, '}');
}
