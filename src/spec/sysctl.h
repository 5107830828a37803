/*
 * sysctl.h - kernel settings: which namespace owns one, and where its file is.
 *
 * Only what a namespace of the container's own holds may be set; everything else would be the
 * host's. Keys are those of sysctl(8): "net.ipv4.conf.eth0/1.rp_filter" and
 * "net/ipv4/conf/eth0.1/rp_filter" are the same file.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>

/* The file, relative to a procfs: "sys/net/ipv4/ip_forward". Keys with an empty component, "." or
 * ".." are refused. */
[[nodiscard]] struct err *sysctl_path(const char *key, struct arena *a, const char **out);

/* The CLONE_NEW* flag of the kind of namespace that holds the setting whose file is @path; 0 if it
 * is the whole system's. */
uint64_t sysctl_owner(const char *path);

/* The error for @key where the container does not have its own namespace of the kind @owner. */
[[nodiscard]] struct err *sysctl_foreign(const char *key, uint64_t owner);
