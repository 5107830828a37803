#include "child/image.h"
#include "child/launch_test.h"
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

/* Plans of a few operations, with what every plan needs around them. */
struct script {
	struct arena arena;
	struct plan_builder b;
	struct scene scene;
};

static void begin(struct script *s)
{
	*s = (struct script){};
	scene_make(&s->scene);
	s->b.arena = &s->arena;
	plan_add(&s->b, (struct op){ OP_PROPAGATE, .why = "own mounts",
				.propagate = { .recursive = true, .flags = MS_PRIVATE } });
	plan_add(&s->b, (struct op){ OP_ROOT, .why = "the root",
				.root = { .host = s->scene.root, .from = NO_SLOT } });
}

/* Ends the plan with busybox running @shell, executes it, and shows what went wrong if anything. */
static void finish(struct script *s, const char *shell)
{
	static const char *const candidates[] = { "/bin/busybox", NULL }, *const env[] = { NULL };
	const char *const argv[] = { "sh", "-c", shell, NULL };
	plan_add(&s->b, (struct op){ OP_PIVOT, .why = "the old root goes" });
	plan_add(&s->b, (struct op){ OP_UMASK, .why = "umask", .number = { 022 } });
	plan_add(&s->b, (struct op){ OP_CLOSE_FDS, .why = "descriptors", .number = { 3 } });
	plan_add(&s->b, (struct op){ OP_EXEC, .exec = { "sh", candidates, argv, env } });
	struct plan p = plan_of(&s->b);
	scene_run(&s->scene, &p, namespaces);
}

static void end(struct script *s)
{
	scene_remove(&s->scene);
	arena_done(&s->arena);
}

static void check_output(struct script *s, const char *want)
{
	const struct fault *f = &s->scene.last.fault;
	if (s->scene.last.kind == MESSAGE_FAULT)
		test_failed(__FILE__, __LINE__, "%s: %s: error %d in call %u", op_name(f->kind),
			f->what, f->num, f->call);
	CHECK_TEXT(s->scene.out, want);
	CHECK(WIFEXITED(s->scene.status) && WEXITSTATUS(s->scene.status) == 0);
}

TEST(program_executes_the_command_in_the_new_root)
{
	struct script s;
	begin(&s);
	plan_add(&s.b, (struct op){ OP_HOSTNAME, .text = { "jar" } });
	plan_add(&s.b, (struct op){ OP_MOUNT, .mount = { .type = "proc",
						      .target = "proc",
						      .slot = NO_SLOT,
						      .flags = MOUNT_PLAIN_DIR } });
	finish(&s, "hostname; ls /; echo $$; readlink /proc/self/fd/3; grep -c . /proc/mounts");
	check_output(&s, "jar\nbin\ndev\netc\nold\nproc\nsys\ntmp\n1\n2\n");
	end(&s);
}
