/*
 * nsfs.h - which namespaces a process is in, compared with ours.
 *
 * setns() with a pidfd wants to be told which namespaces to join, and refuses the user namespace
 * the caller is in already: so we join exactly those that differ. Source: setns(2), namespaces(7).
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The CLONE_NEW* flags of the namespaces in which @pid is and we are not. The caller holds its
 * pidfd, so that the number can't come to mean another process meanwhile. */
[[nodiscard]] struct err *nsfs_differing(pid_t pid, uint64_t *out);

/* Whether the namespace file @path is that of the namespace of the kind @flag (CLONE_NEW*) in which
 * this process is. */
[[nodiscard]] struct err *nsfs_is_ours(const char *path, uint64_t flag, bool *out);
