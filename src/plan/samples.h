/* samples.h - for tests: one operation of every kind, with arguments that show. */
#pragma once
#include "kernel/compat.h"
#include "plan/plan.h"
#include <linux/capability.h>
#include <sys/resource.h>

static const char *const sample_argv[] = { "sh", "-c", "echo it's", NULL };
static const char *const sample_env[] = { "PATH=/usr/bin:/bin", "TERM=xterm", NULL };
static const char *const sample_params[] = { "size=64m", "mode=1777", NULL };
static const char *const sample_candidates[] = { "/usr/bin/sh", "/bin/sh", NULL };
static const char *const sample_properties[] = { "MemoryMax=t 1048576", NULL };
static const char *const sample_schemata[] = { "L3:0=f", NULL };
static const uint32_t sample_groups[] = { 10, 20 };
static const struct kernel_sched_attr sample_sched = {
	.size = 56, .policy = SCHED_BATCH, .nice = 5
};
static const unsigned char sample_cpus[] = { 0x0b };
static const unsigned char sample_nodes[] = { 0x01 };
static const uint64_t sample_filter[] = { 0x06, 0x06 };

static const struct op samples[] = {
	[OP_POST] = { .why = "ids are mapped", .sync = { STAGE_MAPPED } },
	[OP_AWAIT] = { .why = "the root is built", .sync = { STAGE_READY } },
	[OP_RECORD] = { .why = "so that nothing is left behind" },
	[OP_SCOPE] = { .why = "own unit",
		.scope = { "onggi-web.scope", "system.slice", "web", sample_properties,
			"/system.slice/onggi-web.scope" } },
	[OP_CGROUP_MAKE] = { .why = "own limits", .cgroup_make = { "/sys/fs/cgroup/pids/web" } },
	[OP_CGROUP_SET] = { .why = "limit of processes",
		.cgroup_set = { "/sys/fs/cgroup/pids/web", "pids.max", "512" } },
	[OP_CGROUP_DEVICES] = { .why = "allowed devices",
		.cgroup_devices = { "/sys/fs/cgroup/web",
			{ sample_filter, sizeof(sample_filter) } } },
	[OP_CGROUP_OWNER] = { .why = "groups of its own below",
		.cgroup_owner = { "/sys/fs/cgroup/web", 100000 } },
	[OP_OPEN] = { .why = "the network to join",
		.open = { "/run/netns/blue", O_RDONLY, SLOT_FREE } },
	[OP_CONNECT] = { .why = "who gets the terminal",
		.connect = { "/run/tty.sock", SLOT_CONSOLE } },
	[OP_GATE_MAKE] = { .why = "where start knocks",
		.connect = { "/run/onggi/web/gate", SLOT_GATE } },
	[OP_USERNS] = { .why = "owners of /data",
		.id_map = { "0 1000 1\n", "0 1000 1\n", SLOT_FREE + 1 } },
	[OP_CLONE] = { .why = "the container's process",
		.clone = { CLONE_NEWNS | CLONE_NEWPID | CLONE_INTO_CGROUP } },
	[OP_TAKE_PID] = { .why = "the process inside" },
	[OP_ID_MAP] = { .why = "who is who",
		.id_map = { "0 100000 65536\n", "0 100000 65536\n", .deny_setgroups = true } },
	[OP_OOM_SCORE] = { .why = "when memory is short", .number = { 500 } },
	[OP_NET_DEVICE] = { .why = "own interface", .net_device = { "eth1", "lan" } },
	[OP_RDT] = { .why = "share of the cache",
		.rdt = { "/sys/fs/resctrl/web", sample_schemata, true,
			"/sys/fs/resctrl/web/mon_groups/web" } },
	[OP_HOOK] = { .why = "what the caller adds",
		.hook = { "createRuntime", "/usr/bin/hook", sample_argv, sample_env, 5 } },
	[OP_COMMIT] = { .why = "the container exists" },
	[OP_PID_FILE] = { .why = "for the caller", .path = { "/run/web.pid" } },
	[OP_SOURCE] = { .why = "/data of the host",
		.source = { "/srv/data", SLOT_FREE + 2, NO_SLOT, .recursive = true,
			.set = MOUNT_ATTR_RDONLY } },
	[OP_UNDUMPABLE] = { .why = "nobody looks in" },
	[OP_JOIN_CGROUP] = { .why = "under its limits", .ns = { SLOT_FREE + 3 } },
	[OP_SETNS] = { .why = "the other's network", .ns = { SLOT_FREE, CLONE_NEWNET } },
	[OP_UNSHARE] = { .why = "own mounts", .ns = { NO_SLOT, CLONE_NEWNS | CLONE_NEWUTS } },
	[OP_REFORK] = { .why = "born inside", .clone = { CLONE_NEWPID } },
	[OP_BECOME_ROOT] = { .why = "may set up the rest" },
	[OP_SESSION] = { .why = "apart from the caller's terminal" },
	[OP_KEYRING] = { .why = "own keys", .text = { "_ses.web" } },
	[OP_LOOPBACK] = { .why = "the container reaches itself" },
	[OP_PROPAGATE] = { .why = "mounts stay inside", .propagate = { false, true, MS_SLAVE } },
	[OP_ROOT] = { .why = "its files", .root = { "/srv/web/rootfs", NO_SLOT } },
	[OP_PROC_OPEN] = { .why = "a /proc nobody tampered with" },
	[OP_PROC_WRITE] = { .why = "sysctl", .proc_write = { "sys/net/ipv4/ip_forward", "1" } },
	[OP_MOUNT] = { .why = "private /tmp",
		.mount = { "tmpfs", "tmpfs", sample_params, "/tmp", NO_SLOT,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV } },
	[OP_ATTACH] = { .why = "/data of the host", .attach = { SLOT_FREE + 2, "data" } },
	[OP_ATTR] = { .why = "read-only root", .attr = { "", .set = MOUNT_ATTR_RDONLY } },
	[OP_DEVICE] = { .why = "default device", .device = { "dev/null", S_IFCHR | 0666, 1, 3 } },
	[OP_SYMLINK] = { .why = "standard link", .symlink = { "dev/fd", "/proc/self/fd" } },
	[OP_MASK] = { .why = "not the container's business", .inside = { "/proc/kcore" } },
	[OP_READONLY] = { .why = "not the container's to change", .inside = { "/proc/sys" } },
	[OP_CONSOLE] = { .why = "a terminal", .console = { 24, 80, true, 0 } },
	[OP_PIVOT] = { .why = "nothing else is visible" },
	[OP_MOVE_ROOT] = { .why = "nothing else is visible" },
	[OP_CHDIR] = { .why = "where it begins", .chdir = { "/root" } },
	[OP_HOSTNAME] = { .why = "its name", .text = { "web" } },
	[OP_DOMAINNAME] = { .why = "its domain", .text = { "example.org" } },
	[OP_TTY] = { .why = "a terminal" },
	[OP_STDIO_OWNER] = { .why = "/dev/stdout can be opened", .identity = { 1000, 1000 } },
	[OP_RLIMIT] = { .why = "open files", .rlimit = { RLIMIT_NOFILE, 1024, RLIM_INFINITY } },
	[OP_SCHEDULER] = { .why = "its share", .raw = { { &sample_sched, sizeof(sample_sched) } } },
	[OP_IO_PRIORITY] = { .why = "its turn at the disk", .number = { 2 << 13 | 4 } },
	[OP_AFFINITY] = { .why = "its processors",
		.raw = { { sample_cpus, sizeof(sample_cpus) } } },
	[OP_MEMORY_POLICY] = { .why = "its memory",
		.memory_policy = { 2, { sample_nodes, sizeof(sample_nodes) } } },
	[OP_PERSONALITY] = { .why = "32 bits", .number = { 8 } },
	[OP_UMASK] = { .why = "modes of new files", .number = { 022 } },
	[OP_FIND_COMMAND] = { .why = "the command",
		.exec = { "sh", sample_candidates, sample_argv, sample_env } },
	[OP_GATE] = { .why = "created, not started" },
	[OP_BOUNDING] = { .why = "never more than this",
		.caps = { .permitted = 1u << CAP_KILL | 1u << CAP_CHOWN } },
	[OP_IDENTITY] = { .why = "its user",
		.identity = { 1000, 1000, { sample_groups, sizeof(sample_groups) } } },
	[OP_NO_NEW_PRIVS] = { .why = "set-uid programs stay powerless" },
	[OP_CLOSE_FDS] = { .why = "nothing of the host's", .number = { 3 } },
	[OP_SECCOMP] = { .why = "allowed system calls",
		.seccomp = { { sample_filter, sizeof(sample_filter) }, 2 } },
	[OP_CAPS] = { .why = "its powers", .caps = { 1u << CAP_KILL, 1u << CAP_KILL, 0, 0 } },
	[OP_EXEC] = { .why = "the command",
		.exec = { "sh", sample_candidates, sample_argv, sample_env } },
};
_Static_assert(ARRAY_LEN(samples) == OP_KINDS, "there is a sample of every operation");

/* The sample of @kind; the array above leaves the kinds to its indices. */
static inline struct op sample_op(enum op_kind kind)
{
	struct op op = samples[kind];
	op.kind = kind;
	return op;
}
