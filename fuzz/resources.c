/* What `update --resources` reads, and what comes of it on v1 and on v2. */
#include "planner/resources.h"
#include "fuzz.h"
#include "hosts.h"
#include "planner/scope_plan.h"

static void plan_on(const struct spec_resources *r, const struct cgroup *c, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	struct plan_builder b = { .arena = a };
	struct text_list ignored, properties;
	cleanup(err_free) struct err *e =
		resources_plan(r, c, &(struct host_facts){}, false, a, &b);
	struct plan plan = plan_of(&b);
	if (!e)
		plan_show(&plan, &text);
	resources_ignored(r, c, a, &ignored);
	(void)resources_limit(r);
	cleanup(err_free) struct err *f = scope_properties(r, c, a, &properties);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_resources r;
	cleanup(err_free) struct err *e =
		spec_parse_resources((const char *)data, n, "fuzz", &a, &r);
	if (!e) {
		plan_on(&r, &group_v1, &a);
		plan_on(&r, &group_v2, &a);
	}
	return 0;
}
