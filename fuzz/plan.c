/* From config.json to the plans of a launch and of one more process, on several hosts, and on to
 * everything that is made of them. The length of the document chooses the host and the request. */
#include "base/json.h"
#include "base/log.h"
#include "fuzz.h"
#include "hosts.h"
#include "plan/explain.h"
#include "planner/planner.h"
#include "spec/profile.h"
#include <sched.h>

static void tell(const struct launch_plan *plan, size_t n, struct arena *a)
{
	static const int slots[1024];
	cleanup(buf_done) struct buf text = {}, json = {}, script = {}, packed = {};
	struct explain_request r = { plan, "web", "/b", SPEC_VERSION_MAX, NULL };
	const struct json *doc;
	if (n % 3 == 0)
		plan_text(&r, &text);
	if (n % 3 == 1)
		plan_script(&r, &script);
	HOLDS(plan->n_slots <= 1024);
	plan_pack(&plan->child, slots, plan->n_slots, 0x20000000, &packed);
	plan_json(&r, &json);
	cleanup(err_free) struct err *e = json_read((struct str){ json.p, json.n }, "", a, &doc);
	HOLDS(!e);
}

static void launch(const struct launch_request *r, size_t n, struct arena *a)
{
	struct launch_plan plan = {};
	cleanup(err_free) struct err *e = planner_make(r, a, &plan);
	if (!e)
		tell(&plan, n, a);
}

static void execute(const struct launch_request *l, size_t n, struct arena *a)
{
	struct launch_plan plan = {};
	struct exec_request r = { "web", l->spec, &l->spec->process,
		CLONE_NEWNS | (n & 1 ? CLONE_NEWUSER | CLONE_NEWPID : CLONE_NEWNET), l->host,
		l->cgroup, .console_socket = l->console_socket, .pid_file = l->pid_file };
	cleanup(err_free) struct err *e = planner_make_exec(&r, a, &plan);
	if (!e)
		tell(&plan, n, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	log_to((struct log_sink){ .least = LEVELS });
	struct spec spec;
	struct host_facts host = { .uid = n & 1,
		.last_capability = 40,
		.bounding = 0x1ffffffffff,
		.permitted = 0x1ffffffffff,
		.initial_userns = n & 2,
		.can_mount = n & 4,
		.kcore = true,
		.apparmor = n & 8,
		.selinux = n & 16 };
	struct launch_request r = { "web", &spec, "/b", "/b/r", "/run/web", &host,
		n & 32   ? &group_v2
		: n & 64 ? &group_v1
			 : NULL,
		.wait_at_gate = n & 1, .own_terminal = !(n & 2),
		.console_socket = n & 2 ? "/socket" : NULL, .pid_file = n & 4 ? "/pid" : NULL,
		.no_pivot = n % 7 == 0, .systemd = n & 8, .preserve_fds = (int)(n % 3),
		.home = n & 16 ? "/home" : NULL };
	cleanup(err_free) struct err *e = spec_parse((const char *)data, n, "fuzz", &a, &spec);
	if (e)
		return 0;
	launch(&r, n, &a);
	if (spec.process.present)
		execute(&r, n, &a);
	return 0;
}
