#include "cgroup/devfilter.h"
#include "planner/resources_parts.h"
#include <inttypes.h>

/*
 * What every container may use, whatever its document says: it can make any node (opening it is
 * another matter), and use the usual devices, terminals, and /dev/net/tun.
 */
static const struct device_rule usual[] = {
	{ true, 'c', -1, -1, DEVICE_MKNOD }, { true, 'b', -1, -1, DEVICE_MKNOD },
	{ true, 'c', 1, 3, DEVICE_ALL },    /* null */
	{ true, 'c', 1, 5, DEVICE_ALL },    /* zero */
	{ true, 'c', 1, 7, DEVICE_ALL },    /* full */
	{ true, 'c', 1, 8, DEVICE_ALL },    /* random */
	{ true, 'c', 1, 9, DEVICE_ALL },    /* urandom */
	{ true, 'c', 5, 0, DEVICE_ALL },    /* tty */
	{ true, 'c', 5, 2, DEVICE_ALL },    /* ptmx */
	{ true, 'c', 10, 200, DEVICE_ALL }, /* net/tun */
	{ true, 'c', 136, -1, DEVICE_ALL }, /* pts */
};

static struct err *bad_rule(size_t i, const char *key, const char *found, const char *wants)
{
	return err_new(ERR_USAGE, "linux.resources.devices[%zu].%s: expected %s, found '%s'", i,
		key, wants, found);
}

static struct err *read_access(const char *text, size_t i, uint32_t *out)
{
	*out = 0;
	for (const char *c = text ? text : "rwm"; *c; c++) {
		uint32_t bit = *c == 'r'   ? DEVICE_READ
		               : *c == 'w' ? DEVICE_WRITE
		               : *c == 'm' ? DEVICE_MKNOD
		                           : 0;
		if (!bit)
			return bad_rule(i, "access", text, "letters of 'rwm'");
		*out |= bit;
	}
	return NULL;
}

static struct err *read_rule(const struct spec_device_rule *r, size_t i, struct device_rule *out)
{
	const char *type = r->type ? r->type : "a";
	if (strlen(type) != 1 || !strchr("abc", *type))
		return bad_rule(i, "type", type, "a, b or c");
	*out = (struct device_rule){ .allow = r->allow,
		.type = *type,
		.major = r->major.set ? r->major.value : -1,
		.minor = r->minor.set ? r->minor.value : -1 };
	return read_access(r->access, i, &out->access);
}

struct err *devices_rules(const struct spec_resources *r, struct arena *a, struct list *out)
{
	struct device_rule *rules = anew(a, struct device_rule, r->devices.n + ARRAY_LEN(usual));
	size_t n = 0;
	for (list_each(const struct spec_device_rule, from, r->devices)) {
		struct err *e = read_rule(from, n, &rules[n]);
		if (e)
			return e;
		n++;
	}
	memcpy(rules + n, usual, sizeof(usual));
	*out = (struct list){ rules, n + ARRAY_LEN(usual) };
	return NULL;
}

static struct err *plan_v1(const struct list *rules, const char *dir, bool optional,
	struct arena *a, struct plan_builder *out)
{
	struct devfilter_v1 v1;
	struct err *e = devfilter_lines(rules->items, rules->n, a, &v1);
	if (e)
		return e;
	const char *first = v1.allow_all ? "devices.allow" : "devices.deny";
	const char *second = v1.allow_all ? "devices.deny" : "devices.allow";
	plan_add(out, (struct op){ .kind = OP_CGROUP_SET,
			      .may_fail = optional,
			      .why = v1.allow_all ? "all devices" : "no device but",
			      .cgroup_set = { .host = dir, .file = first, .text = "a" } });
	if (*v1.lines)
		plan_add(out,
			(struct op){ .kind = OP_CGROUP_SET,
				.may_fail = optional,
				.why = v1.allow_all ? "but these" : "these devices",
				.cgroup_set = { .host = dir, .file = second, .text = v1.lines } });
	return NULL;
}

struct err *devices_plan(const struct spec_resources *r, const struct cgroup *c, bool optional,
	struct arena *a, struct plan_builder *out)
{
	const struct cgroup_dir *v1 = cgroup_dir_of(c, "devices"), *v2 = cgroup_dir_of(c, "");
	struct list rules;
	struct err *e = devices_rules(r, a, &rules);
	if (e)
		return e;
	if (v1 && !v1->in->v2)
		return plan_v1(&rules, v1->host, optional, a, out);
	if (!v2 && optional)
		return NULL;
	if (!v2)
		return err_hint(err_new(ERR_SYSTEM, "linux.resources.devices: there is no devices "
						    "controller here, so any device could be used"),
			"mount -t cgroup -o devices devices /sys/fs/cgroup/devices");
	plan_add(out, (struct op){ .kind = OP_CGROUP_DEVICES,
			      .may_fail = optional,
			      .why = "which devices it may use",
			      .cgroup_devices = {
				      v2->host, devfilter_program(rules.items, rules.n, a) } });
	return NULL;
}
