/*
 * probe.h - facts about the running kernel and this process, read once before planning, so that
 * no decision is left to the launch itself.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

struct host_facts {
	uint32_t uid, gid;      /* effective */
	uint64_t bounding;      /* capabilities that can be given at all */
	uint64_t permitted;     /* capabilities this process has */
	int last_capability;    /* the kernel's highest */
	bool initial_userns;    /* this process is in the host's user namespace */
	bool can_mount;         /* CAP_SYS_ADMIN here: mount trees can be cloned by the parent */
	bool apparmor, selinux; /* in force */
	bool kcore;             /* there is a /proc/kcore */
	struct {
		uint64_t soft, hard; /* all ones: no limit */
	} rlimits[RLIM_NLIMITS];     /* this process's, by RLIMIT_ number */
};

/* True in the host's user namespace. */
bool probe_initial_userns(void);

/* Reads them: a handful of system calls, nothing is tried out. */
[[nodiscard]] struct err *probe_host(struct host_facts *out);
