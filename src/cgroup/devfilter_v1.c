#include "base/buf.h"
#include "cgroup/devfilter.h"
#include <inttypes.h>

/* What the kernel keeps for a group: a default, and exceptions from it. */
struct exceptions {
	bool allow_all;
	struct device_rule *items; /* .allow is not used */
	size_t n;
};

static void show(struct buf *out, const struct device_rule *r)
{
	buf_add(out, "%c ", r->type);
	buf_add(out, r->major < 0 ? "*:" : "%" PRId64 ":", r->major);
	buf_add(out, r->minor < 0 ? "*" : "%" PRId64, r->minor);
	buf_add(out, " %s%s%s", r->access & DEVICE_READ ? "r" : "",
		r->access & DEVICE_WRITE ? "w" : "", r->access & DEVICE_MKNOD ? "m" : "");
}

static bool same_device(const struct device_rule *x, const struct device_rule *y)
{
	return x->type == y->type && x->major == y->major && x->minor == y->minor;
}

static void add(struct exceptions *x, const struct device_rule *r)
{
	for (size_t i = 0; i < x->n; i++)
		if (same_device(&x->items[i], r)) {
			x->items[i].access |= r->access;
			return;
		}
	x->items[x->n++] = *r;
}

static bool covers(const struct device_rule *r, const struct device_rule *x)
{
	return r->type == x->type && (r->major < 0 || r->major == x->major) &&
	       (r->minor < 0 || r->minor == x->minor);
}

static bool meets(int64_t x, int64_t y)
{
	return x < 0 || y < 0 || x == y;
}

static struct err *cannot_express(const struct device_rule *r, const struct device_rule *x)
{
	cleanup(buf_done) struct buf rule = {}, other = {};
	show(&rule, r);
	show(&other, x);
	return err_hint(err_new(ERR_USAGE,
				"the device rule '%s %s' makes an exception from '%s %s', which "
				"control group v1 can't express",
				r->allow ? "allow" : "deny", buf_text(&rule),
				r->allow ? "deny" : "allow", buf_text(&other)),
		"name the devices one by one, or use control group v2");
}

/* Takes back what earlier rules said; exceptions from exceptions there are none. */
static struct err *take_back(struct exceptions *x, const struct device_rule *r)
{
	size_t kept = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct device_rule *e = &x->items[i];
		if (covers(r, e))
			e->access &= ~r->access;
		else if (r->type == e->type && meets(r->major, e->major) &&
			 meets(r->minor, e->minor) && (e->access & r->access))
			return cannot_express(r, e);
		if (e->access)
			x->items[kept++] = *e;
	}
	x->n = kept;
	return NULL;
}

static struct err *apply(struct exceptions *x, struct device_rule r)
{
	if (r.allow == x->allow_all)
		return take_back(x, &r);
	add(x, &r);
	return NULL;
}

static struct err *apply_any(struct exceptions *x, struct device_rule r)
{
	if (r.access == DEVICE_ALL && r.major < 0 && r.minor < 0) {
		x->allow_all = r.allow;
		x->n = 0;
		return NULL;
	}
	r.type = 'b';
	struct err *e = apply(x, r);
	r.type = 'c';
	return e ? e : apply(x, r);
}

struct err *devfilter_lines(
	const struct device_rule *rules, size_t n, struct arena *a, struct devfilter_v1 *out)
{
	struct exceptions x = { .items = anew(a, struct device_rule, n * 2) };
	for (size_t i = 0; i < n; i++) {
		struct err *e = NULL;
		if (rules[i].access)
			e = rules[i].type == 'a' ? apply_any(&x, rules[i]) : apply(&x, rules[i]);
		if (e)
			return e;
	}
	cleanup(buf_done) struct buf lines = {};
	for (size_t i = 0; i < x.n; i++) {
		buf_add(&lines, i ? "\n" : "");
		show(&lines, &x.items[i]);
	}
	*out = (struct devfilter_v1){ x.allow_all, arena_str(a, str_of(buf_text(&lines))) };
	return NULL;
}
