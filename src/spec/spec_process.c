#include "spec/spec.h"
#include "spec/spec_schema.h"

static const struct field console_fields[] = {
	{ "height", MEMBER(struct spec_process, console_height), .max = UINT16_MAX },
	{ "width", MEMBER(struct spec_process, console_width), .max = UINT16_MAX },
};
static const struct schema console_schema = { SCHEMA(struct spec_process, console_fields) };

static const struct field user_fields[] = {
	{ "uid", MEMBER(struct spec_process, user.uid), .max = ID_MAX, .always = true },
	{ "gid", MEMBER(struct spec_process, user.gid), .max = ID_MAX, .always = true },
	{ "umask", MEMBER(struct spec_process, user.umask), .max = 0777 },
	{ "additionalGids", MEMBER(struct spec_process, user.additional_gids), .max = ID_MAX },
};
static const struct schema user_schema = { SCHEMA(struct spec_process, user_fields) };

static const struct field caps_fields[] = {
	{ "bounding", MEMBER(struct spec_caps, bounding) },
	{ "effective", MEMBER(struct spec_caps, effective) },
	{ "inheritable", MEMBER(struct spec_caps, inheritable) },
	{ "permitted", MEMBER(struct spec_caps, permitted) },
	{ "ambient", MEMBER(struct spec_caps, ambient) },
};
static const struct schema caps_schema = { SCHEMA(struct spec_caps, caps_fields), .present = true };

static const struct field rlimit_fields[] = {
	{ "type", MEMBER(struct spec_rlimit, type), .required = true },
	{ "hard", FIELD_UINT64, offsetof(struct spec_rlimit, hard), .required = true },
	{ "soft", FIELD_UINT64, offsetof(struct spec_rlimit, soft), .required = true },
};
static const struct schema rlimit_schema = { SCHEMA(struct spec_rlimit, rlimit_fields) };

static const struct field scheduler_fields[] = {
	{ "policy", MEMBER(struct spec_scheduler, policy), .required = true },
	{ "nice", MEMBER(struct spec_scheduler, nice), .min = -20, .max = 19 },
	{ "priority", MEMBER(struct spec_scheduler, priority), .max = 99 },
	{ "flags", MEMBER(struct spec_scheduler, flags) },
	{ "runtime", MEMBER(struct spec_scheduler, runtime), .max = INT64_MAX },
	{ "deadline", MEMBER(struct spec_scheduler, deadline), .max = INT64_MAX },
	{ "period", MEMBER(struct spec_scheduler, period), .max = INT64_MAX },
};
static const struct schema scheduler_schema = { SCHEMA(struct spec_scheduler, scheduler_fields),
	.present = true };

static const struct field io_priority_fields[] = {
	{ "class", MEMBER(struct spec_io_priority, class), .required = true },
	{ "priority", MEMBER(struct spec_io_priority, priority), .max = 7, .always = true },
};
static const struct schema io_priority_schema = {
	SCHEMA(struct spec_io_priority, io_priority_fields), .present = true
};

static const struct field affinity_fields[] = {
	{ "initial", MEMBER(struct spec_process, exec_cpu_affinity.initial) },
	{ "final", MEMBER(struct spec_process, exec_cpu_affinity.final) },
};
static const struct schema affinity_schema = { SCHEMA(struct spec_process, affinity_fields) };

static const struct field process_fields[] = {
	{ "terminal", MEMBER(struct spec_process, terminal) },
	{ "consoleSize", FIELD_OBJECT, 0, .of = &console_schema },
	{ "user", FIELD_OBJECT, 0, .of = &user_schema },
	{ "args", MEMBER(struct spec_process, args) },
	{ "env", MEMBER(struct spec_process, env) },
	{ "cwd", MEMBER(struct spec_process, cwd), .required = true },
	{ "capabilities", MEMBER(struct spec_process, capabilities), .of = &caps_schema },
	{ "rlimits", MEMBER(struct spec_process, rlimits), .of = &rlimit_schema },
	{ "noNewPrivileges", MEMBER(struct spec_process, no_new_privileges) },
	{ "apparmorProfile", MEMBER(struct spec_process, apparmor_profile) },
	{ "oomScoreAdj", MEMBER(struct spec_process, oom_score_adj), .min = -1000, .max = 1000 },
	{ "selinuxLabel", MEMBER(struct spec_process, selinux_label) },
	{ "ioPriority", MEMBER(struct spec_process, io_priority), .of = &io_priority_schema },
	{ "scheduler", MEMBER(struct spec_process, scheduler), .of = &scheduler_schema },
	{ "execCPUAffinity", FIELD_OBJECT, 0, .of = &affinity_schema },
};
const struct schema spec_process_schema = { SCHEMA(struct spec_process, process_fields),
	.present = true };
