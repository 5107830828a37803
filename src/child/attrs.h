/* attrs.h - attributes of mounts, set on a descriptor of a mount's root. */
#pragma once
#include "child/runner.h"

/* What is to change; all zero changes nothing. */
struct attrs {
	uint64_t set, clear;   /* MOUNT_ATTR_*, of the mount itself */
	uint64_t rset, rclear; /* of the mount and all below it */
	uint64_t propagation;  /* MS_SHARED ...; 0 leaves it */
	bool propagation_recursive, idmap_recursive;
	int userns; /* an id-mapped mount gets the maps of this namespace; -1 for none */
};
/* Sets them with one call, or two where something is recursive and something is not. */
int attrs_set(struct runner *r, int mount, const struct attrs *a);
