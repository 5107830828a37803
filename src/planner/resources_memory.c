#include "planner/resources_parts.h"
#include <inttypes.h>

enum ask memory_asked(const struct spec_resources *r)
{
	const struct opt_int *const limits[] = { &r->memory.limit, &r->memory.swap,
		&r->memory.reservation };
	if (r->memory.swappiness.set || r->memory.disable_oom_killer.value)
		return ASKS_LIMIT;
	enum ask most = r->memory.disable_oom_killer.set ? ASKS_NO_LIMIT : ASKS_NOTHING;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (ask_of(*limits[i]) > most)
			most = ask_of(*limits[i]);
	return most;
}

/* Memory and swap together can't be less than memory alone. */
static struct err *check_pair(int64_t memory, int64_t both)
{
	if (both <= 0 || memory <= 0 || both >= memory)
		return NULL;
	return err_new(ERR_USAGE,
		"linux.resources.memory: memory+swap limit should be >= memory limit, but swap is "
		"%" PRId64 " and limit %" PRId64,
		both, memory);
}

static struct err *swap_alone(void)
{
	return err_hint(
		err_new(ERR_USAGE,
			"linux.resources.memory: unable to set swap limit without memory limit"),
		"swap is the limit of memory and swap together: give limit as well");
}

/*
 * The limit of both may never be less than that of memory. Lowering, memory goes first; raising,
 * both. An update does not know which it is: it tries both first, which the kernel refuses where
 * the other order is right.
 */
static void set_pair_v1(const struct limits *l, int64_t memory, int64_t both)
{
	static const char both_file[] = "memory.memsw.limit_in_bytes";
	static const char memory_file[] = "memory.limit_in_bytes";
	bool implied =
		memory < 0 && both == 0; /* without a limit of memory there is none of both */
	const char *text = limit_number(l, implied ? -1 : both, "-1");
	if (l->update && memory && (both || implied))
		limit_try(l, "memory and swap, if raised", both_file, text);
	if (memory)
		limit_set(l, "memory limit", memory_file, limit_number(l, memory, "-1"));
	if (both)
		limit_set(l, "memory and swap limit", both_file, text);
	else if (implied)
		limit_try(l, "memory and swap limit", both_file, text);
}

struct err *memory_set_v1(const struct limits *l)
{
	int64_t memory = limit_value(l->r->memory.limit), both = limit_value(l->r->memory.swap);
	int64_t reserved = limit_value(l->r->memory.reservation);
	struct opt_bool oom = l->r->memory.disable_oom_killer;
	struct err *e = check_pair(memory, both);
	if (!e && both > 0 && (memory < 0 || (memory == 0 && !l->update)))
		e = swap_alone();
	if (e)
		return e;
	set_pair_v1(l, memory, both);
	if (reserved)
		limit_set(l, "memory it keeps under pressure", "memory.soft_limit_in_bytes",
			limit_number(l, reserved, "-1"));
	if (l->r->memory.swappiness.set)
		limit_set(l, "readiness to swap", "memory.swappiness",
			limit_number(l, l->r->memory.swappiness.value, "60"));
	if (oom.value || (oom.set && l->update))
		limit_set(l, "what happens when memory is exhausted", "memory.oom_control",
			oom.value ? "1" : "0");
	return NULL;
}

struct err *memory_swap_of(int64_t memory, int64_t both, int64_t *out)
{
	if (both > 0 && memory <= 0)
		return swap_alone();
	*out = both > 0 ? both - memory : both < 0 || memory < 0 ? -1 : -2;
	return check_pair(memory, both);
}

/* A kernel that has no swap has no file to say "no limit" or "none at all" to. */
static void set_swap_v2(const struct limits *l, int64_t swap)
{
	const char *text = limit_number(l, swap, "max");
	if (swap <= 0)
		limit_try(l, "swap limit", "memory.swap.max", text);
	else
		limit_set(l, "swap limit", "memory.swap.max", text);
}

struct err *memory_set_v2(const struct limits *l)
{
	int64_t memory = limit_value(l->r->memory.limit), swap;
	int64_t reserved = limit_value(l->r->memory.reservation);
	struct err *e = memory_swap_of(memory, limit_value(l->r->memory.swap), &swap);
	if (e)
		return e;
	if (swap > -2)
		set_swap_v2(l, swap);
	if (memory)
		limit_set(l, "memory limit", "memory.max", limit_number(l, memory, "max"));
	if (reserved)
		limit_set(l, "memory it keeps under pressure", "memory.low",
			limit_number(l, reserved, "max"));
	return NULL;
}
