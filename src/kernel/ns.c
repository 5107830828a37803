#include "kernel/ns.h"
#include "kernel/compat.h"

const struct ns_kind ns_kinds[NS_KINDS] = {
	{ "user", "user", CLONE_NEWUSER, "own users", "another's users" },
	{ "mount", "mnt", CLONE_NEWNS, "own mounts", "another's mounts" },
	{ "pid", "pid", CLONE_NEWPID, "own processes", "another's processes" },
	{ "network", "net", CLONE_NEWNET, "own network", "another's network" },
	{ "ipc", "ipc", CLONE_NEWIPC, "own message queues and shared memory",
		"another's message queues and shared memory" },
	{ "uts", "uts", CLONE_NEWUTS, "own host name", "another's host name" },
	{ "cgroup", "cgroup", CLONE_NEWCGROUP, "own view of control groups",
		"another's view of control groups" },
	{ "time", "time", CLONE_NEWTIME, "own clocks", "another's clocks" },
};

const struct ns_kind *ns_by_type(const char *type)
{
	for (size_t i = 0; i < NS_KINDS; i++)
		if (strcmp(ns_kinds[i].type, type) == 0)
			return &ns_kinds[i];
	return NULL;
}

const struct ns_kind *ns_by_flag(uint64_t flag)
{
	for (size_t i = 0; i < NS_KINDS; i++)
		if (ns_kinds[i].flag == flag)
			return &ns_kinds[i];
	return NULL;
}
