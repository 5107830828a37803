/* scope_plan.h - what is asked of systemd for a container. */
#pragma once
#include "cgroup/cgroup.h"
#include "plan/plan.h"
#include "spec/spec.h"

/* OP_SCOPE for a group that systemd keeps, nothing for another. Unit properties come
 * from the limits and from annotations "org.systemd.property.*" that are on our list. */
[[nodiscard]] struct err *scope_plan(const struct spec *spec, const char *id,
	const struct cgroup *c, struct arena *a, struct plan_builder *out);

/* The unit properties of the limits alone, for scope_set() when they are changed. */
[[nodiscard]] struct err *scope_properties(const struct spec_resources *r, const struct cgroup *c,
	struct arena *a, struct text_list *out);
