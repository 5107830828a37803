/* Limits of a container, from the words of Docker to those of the runtime specification. */
#include "engine/merge.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { CPU_PERIOD = 100000, LEAST_MEMORY = 6 << 20 };

static struct err *check_memory(const struct container_request *r)
{
	int64_t memory = r->memory.value, swap = r->memory_swap.value;
	if (r->memory.set && memory > 0 && memory < LEAST_MEMORY)
		return err_new(ERR_USAGE, "Minimum memory limit allowed is 6MB");
	if (r->memory_swap.set && swap > 0 && !memory)
		return err_hint(
			err_new(ERR_USAGE, "You should always set the Memory limit when using "
					   "Memoryswap limit, see usage"),
			"give --memory, too");
	if (swap > 0 && swap < memory)
		return err_new(ERR_USAGE, "Minimum memoryswap limit should be larger than memory "
					  "limit, see usage");
	if (r->memory_reservation.set && memory > 0 && r->memory_reservation.value > memory)
		return err_new(ERR_USAGE, "Minimum memory limit can not be less than memory "
					  "reservation limit, see usage");
	int64_t swappiness = r->memory_swappiness.value;
	if (r->memory_swappiness.set && (swappiness < -1 || swappiness > 100))
		return err_new(ERR_USAGE,
			"Invalid value: %lld, valid memory swappiness range is 0-100",
			(long long)swappiness);
	return NULL;
}

static struct err *check_cpu(const struct container_request *r)
{
	if (r->nano_cpus.set && (r->cpu_quota.set || r->cpu_period.set))
		return err_new(ERR_USAGE,
			"Conflicting options: Nano CPUs and CPU Period cannot both "
			"be set");
	if (r->nano_cpus.set && r->nano_cpus.value < 10000000)
		return err_new(ERR_USAGE, "Range of CPUs is from 0.01 upwards");
	return NULL;
}

static void set_memory(const struct container_request *r, struct spec_resources *out)
{
	out->memory.limit = r->memory;
	out->memory.reservation = r->memory_reservation;
	out->memory.swap = r->memory_swap;
	/* As Docker has it: as much swap again. */
	if (r->memory.set && r->memory.value > 0 && !r->memory_swap.set)
		out->memory.swap = (struct opt_int){ true, 2 * r->memory.value };
	if (r->memory_swappiness.set && r->memory_swappiness.value >= 0)
		out->memory.swappiness = r->memory_swappiness;
	out->memory.disable_oom_killer = r->oom_kill_disable;
}

static void add_unified(
	struct spec_resources *out, const char *key, const char *value, struct arena *a)
{
	struct text_pair *pairs = anew(a, struct text_pair, out->unified.n + 1);
	if (out->unified.n)
		memcpy(pairs, out->unified.items, out->unified.n * sizeof(*pairs));
	pairs[out->unified.n] = (struct text_pair){ key, value };
	out->unified = (struct text_map){ pairs, out->unified.n + 1 };
}

/* On v2 shares become weights in proportion, so that 512 and 1024 stay one to two. The formula of
 * runc, which bends the ratio, comes with $ONGGI_CPU_SHARES=runc. */
static void set_shares(
	const struct container_request *r, bool v2, struct arena *a, struct spec_resources *out)
{
	const char *formula = getenv("ONGGI_CPU_SHARES");
	int64_t shares = r->cpu_shares.value;
	if (!v2 || !shares || (formula && strcmp(formula, "runc") == 0)) {
		out->cpu.shares = r->cpu_shares;
		return;
	}
	int64_t weight = (shares * 100 + 512) / 1024;
	weight = weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
	add_unified(out, "cpu.weight", arena_fmt(a, "%lld", (long long)weight), a);
}

static void set_cpu(
	const struct container_request *r, bool v2, struct arena *a, struct spec_resources *out)
{
	if (r->cpu_shares.set)
		set_shares(r, v2, a, out);
	out->cpu.period = r->cpu_period;
	out->cpu.quota = r->cpu_quota;
	if (r->nano_cpus.set) {
		out->cpu.period = (struct opt_int){ true, CPU_PERIOD };
		out->cpu.quota = (struct opt_int){ true, r->nano_cpus.value / 10000 };
	}
	out->cpu.realtime_period = r->cpu_rt_period;
	out->cpu.realtime_runtime = r->cpu_rt_runtime;
	out->cpu.cpus = r->cpuset_cpus;
	out->cpu.mems = r->cpuset_mems;
}

static struct err *device_number(const char *path, dev_t *out)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return err_sys(errno, "%s", path);
	*out = st.st_rdev;
	return S_ISBLK(st.st_mode) ? NULL : err_new(ERR_USAGE, "%s is not a block device", path);
}

static struct err *set_rates(const struct list *from, struct arena *a, struct list *out)
{
	for (list_each(const struct device_rate, rate, *from)) {
		dev_t dev;
		struct err *e = device_number(rate->device, &dev);
		if (e)
			return e;
		*merge_new(out, struct spec_throttle_device, a) =
			(struct spec_throttle_device){ major(dev), minor(dev), rate->rate };
	}
	return NULL;
}

static struct err *set_io(
	const struct container_request *r, struct arena *a, struct spec_resources *out)
{
	if (r->blkio_weight.set && (r->blkio_weight.value < 10 || r->blkio_weight.value > 1000) &&
		r->blkio_weight.value)
		return err_new(ERR_USAGE, "Range of blkio weight is from 10 to 1000");
	if (r->blkio_weight.value)
		out->block_io.weight = r->blkio_weight;
	for (list_each(const struct device_rate, rate, r->blkio_weight_device)) {
		dev_t dev;
		struct err *e = device_number(rate->device, &dev);
		if (e)
			return e;
		*merge_new(&out->block_io.weight_device, struct spec_weight_device, a) =
			(struct spec_weight_device){ .major = major(dev),
				.minor = minor(dev),
				.weight = { true, rate->rate } };
	}
	struct err *e = set_rates(&r->device_read_bps, a, &out->block_io.throttle_read_bps);
	if (!e)
		e = set_rates(&r->device_write_bps, a, &out->block_io.throttle_write_bps);
	if (!e)
		e = set_rates(&r->device_read_iops, a, &out->block_io.throttle_read_iops);
	return e ? e : set_rates(&r->device_write_iops, a, &out->block_io.throttle_write_iops);
}

struct err *merge_limits(
	const struct container_request *r, bool v2, struct arena *a, struct spec_resources *out)
{
	struct err *e = check_memory(r);
	if (!e)
		e = check_cpu(r);
	if (!e)
		e = set_io(r, a, out);
	if (e)
		return e;
	out->present = true;
	set_memory(r, out);
	set_cpu(r, v2, a, out);
	if (r->pids_limit.set)
		out->pids_limit = (struct opt_int){ true,
			r->pids_limit.value > 0 ? r->pids_limit.value : -1 };
	return NULL;
}

struct err *merge_resources(struct merge *m)
{
	return merge_limits(
		m->request, m->cgroups->mode == CGROUP_V2, m->arena, &m->spec->linux.resources);
}
