#include "spec/spec.h"
#include "spec/spec_schema.h"

static const struct field idmap_fields[] = {
	{ "containerID", MEMBER(struct spec_idmap, container), .max = ID_MAX, .always = true },
	{ "hostID", MEMBER(struct spec_idmap, host), .max = ID_MAX, .always = true },
	{ "size", MEMBER(struct spec_idmap, size), .max = UINT32_MAX, .required = true },
};
const struct schema spec_idmap_schema = { SCHEMA(struct spec_idmap, idmap_fields) };

static const struct field namespace_fields[] = {
	{ "type", MEMBER(struct spec_namespace, type), .required = true },
	{ "path", MEMBER(struct spec_namespace, path) },
};
static const struct schema namespace_schema = { SCHEMA(struct spec_namespace, namespace_fields) };

static const struct field offset_fields[] = {
	{ "secs", MEMBER(struct spec_time_offset, secs) },
	{ "nanosecs", MEMBER(struct spec_time_offset, nanosecs), .max = 999'999'999 },
};
static const struct schema offset_schema = { SCHEMA(struct spec_time_offset, offset_fields),
	.present = true };

static const struct field offsets_fields[] = {
	{ "monotonic", MEMBER(struct spec_linux, time_offsets.monotonic), .of = &offset_schema },
	{ "boottime", MEMBER(struct spec_linux, time_offsets.boottime), .of = &offset_schema },
};
static const struct schema offsets_schema = { SCHEMA(struct spec_linux, offsets_fields) };

static const struct field device_fields[] = {
	{ "path", MEMBER(struct spec_device, path), .required = true },
	{ "type", MEMBER(struct spec_device, type), .required = true },
	{ "major", MEMBER(struct spec_device, major), .max = MAJOR_MAX, .always = true },
	{ "minor", MEMBER(struct spec_device, minor), .max = MINOR_MAX, .always = true },
	{ "fileMode", MEMBER(struct spec_device, file_mode), .max = UINT32_MAX },
	{ "uid", MEMBER(struct spec_device, uid), .max = ID_MAX },
	{ "gid", MEMBER(struct spec_device, gid), .max = ID_MAX },
};
static const struct schema device_schema = { SCHEMA(struct spec_device, device_fields) };

static const struct field personality_fields[] = {
	{ "domain", MEMBER(struct spec_personality, domain), .required = true },
	{ "flags", MEMBER(struct spec_personality, flags) },
};
static const struct schema personality_schema = {
	SCHEMA(struct spec_personality, personality_fields), .present = true
};

static const struct field rdt_fields[] = {
	{ "closID", MEMBER(struct spec_intel_rdt, clos_id) },
	{ "schemata", MEMBER(struct spec_intel_rdt, schemata) },
	{ "l3CacheSchema", MEMBER(struct spec_intel_rdt, l3_cache_schema) },
	{ "memBwSchema", MEMBER(struct spec_intel_rdt, mem_bw_schema) },
	{ "enableMonitoring", MEMBER(struct spec_intel_rdt, enable_monitoring) },
};
static const struct schema rdt_schema = { SCHEMA(struct spec_intel_rdt, rdt_fields),
	.present = true };

static const struct field policy_fields[] = {
	{ "mode", MEMBER(struct spec_memory_policy, mode), .required = true },
	{ "nodes", MEMBER(struct spec_memory_policy, nodes) },
	{ "flags", MEMBER(struct spec_memory_policy, flags) },
};
static const struct schema policy_schema = { SCHEMA(struct spec_memory_policy, policy_fields),
	.present = true };

static const struct field net_device_fields[] = {
	{ "name", MEMBER(struct spec_net_device, name) },
};
static const struct schema net_device_schema = { SCHEMA(struct spec_net_device, net_device_fields),
	.key_at = offsetof(struct spec_net_device, host) };

static const struct field linux_fields[] = {
	{ "uidMappings", MEMBER(struct spec_linux, uid_mappings), .of = &spec_idmap_schema },
	{ "gidMappings", MEMBER(struct spec_linux, gid_mappings), .of = &spec_idmap_schema },
	{ "sysctl", MEMBER(struct spec_linux, sysctl) },
	{ "resources", MEMBER(struct spec_linux, resources), .of = &spec_resources_schema },
	{ "cgroupsPath", MEMBER(struct spec_linux, cgroups_path) },
	{ "namespaces", MEMBER(struct spec_linux, namespaces), .of = &namespace_schema },
	{ "devices", MEMBER(struct spec_linux, devices), .of = &device_schema },
	{ "netDevices", FIELD_MAP, offsetof(struct spec_linux, net_devices),
		.of = &net_device_schema },
	{ "seccomp", MEMBER(struct spec_linux, seccomp), .of = &spec_seccomp_schema },
	{ "rootfsPropagation", MEMBER(struct spec_linux, rootfs_propagation) },
	{ "maskedPaths", MEMBER(struct spec_linux, masked_paths) },
	{ "readonlyPaths", MEMBER(struct spec_linux, readonly_paths) },
	{ "mountLabel", MEMBER(struct spec_linux, mount_label) },
	{ "intelRdt", MEMBER(struct spec_linux, intel_rdt), .of = &rdt_schema },
	{ "memoryPolicy", MEMBER(struct spec_linux, memory_policy), .of = &policy_schema },
	{ "personality", MEMBER(struct spec_linux, personality), .of = &personality_schema },
	{ "timeOffsets", FIELD_OBJECT, 0, .of = &offsets_schema },
};
const struct schema spec_linux_schema = { SCHEMA(struct spec_linux, linux_fields),
	.present = true };
