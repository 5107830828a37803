/* update.h - changes the limits of a container that runs. */
#pragma once
#include "runtime/container.h"
#include "spec/spec.h"

/*
 * Sets what @r has and leaves the rest as it is; device rules never change. Where v2 has one value
 * for two of the document (quota and period, memory and swap) the missing one is what holds now.
 * What Linux no longer has is warned about. The caller holds the lock.
 */
[[nodiscard]] struct err *container_update(
	const struct container *c, const struct spec_resources *r, struct arena *a);

/* Intel RDT: what may be used of the cache and of the memory's bandwidth, or NULL. */
[[nodiscard]] struct err *container_update_rdt(
	const struct container *c, const char *l3_cache, const char *mem_bw, struct arena *a);
