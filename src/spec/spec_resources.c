#include "spec/spec.h"
#include "spec/spec_schema.h"

static const struct field rule_fields[] = {
	{ "allow", MEMBER(struct spec_device_rule, allow), .always = true },
	{ "type", MEMBER(struct spec_device_rule, type) },
	{ "major", MEMBER(struct spec_device_rule, major), .min = -1, .max = MAJOR_MAX },
	{ "minor", MEMBER(struct spec_device_rule, minor), .min = -1, .max = MINOR_MAX },
	{ "access", MEMBER(struct spec_device_rule, access) },
};
static const struct schema rule_schema = { SCHEMA(struct spec_device_rule, rule_fields) };

static const struct field memory_fields[] = {
	{ "limit", MEMBER(struct spec_resources, memory.limit), .min = -1, .max = INT64_MAX },
	{ "reservation", MEMBER(struct spec_resources, memory.reservation), .min = -1,
		.max = INT64_MAX },
	{ "swap", MEMBER(struct spec_resources, memory.swap), .min = -1, .max = INT64_MAX },
	{ "kernel", MEMBER(struct spec_resources, memory.kernel), .min = -1, .max = INT64_MAX },
	{ "kernelTCP", MEMBER(struct spec_resources, memory.kernel_tcp), .min = -1,
		.max = INT64_MAX },
	{ "swappiness", MEMBER(struct spec_resources, memory.swappiness), .max = 100 },
	{ "disableOOMKiller", MEMBER(struct spec_resources, memory.disable_oom_killer) },
	{ "useHierarchy", MEMBER(struct spec_resources, memory.use_hierarchy) },
	{ "checkBeforeUpdate", MEMBER(struct spec_resources, memory.check_before_update) },
};
static const struct schema memory_schema = { SCHEMA(struct spec_resources, memory_fields) };

static const struct field cpu_fields[] = {
	{ "shares", MEMBER(struct spec_resources, cpu.shares), .max = INT64_MAX },
	{ "quota", MEMBER(struct spec_resources, cpu.quota) },
	{ "burst", MEMBER(struct spec_resources, cpu.burst), .max = INT64_MAX },
	{ "period", MEMBER(struct spec_resources, cpu.period), .max = INT64_MAX },
	{ "realtimeRuntime", MEMBER(struct spec_resources, cpu.realtime_runtime) },
	{ "realtimePeriod", MEMBER(struct spec_resources, cpu.realtime_period), .max = INT64_MAX },
	{ "cpus", MEMBER(struct spec_resources, cpu.cpus) },
	{ "mems", MEMBER(struct spec_resources, cpu.mems) },
	{ "idle", MEMBER(struct spec_resources, cpu.idle), .max = 1 },
};
static const struct schema cpu_schema = { SCHEMA(struct spec_resources, cpu_fields) };

static const struct field pids_fields[] = {
	{ "limit", MEMBER(struct spec_resources, pids_limit) },
};
static const struct schema pids_schema = { SCHEMA(struct spec_resources, pids_fields) };

static const struct field weight_fields[] = {
	{ "major", MEMBER(struct spec_weight_device, major), .max = MAJOR_MAX, .always = true },
	{ "minor", MEMBER(struct spec_weight_device, minor), .max = MINOR_MAX, .always = true },
	{ "weight", MEMBER(struct spec_weight_device, weight), .max = 1000 },
	{ "leafWeight", MEMBER(struct spec_weight_device, leaf_weight), .max = 1000 },
};
static const struct schema weight_schema = { SCHEMA(struct spec_weight_device, weight_fields) };

static const struct field throttle_fields[] = {
	{ "major", MEMBER(struct spec_throttle_device, major), .max = MAJOR_MAX, .always = true },
	{ "minor", MEMBER(struct spec_throttle_device, minor), .max = MINOR_MAX, .always = true },
	{ "rate", MEMBER(struct spec_throttle_device, rate), .max = INT64_MAX, .always = true },
};
static const struct schema throttle_schema = { SCHEMA(
	struct spec_throttle_device, throttle_fields) };

static const struct field block_io_fields[] = {
	{ "weight", MEMBER(struct spec_resources, block_io.weight), .max = 1000 },
	{ "leafWeight", MEMBER(struct spec_resources, block_io.leaf_weight), .max = 1000 },
	{ "weightDevice", MEMBER(struct spec_resources, block_io.weight_device),
		.of = &weight_schema },
	{ "throttleReadBpsDevice", MEMBER(struct spec_resources, block_io.throttle_read_bps),
		.of = &throttle_schema },
	{ "throttleWriteBpsDevice", MEMBER(struct spec_resources, block_io.throttle_write_bps),
		.of = &throttle_schema },
	{ "throttleReadIOPSDevice", MEMBER(struct spec_resources, block_io.throttle_read_iops),
		.of = &throttle_schema },
	{ "throttleWriteIOPSDevice", MEMBER(struct spec_resources, block_io.throttle_write_iops),
		.of = &throttle_schema },
};
static const struct schema block_io_schema = { SCHEMA(struct spec_resources, block_io_fields) };

static const struct field hugepage_fields[] = {
	{ "pageSize", MEMBER(struct spec_hugepage_limit, page_size), .required = true },
	{ "limit", MEMBER(struct spec_hugepage_limit, limit), .max = INT64_MAX, .always = true },
};
static const struct schema hugepage_schema = { SCHEMA(
	struct spec_hugepage_limit, hugepage_fields) };

static const struct field interface_fields[] = {
	{ "name", MEMBER(struct spec_interface_priority, name), .required = true },
	{ "priority", MEMBER(struct spec_interface_priority, priority), .max = UINT32_MAX,
		.always = true },
};
static const struct schema interface_schema = { SCHEMA(
	struct spec_interface_priority, interface_fields) };

static const struct field network_fields[] = {
	{ "classID", MEMBER(struct spec_resources, network.class_id), .max = UINT32_MAX },
	{ "priorities", MEMBER(struct spec_resources, network.priorities),
		.of = &interface_schema },
};
static const struct schema network_schema = { SCHEMA(struct spec_resources, network_fields) };

static const struct field rdma_fields[] = {
	{ "hcaHandles", MEMBER(struct spec_rdma, hca_handles), .max = UINT32_MAX },
	{ "hcaObjects", MEMBER(struct spec_rdma, hca_objects), .max = UINT32_MAX },
};
static const struct schema rdma_schema = { SCHEMA(struct spec_rdma, rdma_fields),
	.key_at = offsetof(struct spec_rdma, device) };

static const struct field resources_fields[] = {
	{ "devices", MEMBER(struct spec_resources, devices), .of = &rule_schema },
	{ "memory", FIELD_OBJECT, 0, .of = &memory_schema },
	{ "cpu", FIELD_OBJECT, 0, .of = &cpu_schema },
	{ "pids", FIELD_OBJECT, 0, .of = &pids_schema },
	{ "blockIO", FIELD_OBJECT, 0, .of = &block_io_schema },
	{ "hugepageLimits", MEMBER(struct spec_resources, hugepage_limits),
		.of = &hugepage_schema },
	{ "network", FIELD_OBJECT, 0, .of = &network_schema },
	{ "rdma", FIELD_MAP, offsetof(struct spec_resources, rdma), .of = &rdma_schema },
	{ "unified", MEMBER(struct spec_resources, unified) },
};
const struct schema spec_resources_schema = { SCHEMA(struct spec_resources, resources_fields),
	.present = true };
