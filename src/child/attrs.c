#include "child/attrs.h"

static bool changes_something(const struct mount_attr *a)
{
	return a->attr_set || a->attr_clr || a->propagation;
}

static int set_once(struct runner *r, int mount, const struct mount_attr *a, unsigned int flags)
{
	if (!changes_something(a))
		return 0;
	return (int)sys_mount_setattr(&r->sys, mount, "", AT_EMPTY_PATH | flags, a);
}

int attrs_set(struct runner *r, int mount, const struct attrs *a)
{
	struct mount_attr one = { .attr_set = a->set, .attr_clr = a->clear };
	struct mount_attr all = { .attr_set = a->rset, .attr_clr = a->rclear };
	struct mount_attr *mapped = a->idmap_recursive ? &all : &one;
	if (a->userns >= 0) {
		mapped->attr_set |= MOUNT_ATTR_IDMAP;
		mapped->userns_fd = (unsigned int)a->userns;
	}
	(a->propagation_recursive ? &all : &one)->propagation = a->propagation;
	int failed = set_once(r, mount, &one, 0);
	return failed < 0 ? failed : set_once(r, mount, &all, AT_RECURSIVE);
}
