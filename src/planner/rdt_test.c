#include "base/test.h"
#include "kernel/file.h"
#include "plan/plan.h"
#include "planner/rdt.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char mount[] = "/sys/fs/resctrl";

static struct op plan_one(const struct spec_intel_rdt *rdt, struct arena *a)
{
	struct plan_builder b = { .arena = a };
	CHECK(!rdt_plan(rdt, "web", mount, a, &b));
	CHECK(b.n == 1 && b.ops[0].kind == OP_RDT);
	return b.ops[0];
}

TEST(rdt_without_closid_has_a_group_of_its_own)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_intel_rdt rdt = { .present = true, .enable_monitoring = true };
	struct op op = plan_one(&rdt, &a);
	CHECK_TEXT(op.rdt.host, "/sys/fs/resctrl/web");
	CHECK_TEXT(op.rdt.monitor, "/sys/fs/resctrl/web/mon_groups/web");
	CHECK(op.rdt.create && !op.rdt.schemata);
	CHECK_TEXT(rdt_owned(&rdt, "web", mount, &a), "/sys/fs/resctrl/web");
}

TEST(rdt_with_closid_joins_what_others_may_share)
{
	cleanup(arena_done) struct arena a = {};
	struct spec_intel_rdt rdt = { .present = true, .clos_id = "gold" };
	struct op op = plan_one(&rdt, &a);
	CHECK_TEXT(op.rdt.host, "/sys/fs/resctrl/gold");
	CHECK(!op.rdt.create && !op.rdt.monitor && !rdt_owned(&rdt, "web", mount, &a));
	rdt.mem_bw_schema = "MB:0=20";
	CHECK(plan_one(&rdt, &a).rdt.create);
	rdt.enable_monitoring = true;
	CHECK_TEXT(rdt_owned(&rdt, "web", mount, &a), "/sys/fs/resctrl/gold/mon_groups/web");
	rdt.clos_id = "/";
	CHECK_TEXT(plan_one(&rdt, &a).rdt.host, mount);
}

TEST(rdt_schemata_are_put_together_in_order)
{
	cleanup(arena_done) struct arena a = {};
	const char *more[] = { "L2:0=f", NULL };
	struct spec_intel_rdt rdt = { .present = true,
		.l3_cache_schema = "L3:0=7f0;1=1f\nMB:0=50",
		.mem_bw_schema = "MB:0=20;1=70",
		.schemata = { more, 1 } };
	const char *const *lines = plan_one(&rdt, &a).rdt.schemata;
	CHECK_TEXT(lines[0], "L3:0=7f0;1=1f");
	CHECK_TEXT(lines[1], "MB:0=20;1=70");
	CHECK_TEXT(lines[2], "L2:0=f");
	CHECK(!lines[3]);
	rdt.mem_bw_schema = NULL;
	CHECK_TEXT(plan_one(&rdt, &a).rdt.schemata[1], "MB:0=50");
}

TEST(rdt_where_there_is_no_resctrl_is_an_error)
{
	cleanup(arena_done) struct arena a = {};
	struct plan_builder b = { .arena = &a };
	struct spec_intel_rdt rdt = {};
	CHECK(!rdt_plan(&rdt, "web", NULL, &a, &b) && b.n == 0);
	rdt.present = true;
	cleanup(err_free) struct err *e = rdt_plan(&rdt, "web", NULL, &a, &b);
	CHECK_TEXT(e->text, "linux.intelRdt: intelRdt is specified in config, but Intel RDT is not "
			    "supported or enabled");
	const char *where = "";
	CHECK(!rdt_find_mount(&a, &where));
	CHECK(!where || *where == '/');
}

/* --- directories that look like resctrl ---------------------------------------------------------
 */

struct tree {
	struct arena arena;
	char dir[40];
};

static void tree_done(struct tree *t)
{
	CHECK(system(arena_fmt(&t->arena, "rm -r %s", t->dir)) == 0);
	arena_done(&t->arena);
}

static struct tree make_tree(void)
{
	struct tree t = { .dir = "/tmp/onggi-rdt-XXXXXX" };
	CHECK(mkdtemp(t.dir));
	CHECK(system(arena_fmt(&t.arena,
		      "cd %s && mkdir -p gold/mon_groups/web info && touch gold/schemata "
	              "gold/tasks "
		      "gold/mon_groups/web/tasks",
		      t.dir)) == 0);
	return t;
}

static void file_is(struct tree *t, const char *name, const char *want)
{
	cleanup(buf_done) struct buf text = {};
	CHECK(!file_read(AT_FDCWD, arena_fmt(&t->arena, "%s/%s", t->dir, name), 4096, &text));
	CHECK_TEXT(buf_text(&text), want);
}

TEST(rdt_writes_what_was_planned)
{
	cleanup(tree_done) struct tree t = make_tree();
	const char *const schemata[] = { "MB:0=20", NULL };
	const char *group = arena_fmt(&t.arena, "%s/gold", t.dir);
	const char *monitor = arena_fmt(&t.arena, "%s/mon_groups/web", group);
	CHECK(!rdt_apply(group, schemata, true, monitor, 4711));
	file_is(&t, "gold/schemata", "MB:0=20\n");
	file_is(&t, "gold/tasks", "4711");
	file_is(&t, "gold/mon_groups/web/tasks", "4711");
}

TEST(rdt_group_that_is_not_there_is_named)
{
	cleanup(tree_done) struct tree t = make_tree();
	const char *group = arena_fmt(&t.arena, "%s/silver", t.dir);
	cleanup(err_free) struct err *e = rdt_apply(group, NULL, false, NULL, 1);
	CHECK(e && e->kind == ERR_NOT_FOUND);
	CHECK_TEXT(e->text, arena_fmt(&t.arena, "resctrl group %s does not exist", group));
}

TEST(rdt_passes_on_what_the_kernel_says)
{
	cleanup(tree_done) struct tree t = make_tree();
	const char *const schemata[] = { "L9:0=1", NULL };
	const char *group = arena_fmt(&t.arena, "%s/new", t.dir);
	struct bytes said = { "Unknown or unsupported resource name 'L9'\n", 42 };
	CHECK(!file_replace(
		AT_FDCWD, arena_fmt(&t.arena, "%s/info/last_cmd_status", t.dir), 0600, said));
	cleanup(err_free) struct err *e = rdt_apply(group, schemata, true, NULL, 1);
	CHECK(e && access(group, F_OK) == 0); /* made, but this one has no files */
	CHECK_TEXT(e->text, "resctrl says 'Unknown or unsupported resource name 'L9''");
}
