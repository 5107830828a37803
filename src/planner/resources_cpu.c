#include "planner/resources_parts.h"
#include <inttypes.h>
#include <math.h>

enum ask cpu_asked(const struct spec_resources *r)
{
	const struct opt_int *const limits[] = { &r->cpu.shares, &r->cpu.quota, &r->cpu.burst,
		&r->cpu.idle, &r->cpu.realtime_runtime, &r->cpu.realtime_period };
	enum ask most = r->cpu.period.set ? ASKS_NO_LIMIT : ASKS_NOTHING;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (ask_of(*limits[i]) > most)
			most = ask_of(*limits[i]);
	return most;
}

enum ask cpuset_asked(const struct spec_resources *r)
{
	return r->cpu.cpus || r->cpu.mems ? ASKS_LIMIT : ASKS_NOTHING;
}

/* "0-3,7" and nothing else; which numbers there are the kernel knows. */
static struct err *check_list(const char *list, const char *place)
{
	if (list && list[strspn(list, "0123456789,-")])
		return err_new(ERR_USAGE,
			"linux.resources.cpu.%s: expected a list such as 0-3,7, found '%s'", place,
			list);
	return NULL;
}

struct err *cpuset_set(const struct limits *l)
{
	const char *cpus = l->r->cpu.cpus, *mems = l->r->cpu.mems;
	struct err *e = check_list(cpus, "cpus");
	if (!e)
		e = check_list(mems, "mems");
	if (!e && cpus)
		limit_set(l, "its processors", "cpuset.cpus", cpus);
	if (!e && mems)
		limit_set(l, "its memory nodes", "cpuset.mems", mems);
	return e;
}

static struct err *bad_value(const char *key, int64_t value, const char *wants)
{
	return err_new(
		ERR_USAGE, "linux.resources.cpu.%s: %" PRId64 " is not %s", key, value, wants);
}

static struct err *check_cpu(const struct spec_resources *r)
{
	int64_t shares = limit_value(r->cpu.shares), quota = limit_value(r->cpu.quota);
	int64_t period = limit_value(r->cpu.period), burst = limit_value(r->cpu.burst);
	if (shares < 0)
		return bad_value("shares", shares, "a share");
	if (period && (period < 1000 || period > 1'000'000))
		return bad_value("period", period, "between 1000 and 1000000 microseconds");
	if (quota > 0 && quota < 1000)
		return bad_value("quota", quota, "at least 1000 microseconds");
	if (burst < 0 || (quota > 0 && burst > quota))
		return bad_value("burst", burst, "between 0 and the quota");
	return NULL;
}

int64_t cpu_weight_of_shares(int64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262'144)
		return 10'000;
	double l = log2((double)shares);
	return (int64_t)ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34));
}

/* An idle group has the least weight there is and takes no other; one that is to be idle no longer
 * gets the usual weight by that. */
static void set_weight(const struct limits *l, const char *file, const char *text)
{
	if (l->r->cpu.idle.set)
		limit_set(l, "runs only when nobody else does", "cpu.idle",
			limit_number(l, l->r->cpu.idle.value, "0"));
	if (text && l->r->cpu.idle.value != 1)
		limit_set(l, "share of the processors", file, text);
}

static const char *text_of(const struct limits *l, struct opt_int o)
{
	return limit_value(o) ? limit_number(l, o.value, "-1") : NULL;
}

struct share {
	const char *period_file, *period_why, *time_file, *time_why;
};

/* Time in a period may not be more than the parent's part of it. Which of the two may be written
 * first depends on what they were: an update tries the period, and writes it again at the end. */
static void set_share_v1(
	const struct limits *l, const struct share *s, struct opt_int period, struct opt_int time)
{
	const char *period_text = text_of(l, period), *time_text = text_of(l, time);
	bool twice = period_text && time_text && l->update;
	if (twice)
		limit_try(l, s->period_why, s->period_file, period_text);
	else if (period_text)
		limit_set(l, s->period_why, s->period_file, period_text);
	if (time_text)
		limit_set(l, s->time_why, s->time_file, time_text);
	if (twice)
		limit_set(l, s->period_why, s->period_file, period_text);
}

static void set_quota_v1(const struct limits *l)
{
	static const struct share quota = { "cpu.cfs_period_us", "period of the quota",
		"cpu.cfs_quota_us", "processor time in a period" };
	set_share_v1(l, &quota, l->r->cpu.period, l->r->cpu.quota);
}

/* A burst may not be more than the quota: it is written last, and before a quota that is lowered.
 */
static void set_burst(
	const struct limits *l, const char *file, void (*set_quota)(const struct limits *l))
{
	static const char why[] = "time it may save up for bursts";
	struct opt_int burst = l->r->cpu.burst;
	const char *text = burst.set ? limit_number(l, burst.value, "0") : NULL;
	if (text && l->update)
		limit_try(l, why, file, text);
	set_quota(l);
	if (text)
		limit_set(l, why, file, text);
}

struct err *cpu_set_v1(const struct limits *l)
{
	static const struct share realtime = { "cpu.rt_period_us", "period of real-time",
		"cpu.rt_runtime_us", "real-time in a period" };
	int64_t shares = limit_value(l->r->cpu.shares);
	struct err *e = check_cpu(l->r);
	if (!e && (shares == 1 || shares > 262'144))
		e = bad_value("shares", shares,
			"possible: the minimum allowed cpu-shares is 2, the maximum 262144");
	if (e)
		return e;
	set_share_v1(l, &realtime, l->r->cpu.realtime_period, l->r->cpu.realtime_runtime);
	set_weight(l, "cpu.shares", text_of(l, l->r->cpu.shares));
	set_burst(l, "cpu.cfs_burst_us", set_quota_v1);
	return NULL;
}

static void set_quota_v2(const struct limits *l)
{
	int64_t quota = limit_value(l->r->cpu.quota), period = limit_value(l->r->cpu.period);
	const char *text = quota > 0 ? limit_number(l, quota, "max") : "max";
	if (period)
		text = arena_fmt(l->arena, "%s %" PRId64, text, period);
	if (quota || period)
		limit_set(l, "processor time in a period", "cpu.max", text);
}

struct err *cpu_set_v2(const struct limits *l)
{
	int64_t shares = limit_value(l->r->cpu.shares);
	struct err *e = check_cpu(l->r);
	if (!e &&
		(limit_value(l->r->cpu.realtime_runtime) || limit_value(l->r->cpu.realtime_period)))
		e = err_hint(err_new(ERR_USAGE,
				     "linux.resources.cpu: realtimeRuntime and realtimePeriod are "
				     "not supported on cgroup v2"),
			"Linux has real-time limits of groups on v1 only: leave them out");
	if (e)
		return e;
	set_weight(l, "cpu.weight",
		shares ? limit_number(l, cpu_weight_of_shares(shares), "100") : NULL);
	set_burst(l, "cpu.max.burst", set_quota_v2);
	return NULL;
}
