#include "spec/spec.h"
#include "spec/spec_schema.h"

static const struct field arg_fields[] = {
	{ "index", MEMBER(struct spec_syscall_arg, index), .max = 5, .always = true },
	{ "value", FIELD_UINT64, offsetof(struct spec_syscall_arg, value), .always = true },
	{ "valueTwo", FIELD_UINT64, offsetof(struct spec_syscall_arg, value_two) },
	{ "op", MEMBER(struct spec_syscall_arg, op), .required = true },
};
static const struct schema arg_schema = { SCHEMA(struct spec_syscall_arg, arg_fields) };

/* The number that goes with an action has 16 bits (SECCOMP_RET_DATA). */
static const struct field syscall_fields[] = {
	{ "names", MEMBER(struct spec_syscall, names), .required = true },
	{ "action", MEMBER(struct spec_syscall, action), .required = true },
	{ "errnoRet", MEMBER(struct spec_syscall, errno_ret), .max = UINT16_MAX },
	{ "args", MEMBER(struct spec_syscall, args), .of = &arg_schema },
};
static const struct schema syscall_schema = { SCHEMA(struct spec_syscall, syscall_fields) };

static const struct field seccomp_fields[] = {
	{ "defaultAction", MEMBER(struct spec_seccomp, default_action), .required = true },
	{ "defaultErrnoRet", MEMBER(struct spec_seccomp, default_errno_ret), .max = UINT16_MAX },
	{ "architectures", MEMBER(struct spec_seccomp, architectures) },
	{ "flags", MEMBER(struct spec_seccomp, flags) },
	{ "listenerPath", MEMBER(struct spec_seccomp, listener_path) },
	{ "listenerMetadata", MEMBER(struct spec_seccomp, listener_metadata) },
	{ "syscalls", MEMBER(struct spec_seccomp, syscalls), .of = &syscall_schema },
};
const struct schema spec_seccomp_schema = { SCHEMA(struct spec_seccomp, seccomp_fields),
	.present = true };
