/* What `update --resources` reads, and what comes of it on v1 and on v2. */
#include "planner/resources.h"
#include "fuzz.h"
#include "runtime/scope_plan.h"

static void plan_on(const struct spec_resources *r, struct text_map paths, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	struct plan_builder b = { .arena = a };
	struct cgroup c = {};
	cgroup_from_paths(&paths, a, &c);
	cleanup(err_free) struct err *e =
		resources_plan(r, &c, &(struct host_facts){}, false, a, &b);
	struct plan plan = plan_of(&b);
	struct text_list ignored, properties;
	if (!e)
		plan_show(&plan, &text);
	resources_ignored(r, &c, a, &ignored);
	cleanup(err_free) struct err *f = scope_properties(r, &c, a, &properties);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct text_pair v2[] = { { "", "/cg/web" } };
	static struct text_pair v1[] = { { "cpu,cpuacct", "/1/web" }, { "cpuset", "/2/web" },
		{ "memory", "/3/web" }, { "devices", "/4/web" }, { "blkio", "/5/web" },
		{ "pids", "/6/web" }, { "net_cls,net_prio", "/7/web" }, { "hugetlb", "/8/web" } };
	cleanup(arena_done) struct arena a = {};
	struct spec_resources r;
	cleanup(err_free) struct err *e =
		spec_parse_resources((const char *)data, n, "fuzz", &a, &r);
	if (!e) {
		plan_on(&r, (struct text_map){ v1, ARRAY_LEN(v1) }, &a);
		plan_on(&r, (struct text_map){ v2, ARRAY_LEN(v2) }, &a);
	}
	return 0;
}
