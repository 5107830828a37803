#include "engine/request.h"
#include "base/decode.h"

static const struct field mount_fields[] = {
	{ "type", MEMBER(struct mount_request, type), .required = true },
	{ "source", MEMBER(struct mount_request, source) },
	{ "target", MEMBER(struct mount_request, target), .required = true },
	{ "readOnly", MEMBER(struct mount_request, read_only) },
	{ "readOnlyPlain", MEMBER(struct mount_request, read_only_plain) },
	{ "propagation", MEMBER(struct mount_request, propagation) },
	{ "createSource", MEMBER(struct mount_request, create_source) },
	{ "noCopy", MEMBER(struct mount_request, no_copy) },
	{ "chown", MEMBER(struct mount_request, chown) },
	{ "subpath", MEMBER(struct mount_request, subpath) },
	{ "tmpfsSize", MEMBER(struct mount_request, tmpfs_size) },
	{ "tmpfsMode", MEMBER(struct mount_request, tmpfs_mode) },
	{ "options", MEMBER(struct mount_request, options) },
};
static const struct schema mount_schema = { SCHEMA(struct mount_request, mount_fields) };

static const struct field port_fields[] = {
	{ "hostAddress", MEMBER(struct port_request, host_address) },
	{ "hostPort", MEMBER(struct port_request, host_port) },
	{ "containerPort", MEMBER(struct port_request, container_port) },
	{ "protocol", MEMBER(struct port_request, protocol) },
};
static const struct schema port_schema = { SCHEMA(struct port_request, port_fields) };

static const struct field device_fields[] = {
	{ "host", MEMBER(struct device_request, host) },
	{ "inside", MEMBER(struct device_request, inside) },
	{ "access", MEMBER(struct device_request, access) },
};
static const struct schema device_schema = { SCHEMA(struct device_request, device_fields) };

static const struct field ulimit_fields[] = {
	{ "name", MEMBER(struct ulimit_request, name) },
	{ "soft", MEMBER(struct ulimit_request, soft) },
	{ "hard", MEMBER(struct ulimit_request, hard) },
};
static const struct schema ulimit_schema = { SCHEMA(struct ulimit_request, ulimit_fields) };

static const struct field rate_fields[] = {
	{ "device", MEMBER(struct device_rate, device) },
	{ "rate", MEMBER(struct device_rate, rate) },
};
static const struct schema rate_schema = { SCHEMA(struct device_rate, rate_fields) };

static const struct field health_fields[] = {
	{ "disabled", MEMBER(struct health_request, disabled) },
	{ "test", MEMBER(struct health_request, test) },
	{ "interval", MEMBER(struct health_request, interval) },
	{ "timeout", MEMBER(struct health_request, timeout) },
	{ "startPeriod", MEMBER(struct health_request, start_period) },
	{ "startInterval", MEMBER(struct health_request, start_interval) },
	{ "retries", MEMBER(struct health_request, retries) },
	{ "onFailure", MEMBER(struct health_request, on_failure) },
};
static const struct schema health_schema = { SCHEMA(struct health_request, health_fields) };

static const struct field restart_fields[] = {
	{ "policy", MEMBER(struct restart_request, policy) },
	{ "maximum", MEMBER(struct restart_request, maximum) },
};
static const struct schema restart_schema = { SCHEMA(struct restart_request, restart_fields) };

#define ROW(key, member)                                                                           \
	{                                                                                          \
		key, MEMBER(struct container_request, member)                                      \
	}
#define ROWS(key, member, s_)                                                                      \
	{                                                                                          \
		key, MEMBER(struct container_request, member), .of = &s_                           \
	}

static const struct field fields[] = {
	ROW("name", name),
	ROW("image", image),
	ROW("rootfs", rootfs),
	ROW("platform", platform),
	ROW("command", command),
	ROW("entrypointSet", entrypoint_set),
	ROW("entrypoint", entrypoint),
	ROW("env", env),
	ROW("labels", labels),
	ROW("annotations", annotations),
	ROW("workdir", workdir),
	ROW("user", user),
	ROW("hostname", hostname),
	ROW("domainname", domainname),
	ROW("groupAdd", group_add),
	ROW("tty", tty),
	ROW("interactive", interactive),
	ROW("detached", detached),
	ROW("remove", remove),
	ROW("init", init),
	ROW("readOnly", read_only),
	ROW("privileged", privileged),
	ROW("attachStdout", attach_stdout),
	ROW("attachStderr", attach_stderr),
	ROW("attachStdin", attach_stdin),
	ROW("stopSignal", stop_signal),
	ROW("stopTimeout", stop_timeout),
	ROW("timeout", timeout),
	ROWS("restart", restart, restart_schema),
	ROWS("health", health, health_schema),
	ROW("capAdd", cap_add),
	ROW("capDrop", cap_drop),
	ROW("securityOpts", security_opts),
	ROWS("devices", devices, device_schema),
	ROW("deviceCgroupRules", device_cgroup_rules),
	ROWS("ulimits", ulimits, ulimit_schema),
	ROW("sysctls", sysctls),
	ROWS("mounts", mounts, mount_schema),
	ROW("volumesFrom", volumes_from),
	ROW("network", network),
	ROW("networkAliases", network_aliases),
	ROW("ip", ip),
	ROW("ip6", ip6),
	ROW("macAddress", mac_address),
	ROWS("ports", ports, port_schema),
	ROW("publishAll", publish_all),
	ROW("expose", expose),
	ROW("dns", dns),
	ROW("dnsSearch", dns_search),
	ROW("dnsOptions", dns_options),
	ROW("addHosts", add_hosts),
	ROW("pid", pid),
	ROW("ipc", ipc),
	ROW("uts", uts),
	ROW("userns", userns),
	ROW("cgroupns", cgroupns),
	ROW("uidMaps", uid_maps),
	ROW("gidMaps", gid_maps),
	ROW("cgroupParent", cgroup_parent),
	ROW("memory", memory),
	ROW("memoryReservation", memory_reservation),
	ROW("memorySwap", memory_swap),
	ROW("memorySwappiness", memory_swappiness),
	ROW("oomKillDisable", oom_kill_disable),
	ROW("oomScoreAdj", oom_score_adj),
	ROW("nanoCpus", nano_cpus),
	ROW("cpuShares", cpu_shares),
	ROW("cpuPeriod", cpu_period),
	ROW("cpuQuota", cpu_quota),
	ROW("cpuRtPeriod", cpu_rt_period),
	ROW("cpuRtRuntime", cpu_rt_runtime),
	ROW("cpusetCpus", cpuset_cpus),
	ROW("cpusetMems", cpuset_mems),
	ROW("pidsLimit", pids_limit),
	ROW("blkioWeight", blkio_weight),
	ROW("shmSize", shm_size),
	ROWS("blkioWeightDevice", blkio_weight_device, rate_schema),
	ROWS("deviceReadBps", device_read_bps, rate_schema),
	ROWS("deviceWriteBps", device_write_bps, rate_schema),
	ROWS("deviceReadIops", device_read_iops, rate_schema),
	ROWS("deviceWriteIops", device_write_iops, rate_schema),
	ROW("logDriver", log_driver),
	ROW("logOptions", log_options),
	ROW("detachKeys", detach_keys),
};
const struct schema request_schema = { SCHEMA(struct container_request, fields) };
