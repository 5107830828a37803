/*
 * usage.h - what a container uses, read from its control group.
 *
 * One structure for v1 and v2; what a kernel or a group does not count is 0 or empty. Times are in
 * nanoseconds, sizes in bytes; a limit that is not set is UINT64_MAX.
 */
#pragma once
#include "base/json_write.h"
#include "cgroup/cgroup.h"

/* Pressure stall information: how long processes waited. Averages as the kernel writes them. */
struct usage_stall {
	const char *avg10, *avg60, *avg300; /* percent: "0.12" */
	uint64_t total;                     /* microseconds */
};
struct usage_pressure {
	bool present;
	struct usage_stall some, full;
};

struct usage_cpu {
	uint64_t total, user, kernel;
	struct int_list percpu, percpu_user, percpu_kernel; /* v1 alone */
	uint64_t periods, throttled_periods, throttled_time;
	struct usage_pressure pressure;
};

/* v1 alone. */
struct usage_cpuset {
	struct int_list cpus, mems;
	uint64_t cpu_exclusive, mem_hardwall, mem_exclusive, memory_migrate, memory_spread_page,
		memory_spread_slab, memory_pressure, sched_load_balance;
	int64_t sched_relax_domain_level;
};

struct usage_amount {
	uint64_t limit, usage, max, failures;
};

struct usage_counter {
	const char *name;
	uint64_t value;
};

struct usage_memory {
	uint64_t cache;
	struct usage_amount memory, swap, kernel, kernel_tcp; /* swap counts memory and swap */
	struct list raw;                                      /* of usage_counter: memory.stat */
	struct usage_pressure pressure;
};

struct usage_io_entry {
	uint64_t major, minor, value;
	const char *op; /* "Read", "Write", ...; NULL if it counts all */
};

enum usage_io_kind {
	IO_SERVICE_BYTES,
	IO_SERVICED,
	IO_QUEUED,
	IO_SERVICE_TIME,
	IO_WAIT_TIME,
	IO_MERGED,
	IO_TIME,
	IO_SECTORS,
	IO_KINDS,
};

struct usage_hugetlb {
	const char *page_size; /* "2MB" */
	struct usage_amount amount;
};

struct usage_interface {
	const char *name;
	uint64_t received[4], sent[4]; /* bytes, packets, errors, dropped */
};

struct usage {
	struct usage_cpu cpu;
	struct usage_cpuset cpuset;
	struct usage_memory memory;
	uint64_t pids, pids_limit; /* 0: no limit */
	struct list io[IO_KINDS];  /* of usage_io_entry */
	struct usage_pressure io_pressure;
	struct list hugetlb;    /* of usage_hugetlb */
	struct list interfaces; /* of usage_interface */
};

/* Reads all that the group @c counts. Memory belongs to @a. */
[[nodiscard]] struct err *usage_read(const struct cgroup *c, struct arena *a, struct usage *out);

/* Adds the network interfaces that process @pid sees, but for "lo", unless they are our own. */
[[nodiscard]] struct err *usage_read_interfaces(pid_t pid, struct arena *a, struct usage *out);

/* Writes it under @key as runc's `events` does. */
void usage_write(const struct usage *u, const char *key, struct json_writer *w);
