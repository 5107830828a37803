/*
 * request.h - what somebody asks for who makes a container: every flag of `run` and `create`.
 *
 * A plain structure: the command line fills it, engine/merge joins it with the image's
 * configuration and the defaults, and it is stored (by schema, request.c) in the container's
 * record, so that restart, update and inspect know what was asked. Zero is the default of
 * everything; memory belongs to an arena. Sizes are bytes, times nanoseconds unless a member says
 * otherwise.
 */
#pragma once
#include "base/list.h"
#include <stdbool.h>

/* A mount: -v, --mount, --tmpfs. */
struct mount_request {
	const char *type;                /* "bind", "volume", "tmpfs" */
	const char *source;              /* host path; volume's name, NULL for an anonymous one */
	const char *target;              /* absolute path inside */
	bool read_only, read_only_plain; /* plain: mounts below stay as they are */
	const char *propagation;         /* "rprivate", ... */
	bool create_source;              /* -v makes a missing host directory, --mount does not */
	bool no_copy, chown;             /* volume-nocopy; "U" */
	const char *subpath;
	int64_t tmpfs_size;
	struct opt_int tmpfs_mode;
	struct text_list options; /* further words for tmpfs and volumes */
};

/* -p */
struct port_request {
	const char *host_address; /* NULL: all */
	int64_t host_port;        /* 0: any free one */
	int64_t container_port;
	const char *protocol; /* "tcp", "udp", "sctp" */
};

struct device_request {
	const char *host, *inside, *access; /* "rwm" */
};

struct ulimit_request {
	const char *name; /* "nofile" */
	int64_t soft, hard;
};

struct device_rate {
	const char *device; /* host path */
	int64_t rate;
};

struct health_request {
	bool disabled;
	struct text_list test; /* "CMD", ...; "CMD-SHELL", line; empty: the image's */
	int64_t interval, timeout, start_period, start_interval;
	int64_t retries;
	const char *on_failure; /* "none", "kill", "restart", "stop" */
};

struct restart_request {
	const char *policy; /* NULL or "no", "always", "unless-stopped", "on-failure" */
	int64_t maximum;    /* of on-failure; 0: no limit */
};

struct container_request {
	const char *name;
	const char *image, *rootfs; /* one of the two */
	const char *platform;
	struct text_list command;
	bool entrypoint_set; /* also to nothing */
	struct text_list entrypoint;

	struct text_list env; /* "A=b"; "A" takes ours */
	struct text_map labels, annotations;
	const char *workdir, *user, *hostname, *domainname;
	struct text_list group_add;
	bool tty, interactive, detached, remove, init, read_only, privileged;
	bool attach_stdout, attach_stderr, attach_stdin;
	const char *stop_signal;
	struct opt_int stop_timeout; /* seconds */
	int64_t timeout;             /* seconds after which it is killed */
	struct restart_request restart;
	struct health_request health;

	struct text_list cap_add, cap_drop, security_opts;
	struct list devices; /* of device_request */
	struct text_list device_cgroup_rules;
	struct list ulimits; /* of ulimit_request */
	struct text_map sysctls;
	struct list mounts; /* of mount_request */
	struct text_list volumes_from;

	const char *network; /* "none", "host", "bridge", a name, "container:x", "ns:path" */
	struct text_list network_aliases;
	const char *ip, *ip6, *mac_address;
	struct list ports; /* of port_request */
	bool publish_all;
	struct text_list expose, dns, dns_search, dns_options, add_hosts;

	/* "host", "private", "container:x", "shareable", "ns:path"; NULL: the default of each */
	const char *pid, *ipc, *uts, *userns, *cgroupns;
	struct text_list uid_maps, gid_maps;
	const char *cgroup_parent;

	struct opt_int memory, memory_reservation, memory_swap, memory_swappiness;
	struct opt_bool oom_kill_disable;
	struct opt_int oom_score_adj;
	struct opt_int nano_cpus, cpu_shares, cpu_period, cpu_quota, cpu_rt_period, cpu_rt_runtime;
	const char *cpuset_cpus, *cpuset_mems;
	struct opt_int pids_limit, blkio_weight, shm_size;
	struct list blkio_weight_device, device_read_bps, device_write_bps, device_read_iops,
		device_write_iops; /* of device_rate */

	const char *log_driver;
	struct text_map log_options;
	const char *detach_keys;
};

/* How it is stored (base/decode.h, base/encode.h). */
struct schema;
extern const struct schema request_schema;
