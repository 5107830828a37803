/* hosts.h - for drivers: a container's group on a host with v2, and on one with v1. */
#pragma once
#include "base/attr.h"
#include "cgroup/cgroup.h"

static const struct cgroup_hierarchy hierarchies[] = {
	{ "/cg", "cpuset cpu io memory hugetlb pids rdma misc", .v2 = true, "/", "/" },
	{ "/1/cpu", "cpu,cpuacct", .root = "/", .own = "/" },
	{ "/1/cpuset", "cpuset", .root = "/", .own = "/" },
	{ "/1/memory", "memory", .root = "/", .own = "/" },
	{ "/1/devices", "devices", .root = "/", .own = "/" },
	{ "/1/blkio", "blkio", .root = "/", .own = "/" },
	{ "/1/pids", "pids", .root = "/", .own = "/" },
	{ "/1/net", "net_cls,net_prio", .root = "/", .own = "/" },
	{ "/1/hugetlb", "hugetlb", .root = "/", .own = "/" },
	{ "/1/rdma", "rdma", .root = "/", .own = "/" },
};

static struct cgroup_dir dirs[] = {
	{ &hierarchies[0], "/cg/g/web", "/g/web" },
	{ &hierarchies[1], "/1/cpu/g/web", "/g/web" },
	{ &hierarchies[2], "/1/cpuset/g/web", "/g/web" },
	{ &hierarchies[3], "/1/memory/g/web", "/g/web" },
	{ &hierarchies[4], "/1/devices/g/web", "/g/web" },
	{ &hierarchies[5], "/1/blkio/g/web", "/g/web" },
	{ &hierarchies[6], "/1/pids/g/web", "/g/web" },
	{ &hierarchies[7], "/1/net/g/web", "/g/web" },
	{ &hierarchies[8], "/1/hugetlb/g/web", "/g/web" },
	{ &hierarchies[9], "/1/rdma/g/web", "/g/web" },
};

static const struct cgroup group_v2 = { .mode = CGROUP_V2, .dirs = { dirs, 1 } };
static const struct cgroup group_v1 = { .mode = CGROUP_V1,
	.dirs = { dirs + 1, ARRAY_LEN(dirs) - 1 } };
