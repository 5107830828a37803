#include "base/buf.h"
#include "planner/resources_parts.h"
#include <inttypes.h>

enum ask blkio_asked(const struct spec_resources *r)
{
	size_t devices = r->block_io.weight_device.n + r->block_io.throttle_read_bps.n +
	                 r->block_io.throttle_write_bps.n + r->block_io.throttle_read_iops.n +
	                 r->block_io.throttle_write_iops.n;
	enum ask own = ask_of(r->block_io.weight), leaf = ask_of(r->block_io.leaf_weight);
	return devices ? ASKS_LIMIT : own > leaf ? own : leaf;
}

int64_t io_weight_of_blkio(int64_t weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}

static struct err *check_weight(const char *place, struct opt_int weight, struct opt_int leaf)
{
	int64_t w = limit_value(weight);
	if (limit_value(leaf))
		return err_hint(
			err_new(ERR_USAGE,
				"linux.resources.blockIO.%s: leafWeight is not supported", place),
			"Linux has no leaf weights since 5.0, when it lost the CFQ scheduler");
	if (w && (w < 10 || w > 1000))
		return err_new(ERR_USAGE,
			"linux.resources.blockIO.%s: %" PRId64 " is not a weight from 10 to 1000",
			place, w);
	return NULL;
}

static struct err *check_weights(const struct spec_resources *r)
{
	struct err *e = check_weight("weight", r->block_io.weight, r->block_io.leaf_weight);
	for (list_each(const struct spec_weight_device, d, r->block_io.weight_device)) {
		if (e)
			break;
		e = check_weight("weightDevice", d->weight, d->leaf_weight);
	}
	return e;
}

static const char *same(const struct limits *l, int64_t weight)
{
	return limit_number(l, weight, "");
}

static const char *scaled(const struct limits *l, int64_t weight)
{
	return limit_number(l, io_weight_of_blkio(weight), "");
}

/* Which schedulers the disks have decides on the file: BFQ's own, or the other one of the
 * hierarchy, which counts in another scale on v2. */
struct weight_files {
	const char *bfq, *bfq_device, *other, *other_device;
	const char *(*to_other)(const struct limits *l, int64_t weight);
};

static const char *device_weights(
	const struct limits *l, const char *(*scale)(const struct limits *l, int64_t weight))
{
	const char *lines = "";
	for (list_each(const struct spec_weight_device, d, l->r->block_io.weight_device)) {
		if (limit_value(d->weight))
			lines = arena_fmt(l->arena, "%s%s%" PRId64 ":%" PRId64 " %s", lines,
				*lines ? "\n" : "", d->major, d->minor, scale(l, d->weight.value));
	}
	return lines;
}

static void set_weights(const struct limits *l, const struct weight_files *f)
{
	int64_t weight = limit_value(l->r->block_io.weight);
	if (weight)
		limit_set_either(l, "share of the disks", f->bfq, same(l, weight), f->other,
			f->to_other(l, weight));
	const char *devices = device_weights(l, same);
	if (*devices)
		limit_set_either(l, "share of single disks", f->bfq_device, devices,
			f->other_device, device_weights(l, f->to_other));
}

/* The four kinds of throttles, in the words of v1 and v2. */
static const struct throttle {
	size_t at; /* the list in struct spec_resources */
	const char *v1_file, *v2_key, *why;
} throttles[] = {
	{ offsetof(struct spec_resources, block_io.throttle_read_bps),
		"blkio.throttle.read_bps_device", "rbps", "bytes read in a second" },
	{ offsetof(struct spec_resources, block_io.throttle_write_bps),
		"blkio.throttle.write_bps_device", "wbps", "bytes written in a second" },
	{ offsetof(struct spec_resources, block_io.throttle_read_iops),
		"blkio.throttle.read_iops_device", "riops", "reads in a second" },
	{ offsetof(struct spec_resources, block_io.throttle_write_iops),
		"blkio.throttle.write_iops_device", "wiops", "writes in a second" },
};

static const struct list *throttled(const struct limits *l, const struct throttle *t)
{
	return (const struct list *)((const char *)l->r + t->at);
}

struct err *blkio_set_v1(const struct limits *l)
{
	static const struct weight_files files = { "blkio.bfq.weight", "blkio.bfq.weight_device",
		"blkio.weight", "blkio.weight_device", same };
	struct err *e = check_weights(l->r);
	if (e)
		return e;
	set_weights(l, &files);
	for (size_t i = 0; i < ARRAY_LEN(throttles); i++) {
		const char *lines = "";
		for (list_each(const struct spec_throttle_device, d, *throttled(l, &throttles[i])))
			lines = arena_fmt(l->arena, "%s%s%" PRId64 ":%" PRId64 " %" PRId64, lines,
				*lines ? "\n" : "", d->major, d->minor, d->rate);
		if (*lines)
			limit_set(l, throttles[i].why, throttles[i].v1_file, lines);
	}
	return NULL;
}

/* On v1 a rate of 0 takes the limit away. */
static const char *rate_v2(const struct limits *l, int64_t rate)
{
	return rate ? limit_number(l, rate, "max") : "max";
}

struct err *blkio_set_v2(const struct limits *l)
{
	static const struct weight_files files = { "io.bfq.weight", "io.bfq.weight", "io.weight",
		"io.weight", scaled };
	struct err *e = check_weights(l->r);
	if (e)
		return e;
	set_weights(l, &files);
	const char *lines = "";
	for (size_t i = 0; i < ARRAY_LEN(throttles); i++) {
		for (list_each(const struct spec_throttle_device, d, *throttled(l, &throttles[i])))
			lines = arena_fmt(l->arena, "%s%s%" PRId64 ":%" PRId64 " %s=%s", lines,
				*lines ? "\n" : "", d->major, d->minor, throttles[i].v2_key,
				rate_v2(l, d->rate));
	}
	if (*lines)
		limit_set(l, "limits of single disks", "io.max", lines);
	return NULL;
}
