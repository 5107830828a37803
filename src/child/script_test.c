#include "child/script_test.h"
#include <sys/wait.h>

void script_add(struct script *s, struct op op)
{
	op.why = op.why ? op.why : op_name(op.kind);
	plan_add(&s->b, op);
}

void script_begin(struct script *s)
{
	*s = (struct script){ .namespaces =
				      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC };
	scene_make(&s->scene);
	s->b.arena = &s->arena;
	script_add(s, (struct op){ OP_PROPAGATE,
			      .propagate = { .recursive = true, .flags = MS_PRIVATE } });
	script_add(s, (struct op){ OP_ROOT, .root = { .host = s->scene.root, .from = NO_SLOT } });
}

void script_proc(struct script *s)
{
	script_add(s, (struct op){ OP_MOUNT, .mount = { .type = "proc",
						     .source = "proc",
						     .target = "proc",
						     .slot = NO_SLOT,
						     .flags = MOUNT_PLAIN_DIR } });
}

void script_null_and_zero(struct script *s)
{
	script_add(s, (struct op){ OP_DEVICE, .device = { "dev/null", S_IFCHR | 0666, 1, 3 } });
	script_add(s, (struct op){ OP_DEVICE, .device = { "dev/zero", S_IFCHR | 0666, 1, 5 } });
}

void script_dev(struct script *s)
{
	static const char *const params[] = { "mode=755", "size=64k", NULL };
	script_add(s, (struct op){ OP_MOUNT, .mount = { .type = "tmpfs",
						     .params = params,
						     .target = "/dev",
						     .slot = NO_SLOT,
						     .attrs = MOUNT_ATTR_NOSUID } });
	script_null_and_zero(s);
}

void script_masks(struct script *s)
{
	script_add(s, (struct op){ OP_SOURCE, .source = { .host = "/dev/null",
						      .slot = SLOT_NULL,
						      .userns = NO_SLOT,
						      .set = MOUNT_ATTR_RDONLY } });
	script_add(s, (struct op){ OP_MOUNT, .mount = { .type = "tmpfs",
						     .slot = SLOT_EMPTY,
						     .attrs = MOUNT_ATTR_RDONLY } });
}

void script_link(struct script *s, const char *text, const char *path)
{
	char whole[256];
	snprintf(whole, sizeof(whole), "%s/%s", s->scene.root, path);
	CHECK(symlink(text, whole) == 0);
}

void script_shell(struct script *s, const char *line)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (chdir(s->scene.root) == 0)
			execl("bin/busybox", "sh", "-ec", line, NULL);
		_exit(127);
	}
	int status;
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void script_run(struct script *s)
{
	struct plan p = plan_of(&s->b);
	scene_run(&s->scene, &p, s->namespaces);
}

void script_pivot(struct script *s)
{
	script_add(s, (struct op){ OP_PIVOT });
}

void script_exec(struct script *s, const char *shell)
{
	static const char *const candidates[] = { "/bin/busybox", NULL };
	static const char *const env[] = { "PATH=/bin", NULL };
	const char *const argv[] = { "sh", "-c", shell, NULL };
	script_add(s, (struct op){ OP_UMASK, .number = { 022 } });
	script_add(s, (struct op){ OP_CLOSE_FDS, .number = { 3 } });
	script_add(s, (struct op){ OP_EXEC, .exec = { "sh", candidates, argv, env } });
	script_run(s);
}

void script_finish(struct script *s, const char *shell)
{
	script_pivot(s);
	script_exec(s, shell);
}

void script_check(struct script *s, const char *want)
{
	const struct fault *f = &s->scene.last.fault;
	if (s->scene.last.kind == MESSAGE_FAULT)
		test_failed(__FILE__, __LINE__, "%s: %s: error %d in call %u", op_name(f->kind),
			f->what, f->num, f->call);
	CHECK_TEXT(s->scene.out, want);
	CHECK(WIFEXITED(s->scene.status) && WEXITSTATUS(s->scene.status) == 0);
}

void script_check_fault(struct script *s, enum op_kind kind, int num)
{
	const struct message *m = &s->scene.last;
	CHECK_TEXT(s->scene.out, "");
	CHECK(WIFEXITED(s->scene.status) && WEXITSTATUS(s->scene.status) == 1);
	CHECK(m->kind == MESSAGE_FAULT);
	if (m->fault.kind != kind || m->fault.num != num)
		test_failed(__FILE__, __LINE__, "%s: %s: error %d", op_name(m->fault.kind),
			m->fault.what, m->fault.num);
}

void script_end(struct script *s)
{
	scene_remove(&s->scene);
	arena_done(&s->arena);
}
