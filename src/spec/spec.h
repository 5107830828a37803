/*
 * spec.h - config.json of an OCI bundle, as structures.
 *
 * Filled by schema (spec.c), one row a field. Unknown keys are ignored, as the OCI runtime
 * specification demands; wrong types and impossible values are refused with their place. What a
 * document does not have is zero, NULL or empty; empty text is NULL, and null is not there. All
 * memory belongs to the arena given to spec_parse(). Source: OCI runtime-spec 1.3, config.md and
 * config-linux.md.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include <stdbool.h>

/* One range of a user namespace: @size ids from @container inside are ids from @host outside. */
struct spec_idmap {
	int64_t container, host, size;
};

struct spec_rlimit {
	const char *type;   /* "RLIMIT_NOFILE" */
	int64_t soft, hard; /* the bits of a uint64_t: RLIM_INFINITY is -1 here */
};

struct spec_caps {
	bool present;
	struct text_list bounding, effective, inheritable, permitted, ambient;
};

struct spec_scheduler {
	bool present;
	const char *policy; /* "SCHED_BATCH" */
	int64_t nice, priority;
	struct text_list flags;
	int64_t runtime, deadline, period; /* ns */
};

struct spec_io_priority {
	bool present;
	const char *class;
	int64_t priority;
};

struct spec_process {
	bool present; /* the document has a process at all */
	bool terminal, no_new_privileges;
	int64_t console_height, console_width;
	struct {
		int64_t uid, gid;
		struct opt_int umask;
		struct int_list additional_gids;
	} user;
	struct text_list args, env;
	const char *cwd;
	struct spec_caps capabilities;
	struct list rlimits; /* of spec_rlimit */
	const char *apparmor_profile, *selinux_label;
	struct opt_int oom_score_adj;
	struct spec_scheduler scheduler;
	struct spec_io_priority io_priority;
	struct {
		const char *initial, *final;
	} exec_cpu_affinity;
};

struct spec_mount {
	const char *destination, *type, *source;
	struct text_list options;
	struct list uid_mappings, gid_mappings; /* of spec_idmap */
};

struct spec_hook {
	const char *path;
	struct text_list args, env;
	struct opt_int timeout; /* seconds */
};

/* Each a list of spec_hook. */
struct spec_hooks {
	struct list prestart, create_runtime, create_container, start_container, poststart,
		poststop;
};

struct spec_namespace {
	const char *type, *path; /* "network", NULL for a new one */
};

struct spec_device {
	const char *path, *type; /* "c", "b", "u", "p" */
	int64_t major, minor;
	struct opt_int file_mode, uid, gid;
};

struct spec_device_rule {
	bool allow;
	const char *type, *access;   /* NULL type is "a" */
	struct opt_int major, minor; /* absent or -1: all */
};

struct spec_weight_device {
	int64_t major, minor;
	struct opt_int weight, leaf_weight;
};

struct spec_throttle_device {
	int64_t major, minor, rate;
};

struct spec_hugepage_limit {
	const char *page_size; /* "2MB" */
	int64_t limit;
};

struct spec_interface_priority {
	const char *name;
	int64_t priority;
};

struct spec_rdma {
	const char *device; /* the key */
	struct opt_int hca_handles, hca_objects;
};

struct spec_resources {
	bool present;
	struct list devices; /* of spec_device_rule */
	struct {
		struct opt_int limit, reservation, swap, kernel, kernel_tcp, swappiness;
		struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
	} memory;
	struct {
		struct opt_int shares, quota, burst, period, realtime_runtime, realtime_period,
			idle;
		const char *cpus, *mems;
	} cpu;
	struct opt_int pids_limit;
	struct {
		struct opt_int weight, leaf_weight;
		struct list weight_device; /* of spec_weight_device */
		struct list throttle_read_bps, throttle_write_bps, throttle_read_iops,
			throttle_write_iops; /* of spec_throttle_device */
	} block_io;
	struct list hugepage_limits; /* of spec_hugepage_limit */
	struct {
		struct opt_int class_id;
		struct list priorities; /* of spec_interface_priority */
	} network;
	struct list rdma; /* of spec_rdma */
	struct text_map unified;
};

struct spec_syscall_arg {
	int64_t index, value, value_two; /* the values as uint64_t bits */
	const char *op;                  /* "SCMP_CMP_EQ" */
};

struct spec_syscall {
	struct text_list names;
	const char *action;
	struct opt_int errno_ret;
	struct list args; /* of spec_syscall_arg */
};

struct spec_seccomp {
	bool present;
	const char *default_action;
	struct opt_int default_errno_ret;
	struct text_list architectures, flags;
	const char *listener_path, *listener_metadata;
	struct list syscalls; /* of spec_syscall */
};

struct spec_net_device {
	const char *host, *name; /* the key; the new name or NULL */
};

struct spec_time_offset {
	bool present;
	int64_t secs, nanosecs;
};

struct spec_personality {
	bool present;
	const char *domain; /* "LINUX32" */
	struct text_list flags;
};

struct spec_intel_rdt {
	bool present;
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct text_list schemata;
	bool enable_monitoring;
};

struct spec_memory_policy {
	bool present;
	const char *mode, *nodes; /* "MPOL_BIND", "0-3" */
	struct text_list flags;
};

struct spec_linux {
	bool present;
	struct list namespaces;                 /* of spec_namespace */
	struct list uid_mappings, gid_mappings; /* of spec_idmap */
	struct {
		struct spec_time_offset monotonic, boottime;
	} time_offsets;
	struct list devices; /* of spec_device */
	const char *cgroups_path, *rootfs_propagation, *mount_label;
	struct text_list masked_paths, readonly_paths;
	struct spec_resources resources;
	struct text_map sysctl;
	struct spec_seccomp seccomp;
	struct spec_personality personality;
	struct spec_intel_rdt intel_rdt;
	struct spec_memory_policy memory_policy;
	struct list net_devices; /* of spec_net_device */
};

struct spec_root {
	bool present;
	const char *path;
	bool readonly;
};

struct spec {
	const char *oci_version, *hostname, *domainname;
	struct spec_root root;
	struct spec_process process;
	struct list mounts; /* of spec_mount */
	struct spec_hooks hooks;
	struct text_map annotations;
	struct spec_linux linux;
};

/* Reads @text, the content of the file called @name in messages, and checks it (spec_check). */
[[nodiscard]] struct err *spec_parse(
	const char *text, size_t n, const char *name, struct arena *a, struct spec *out);

/* The same for what `exec --process` takes: a process object alone. */
[[nodiscard]] struct err *spec_parse_process(
	const char *text, size_t n, const char *name, struct arena *a, struct spec_process *out);

/* The same for what `update --resources` takes: a resources object alone. */
[[nodiscard]] struct err *spec_parse_resources(
	const char *text, size_t n, const char *name, struct arena *a, struct spec_resources *out);

/* Refuses contradictions and impossible values, with the place of each: duplicate namespaces,
 * a relative cwd, an unknown rlimit, mappings without a user namespace, ... (spec_check.c). */
[[nodiscard]] struct err *spec_check(const struct spec *s);

/* The same for a process object; @in is what comes before its members in messages: "process.", or
 * "" for one that stands alone. */
[[nodiscard]] struct err *spec_check_process(const struct spec_process *p, const char *in);
