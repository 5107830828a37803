/*
 * resources_parts.h - linux.resources, controller by controller.
 *
 * Each controller has a row (resources_parts.c): how v1 and v2 call it, whether a document asks
 * something of it, and its limits as writes to the files of either. An order of writes that suits a
 * new group may be wrong for one with limits already: where two files depend on each other, an
 * update first tries what is right for raising them.
 */
#pragma once
#include "cgroup/cgroup.h"
#include "plan/plan.h"
#include "spec/spec.h"

/* Where the writes of one controller go. */
struct limits {
	const struct spec_resources *r;
	const char *dir; /* the group's directory that has the controller's files */
	bool update;
	struct arena *arena;
	struct plan_builder *out;
};

/* What a document asks of a controller. */
enum ask {
	ASKS_NOTHING,
	ASKS_NO_LIMIT, /* that there be no limit: fine where there is no controller */
	ASKS_LIMIT,
};

struct controller {
	const char *v1, *v2; /* NULL: there is none */
	const char *place;   /* "linux.resources.memory" */
	const char *missing; /* hint where this host does not have it */
	enum ask (*asked)(const struct spec_resources *r);
	struct err *(*set_v1)(const struct limits *l);
	struct err *(*set_v2)(const struct limits *l);
};
extern const struct controller controllers[];
extern const size_t n_controllers;

/* Appends a write of @text to @file; @why is its purpose. */
void limit_set(const struct limits *l, const char *why, const char *file, const char *text);
/* The same; that it fails is passed over. */
void limit_try(const struct limits *l, const char *why, const char *file, const char *text);
/* Where @file is not there, @or_text goes to @or_file. */
void limit_set_either(const struct limits *l, const char *why, const char *file, const char *text,
	const char *or_file, const char *or_text);
/* A number as text; a negative one, "no limit", is @unlimited. */
const char *limit_number(const struct limits *l, int64_t n, const char *unlimited);

/* ASKS_LIMIT for a positive value, ASKS_NO_LIMIT for another that is there. */
static inline enum ask ask_of(struct opt_int o)
{
	return !o.set ? ASKS_NOTHING : o.value > 0 ? ASKS_LIMIT : ASKS_NO_LIMIT;
}

/* The value of a limit; absent is 0, which stands for "leave it". */
static inline int64_t limit_value(struct opt_int o)
{
	return o.set ? o.value : 0;
}

/* The sets of each controller, in resources_memory.c, resources_cpu.c, resources_io.c and
 * resources_parts.c. */
[[nodiscard]] struct err *memory_set_v1(const struct limits *l);
[[nodiscard]] struct err *memory_set_v2(const struct limits *l);
enum ask memory_asked(const struct spec_resources *r);
[[nodiscard]] struct err *cpu_set_v1(const struct limits *l);
[[nodiscard]] struct err *cpu_set_v2(const struct limits *l);
enum ask cpu_asked(const struct spec_resources *r);
[[nodiscard]] struct err *cpuset_set(const struct limits *l);
enum ask cpuset_asked(const struct spec_resources *r);
[[nodiscard]] struct err *blkio_set_v1(const struct limits *l);
[[nodiscard]] struct err *blkio_set_v2(const struct limits *l);
enum ask blkio_asked(const struct spec_resources *r);

/* cpu.shares to cpu.weight: 1024 is 100, and both ends meet. */
int64_t cpu_weight_of_shares(int64_t shares);
/* memory.swap.max of memory and memory+swap as v1 counts them; -1 for no limit, -2 for nothing
 * said. */
[[nodiscard]] struct err *memory_swap_of(int64_t memory, int64_t both, int64_t *out);
/* blkio weights (10 to 1000) to io.weight (1 to 10000). */
int64_t io_weight_of_blkio(int64_t weight);

/* The document's device rules, then those of the devices that every container may use: a list of
 * struct device_rule. */
[[nodiscard]] struct err *devices_rules(
	const struct spec_resources *r, struct arena *a, struct list *out);
/* The device rules of a new group as operations. @optional: whoever may not set them goes without.
 */
[[nodiscard]] struct err *devices_plan(const struct spec_resources *r, const struct cgroup *c,
	bool optional, struct arena *a, struct plan_builder *out);
