#include "base/bitlist.h"
#include "kernel/compat.h"
#include "kernel/ns.h"
#include "kernel/sched.h"
#include "spec/mount_opts.h"
#include "spec/spec_check.h"
#include "spec/sysctl.h"
#include <net/if.h>

struct spec_namespaces spec_namespaces(const struct spec *s)
{
	struct spec_namespaces out = {};
	for (list_each(const struct spec_namespace, n, s->linux.namespaces)) {
		const struct ns_kind *kind = ns_by_type(n->type);
		uint64_t flag = kind ? kind->flag : 0;
		out.listed |= flag;
		out.joined |= n->path ? flag : 0;
	}
	return out;
}

static struct err *check_namespace(const struct spec_namespace *n, uint64_t *seen)
{
	const struct ns_kind *kind = ns_by_type(n->type);
	if (!kind)
		return err_new(ERR_USAGE, "type: namespace '%s' does not exist", n->type);
	if (*seen & kind->flag)
		return err_new(ERR_USAGE, "type: duplicated ns '%s'", n->type);
	if (n->path && n->path[0] != '/')
		return err_new(ERR_USAGE, "path: '%s' is not an absolute path", n->path);
	*seen |= kind->flag;
	return NULL;
}

static struct err *check_namespaces(const struct spec *s)
{
	uint64_t seen = 0;
	size_t i = 0;
	for (list_each(const struct spec_namespace, n, s->linux.namespaces)) {
		struct err *e = check_namespace(n, &seen);
		if (e)
			return spec_check_at(e, "linux.namespaces[%zu]", i);
		i++;
	}
	return NULL;
}

static bool overlap(int64_t a, int64_t b, const struct spec_idmap *x, const struct spec_idmap *y)
{
	return a < b + y->size && b < a + x->size;
}

static struct err *check_range(const struct list *map, const struct spec_idmap *r)
{
	enum { ID_END = 0xffffffff };
	if (r->size < 1)
		return err_new(ERR_USAGE, "size: %lld is not over zero", (long long)r->size);
	if (r->container + r->size > ID_END || r->host + r->size > ID_END)
		return err_new(ERR_USAGE, "the range ends after the highest id");
	for (list_each(const struct spec_idmap, before, *map)) {
		if (before == r)
			break;
		if (overlap(r->container, before->container, r, before) ||
			overlap(r->host, before->host, r, before))
			return err_new(ERR_USAGE, "the range overlaps one before it");
	}
	return NULL;
}

struct err *spec_check_idmap(const struct list *map)
{
	enum { EXTENTS_MAX = 340 }; /* UID_GID_MAP_MAX_EXTENTS of the kernel */
	size_t i = 0;
	if (map->n > EXTENTS_MAX)
		return err_new(ERR_USAGE, "more than %d ranges", EXTENTS_MAX);
	for (list_each(const struct spec_idmap, r, *map)) {
		struct err *e = check_range(map, r);
		if (e)
			return err_wrap(e, "range %zu", i + 1);
		i++;
	}
	return NULL;
}

static struct err *check_maps(const struct spec *s)
{
	const struct spec_linux *l = &s->linux;
	struct spec_namespaces ns = spec_namespaces(s);
	bool mapped = l->uid_mappings.n || l->gid_mappings.n;
	if (mapped && !(ns.listed & CLONE_NEWUSER))
		return err_hint(err_new(ERR_USAGE, "User namespace mappings specified, but USER "
						   "namespace isn't enabled in the config"),
			"add { \"type\": \"user\" } to linux.namespaces");
	bool made = ns.listed & ~ns.joined & CLONE_NEWUSER;
	if (made && (!l->uid_mappings.n || !l->gid_mappings.n))
		return err_new(ERR_USAGE, "a new user namespace needs %s",
			l->uid_mappings.n ? "gidMappings" : "uidMappings");
	struct err *e = spec_check_idmap(&l->uid_mappings);
	if (e)
		return err_wrap(e, "linux.uidMappings");
	e = spec_check_idmap(&l->gid_mappings);
	return e ? err_wrap(e, "linux.gidMappings") : NULL;
}

static struct err *check_time(const struct spec *s)
{
	struct spec_namespaces ns = spec_namespaces(s);
	if (!s->linux.time_offsets.monotonic.present && !s->linux.time_offsets.boottime.present)
		return NULL;
	if (!(ns.listed & CLONE_NEWTIME))
		return err_new(ERR_USAGE, "time namespace offsets specified, but time namespace "
					  "isn't enabled in the config");
	if (ns.joined & CLONE_NEWTIME)
		return err_new(ERR_USAGE, "linux.timeOffsets: those of a time namespace that is "
					  "joined can't be changed");
	return NULL;
}

static struct err *check_paths(const struct spec *s)
{
	const struct spec_linux *l = &s->linux;
	if ((!l->masked_paths.n && !l->readonly_paths.n) || spec_namespaces(s).listed & CLONE_NEWNS)
		return NULL;
	return err_new(ERR_USAGE, "unable to restrict sys entries without a private MNT namespace");
}

static struct err *check_propagation(const struct spec *s)
{
	const char *word = s->linux.rootfs_propagation;
	if (!word || mount_opts_propagation(word))
		return NULL;
	return err_new(ERR_USAGE, "linux: rootfsPropagation=%s is not supported", word);
}

/* A device node's type: character, unbuffered character, block, FIFO. */
static struct err *check_device(const struct spec_device *d)
{
	if (strlen(d->type) != 1 || !strchr("cubp", d->type[0]))
		return err_new(ERR_USAGE, "type: '%s' is none of c, u, b, p", d->type);
	if (d->path[0] != '/')
		return err_new(ERR_USAGE, "path: '%s' is not an absolute path", d->path);
	return NULL;
}

static struct err *check_devices(const struct spec *s)
{
	size_t i = 0;
	for (list_each(const struct spec_device, d, s->linux.devices)) {
		struct err *e = check_device(d);
		if (e)
			return spec_check_at(e, "linux.devices[%zu]", i);
		i++;
	}
	return NULL;
}

static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' && *value != '\t')
			return true;
	return false;
}

static struct err *check_sysctl(const struct spec *s, const struct text_pair *pair)
{
	cleanup(arena_done) struct arena a = {};
	const char *path;
	struct err *e = sysctl_path(pair->key, &a, &path);
	if (e)
		return e;
	if (has_control(pair->value))
		return err_new(
			ERR_USAGE, "sysctl \"%s\": a control character in its value", pair->key);
	uint64_t owner = sysctl_owner(path);
	if (!owner || !(spec_namespaces(s).listed & owner))
		return sysctl_foreign(pair->key, owner);
	if (strcmp(path, "sys/kernel/hostname") == 0)
		return err_new(ERR_USAGE,
			"sysctl \"%s\" is not allowed as it conflicts with the OCI \"hostname\" "
			"field",
			pair->key);
	return NULL;
}

static struct err *check_sysctls(const struct spec *s)
{
	for (size_t i = 0; i < s->linux.sysctl.n; i++) {
		struct err *e = check_sysctl(s, &s->linux.sysctl.items[i]);
		if (e)
			return err_wrap(e, "linux.sysctl");
	}
	return NULL;
}

/* What the kernel takes as the name of an interface: dev_valid_name(). */
static bool is_interface(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n < IFNAMSIZ && !strpbrk(name, "/: \t\n\v\f\r") && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static const char *name_inside(const struct spec_net_device *d)
{
	return d->name ? d->name : d->host;
}

static struct err *check_net_device(const struct spec *s, const struct spec_net_device *d)
{
	if (!is_interface(d->host) || !is_interface(name_inside(d)))
		return err_new(ERR_USAGE, "'%s' can't be the name of an interface",
			is_interface(d->host) ? name_inside(d) : d->host);
	for (list_each(const struct spec_net_device, other, s->linux.net_devices)) {
		if (other == d)
			break;
		if (strcmp(name_inside(other), name_inside(d)) == 0)
			return err_new(
				ERR_USAGE, "two interfaces would be called '%s'", name_inside(d));
	}
	return NULL;
}

static struct err *check_net_devices(const struct spec *s)
{
	if (s->linux.net_devices.n && !(spec_namespaces(s).listed & CLONE_NEWNET))
		return err_new(ERR_USAGE,
			"linux.netDevices: unable to move network devices without a "
			"private NET namespace");
	for (list_each(const struct spec_net_device, d, s->linux.net_devices)) {
		struct err *e = check_net_device(s, d);
		if (e)
			return err_wrap(e, "linux.netDevices");
	}
	return NULL;
}

static struct err *check_personality(const struct spec *s)
{
	const struct spec_personality *p = &s->linux.personality;
	if (!p->present || words_find(&personality_domains, str_of(p->domain)))
		return NULL;
	return err_new(
		ERR_USAGE, "linux.personality.domain: '%s' is not LINUX or LINUX32", p->domain);
}

static struct err *check_memory_policy(const struct spec *s)
{
	const struct spec_memory_policy *p = &s->linux.memory_policy;
	if (!p->present)
		return NULL;
	cleanup(arena_done) struct arena a = {};
	struct bytes nodes;
	uint64_t flags;
	struct err *e = NULL;
	if (!words_find(&mempolicy_modes, str_of(p->mode)))
		e = err_new(ERR_USAGE, "'%s' is not a memory policy", p->mode);
	if (!e)
		e = words_or(&mempolicy_flags, &p->flags, "flag", &flags);
	if (!e && p->nodes)
		e = bitlist_parse(str_of(p->nodes), &a, &nodes);
	return e ? err_wrap(e, "linux.memoryPolicy") : NULL;
}

/* The name becomes a directory of resctrl. */
static struct err *check_rdt(const struct spec *s)
{
	const char *id = s->linux.intel_rdt.clos_id;
	if (!id || strcmp(id, "/") == 0) /* the group of all that is in no other */
		return NULL;
	if (strcmp(id, ".") != 0 && strcmp(id, "..") != 0 && !strpbrk(id, "/\n"))
		return NULL;
	return err_new(ERR_USAGE, "linux: invalid intelRdt.closID '%s'", id);
}

struct err *spec_check_linux(const struct spec *s)
{
	static struct err *(*const checks[])(const struct spec *s) = {
		check_namespaces,
		check_maps,
		check_time,
		check_paths,
		check_propagation,
		check_devices,
		check_sysctls,
		check_net_devices,
		check_personality,
		check_memory_policy,
		check_rdt,
	};
	struct err *e = NULL;
	for (size_t i = 0; !e && i < ARRAY_LEN(checks); i++)
		e = checks[i](s);
	return e;
}
