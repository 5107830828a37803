/* From config.json to both plans, on several hosts, and on to everything that is made of them. */
#include "base/json.h"
#include "base/log.h"
#include "fuzz.h"
#include "plan/explain.h"
#include "planner/planner.h"

static void tell(const struct launch_plan *plan, struct arena *a)
{
	static const int slots[1024];
	cleanup(buf_done) struct buf text = {}, json = {}, script = {}, packed = {};
	struct explain_request r = { plan, "web", "/b", "1.2.0", NULL };
	const struct json *doc;
	plan_text(&r, &text);
	plan_json(&r, &json);
	plan_script(&r, &script);
	HOLDS(plan->n_slots <= 1024);
	plan_pack(&plan->child, slots, plan->n_slots, 0x20000000, &packed);
	cleanup(err_free) struct err *e = json_read((struct str){ json.p, json.n }, "", a, &doc);
	HOLDS(!e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct text_pair v2[] = { { "", "/cg/web" } };
	static struct text_pair v1[] = { { "cpu,cpuacct", "/1/web" }, { "memory", "/3/web" },
		{ "devices", "/4/web" }, { "pids", "/6/web" } };
	cleanup(arena_done) struct arena a = {};
	log_to((struct log_sink){ .least = LEVELS });
	struct spec spec;
	struct launch_plan plan = {};
	struct cgroup c = {};
	struct host_facts host = { .uid = n & 1,
		.last_capability = 40,
		.bounding = 0x1ffffffffff,
		.permitted = 0x1ffffffffff,
		.initial_userns = n & 2,
		.can_mount = n & 4 };
	struct text_map groups = n & 8 ? (struct text_map){ v2, 1 } : (struct text_map){ v1, 4 };
	cgroup_from_paths(&groups, &a, &c);
	struct launch_request r = { "web", &spec, "/b", "/b/r", "/run/web", &host,
		n & 16 ? &c : NULL, .wait_at_gate = n & 32, .own_terminal = n & 64 };
	cleanup(err_free) struct err *e = spec_parse((const char *)data, n, "fuzz", &a, &spec);
	cleanup(err_free) struct err *f = e ? NULL : planner_make(&r, &a, &plan);
	if (!e && !f)
		tell(&plan, &a);
	return 0;
}
