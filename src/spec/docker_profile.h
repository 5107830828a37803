/*
 * docker_profile.h - the seccomp profile that Docker gives its containers, as a table of ours.
 *
 * Everything is denied (EPERM) but what is listed. Some calls depend on the container's bounding
 * set: who has CAP_SYS_ADMIN may mount. One rule is stricter than Docker's: protocol families of
 * socket(2) are compared in all 64 bits, of which the kernel only looks at 32, so that "above 40"
 * would also allow the two families that are left out.
 * Source: the facts of moby's profile, v0.2.3.
 */
#pragma once
#include "base/arena.h"
#include "seccomp/filter_profile.h"

/* The profile for a container with that bounding set (bits of CAP_*) on this machine. */
struct seccomp_profile docker_profile(uint64_t bounding, struct arena *a);
