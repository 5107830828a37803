/*
 * devfilter.h - which devices a group may use: rules, and their two forms.
 *
 * Rules are read as the OCI runtime specification has them: the first state is "none", each rule
 * changes it for the devices and kinds of access it names, and so the later rule wins. v2 has a
 * BPF program for it, v1 two files. Sources: Documentation/admin-guide/cgroup-v1/devices,
 * BPF_PROG_TYPE_CGROUP_DEVICE in linux/bpf.h.
 */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* Bits as BPF_DEVCG_ACC_* has them. */
enum { DEVICE_MKNOD = 1u << 0, DEVICE_READ = 1u << 1, DEVICE_WRITE = 1u << 2, DEVICE_ALL = 7 };

struct device_rule {
	bool allow;
	char type;            /* 'b', 'c' or 'a' for both */
	int64_t major, minor; /* -1: any */
	uint32_t access;      /* DEVICE_* */
};

/* The v2 form: a program of struct bpf_insn. */
struct bytes devfilter_program(const struct device_rule *rules, size_t n, struct arena *a);

/* The v1 form: first "a" is written to devices.deny, or to devices.allow if @allow_all, then @lines
 * (one write a line; "" for none) to the other file. What v1 can't express is an error. */
struct devfilter_v1 {
	bool allow_all;
	const char *lines;
};
[[nodiscard]] struct err *devfilter_lines(
	const struct device_rule *rules, size_t n, struct arena *a, struct devfilter_v1 *out);

/* Attaches @program to the v2 group @dir, in place of one that was attached by us before. */
[[nodiscard]] struct err *devfilter_attach(const char *dir, struct bytes program);
