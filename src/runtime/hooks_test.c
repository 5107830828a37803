#include "base/test.h"
#include "kernel/proc.h"
#include "runtime/hooks.h"
#include "spec/spec.h"
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SH(script)                                                                                 \
	.path = "/bin/sh", .argv = (const char *const[])                                           \
	{                                                                                          \
		"sh", "-c", script, NULL                                                           \
	}

TEST(a_hook_reads_the_state)
{
	struct hook h = { .point = "createRuntime", SH("grep -q '^hello$'") };
	CHECK(!hook_run(&h, "hello\n", NULL));
	cleanup(err_free) struct err *e = hook_run(&h, "other\n", NULL);
	CHECK(e);
	CHECK_TEXT(e->text, "error running createRuntime hook /bin/sh: exit status 1");
}

TEST(its_last_words_are_quoted)
{
	struct hook h = { .point = "prestart", SH("echo no; echo disk >&2; exit 3") };
	cleanup(err_free) struct err *e = hook_run(&h, "", NULL);
	CHECK(e);
	CHECK_TEXT(e->text, "error running prestart hook /bin/sh: exit status 3, output: no disk");
}

TEST(a_hook_that_hangs_is_killed_with_its_children)
{
	/* The number is ours alone: this test may run twice on one machine. */
	char script[64], look[96];
	snprintf(script, sizeof(script), "sleep 9.%d & sleep 9.%d", (int)getpid(), (int)getpid());
	snprintf(look, sizeof(look), "pgrep -f '^sleep 9[.]%d$' >/dev/null", (int)getpid());
	struct hook h = { .point = "poststop", .timeout = 1, SH(script) };
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	cleanup(err_free) struct err *e = hook_run(&h, "", NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	CHECK(e && strstr(e->text, "timeout of 1 s"));
	CHECK(to.tv_sec - from.tv_sec < 5);
	CHECK(system(look) != 0);
}

TEST(env_is_exact_when_it_is_given)
{
	setenv("CANARY", "1", 1);
	struct hook h = { .point = "prestart",
		.env = (const char *const[]){ "A=b", NULL },
		SH("test \"$A\" = b && test -z \"$CANARY\"") };
	CHECK(!hook_run(&h, "", NULL));
}

TEST(a_missing_hook_says_so)
{
	struct hook h = { .point = "prestart", .path = "/nonexistent/hook" };
	cleanup(err_free) struct err *e = hook_run(&h, "", NULL);
	CHECK(e && strstr(e->text, "No such file or directory"));
}

TEST(inside_means_the_namespaces_of_that_process)
{
	if (geteuid() != 0)
		test_skipped("needs root");
	int ready[2];
	CHECK(pipe(ready) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(ready[0]);
		if (unshare(CLONE_NEWUTS) < 0 || sethostname("inside", 6) < 0)
			_exit(1);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	char c;
	CHECK(read(ready[0], &c, 1) == 1);
	close(ready[0]);
	cleanup(fd_close) struct fd pidfd = {};
	CHECK(!proc_open(pid, &pidfd));
	struct hook_inside inside = { fd_num(pidfd), pid };
	struct hook h = { .point = "createContainer", SH("test \"$(uname -n)\" = inside") };
	struct err *e = hook_run(&h, "", &inside);
	kill(pid, SIGKILL);
	int status;
	CHECK(!proc_reap(fd_num(pidfd), &status));
	CHECK(!e);
}
