#include "base/arena.h"
#include "base/test.h"
#include "kernel/compat.h"
#include "kernel/file.h"
#include "kernel/userns.h"
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The numbers of /proc/<pid>/<name>, single spaced. */
static void read_numbers(pid_t pid, const char *name, char out[256])
{
	char path[64];
	cleanup(buf_done) struct buf text = {};
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	CHECK(!file_read(AT_FDCWD, path, 4096, &text));
	size_t n = 0;
	for (const char *p = buf_text(&text); *p && n < 255; p++)
		if (*p != ' ' || (n && out[n - 1] != ' ' && out[n - 1] != '\n'))
			out[n++] = *p;
	out[n] = '\0';
}

/* Until the test ends, however it does. */
static _Noreturn void sleep_on(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (;;)
		pause();
}

/* A process in a user namespace without maps. */
static pid_t in_new_userns(void)
{
	pid_t parent = getpid();
	pid_t pid = (pid_t)syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		sleep_on(parent);
	if (pid < 0)
		test_skipped("no user namespaces here");
	return pid;
}

static void end(const pid_t *pid)
{
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
}

TEST(maps_are_written_as_they_are)
{
	if (geteuid() != 0)
		test_skipped("needs root");
	cleanup(end) pid_t pid = in_new_userns();
	char text[256];
	CHECK(!userns_map(pid, "0 100000 1000\n1000 0 1\n", "0 200000 65536\n", false));
	read_numbers(pid, "uid_map", text);
	CHECK_TEXT(text, "0 100000 1000\n1000 0 1\n");
	read_numbers(pid, "gid_map", text);
	CHECK_TEXT(text, "0 200000 65536\n");
	read_numbers(pid, "setgroups", text);
	CHECK_TEXT(text, "allow\n");
}

TEST(setgroups_can_be_given_up)
{
	cleanup(end) pid_t pid = in_new_userns();
	char text[256], map[64];
	snprintf(map, sizeof(map), "0 %d 1\n", (int)geteuid());
	CHECK(!userns_map(pid, map, map, true));
	read_numbers(pid, "setgroups", text);
	CHECK_TEXT(text, "deny\n");
}

TEST(a_map_the_kernel_refuses_is_an_error)
{
	if (geteuid() != 0)
		test_skipped("needs root");
	cleanup(end) pid_t pid = in_new_userns();
	cleanup(err_free) struct err *e = userns_map(pid, "0 0 10\n5 100 1\n", "0 0 1\n", false);
	CHECK(e && strstr(e->cause->text, "invalid argument"));
}

TEST(a_namespace_that_nobody_is_in)
{
	if (geteuid() != 0)
		test_skipped("needs root");
	cleanup(fd_close) struct fd ns = {};
	CHECK(!userns_make("0 100000 65536\n", "0 200000 65536\n", &ns));
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* its process is gone */
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		if (setns(fd_num(ns), CLONE_NEWUSER) < 0)
			_exit(1);
		sleep_on(parent);
	}
	char text[256] = "";
	for (int i = 0; i < 1000 && !strstr(text, "100000"); i++) {
		usleep(1000);
		read_numbers(pid, "uid_map", text);
	}
	end(&pid);
	CHECK_TEXT(text, "0 100000 65536\n");
}

/* --- without root: through the helpers, which are asked for what only they may do --------------
 */

enum { USER = 54321 };

static int report(const struct err *e)
{
	for (; e; e = e->cause)
		if (strstr(e->text, "newuidmap"))
			return 2;
	return e ? 1 : 0;
}

/* Runs @work as an ordinary user with @path as PATH; what it returned. */
static int as_user(int (*work)(void), const char *path)
{
	if (geteuid() != 0)
		test_skipped("needs root to become somebody else");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		setenv("PATH", path, 1);
		if (setgroups(0, NULL) < 0 || setresgid(USER, USER, USER) < 0 ||
			setresuid(USER, USER, USER) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
			_exit(99);
		_exit(work());
	}
	int status;
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int map_own_id(void)
{
	char map[64];
	snprintf(map, sizeof(map), "0 %d 1\n", USER);
	pid_t pid = in_new_userns();
	cleanup(err_free) struct err *e = userns_map(pid, map, map, true);
	end(&pid);
	return e != NULL;
}

static int map_range(void)
{
	char map[64];
	snprintf(map, sizeof(map), "0 %d 1\n1 700000 1000\n", USER);
	pid_t pid = in_new_userns();
	cleanup(err_free) struct err *e = userns_map(pid, map, map, false);
	end(&pid);
	return report(e);
}

TEST(an_ordinary_user_maps_himself)
{
	CHECK(as_user(map_own_id, "/nowhere") == 0);
}

/* He has no line in /etc/subuid: it is newuidmap that says so. */
TEST(an_ordinary_user_is_refused_by_the_helper)
{
	if (access("/usr/bin/newuidmap", X_OK) < 0)
		test_skipped("newuidmap is not installed");
	CHECK(as_user(map_range, "/usr/bin") == 2);
}

TEST(a_missing_helper_is_named)
{
	CHECK(as_user(map_range, "/nowhere") == 2);
}

/* A helper that only writes down how it was called. */
TEST(the_helper_gets_the_whole_map)
{
	char dir[] = "/tmp/onggi-userns-XXXXXX", path[64];
	CHECK(mkdtemp(dir) && chmod(dir, 0777) == 0);
	static const char *const names[] = { "newuidmap", "newgidmap" };
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		cleanup(arena_done) struct arena a = {};
		char *script =
			arena_fmt(&a, "#!/bin/sh\nshift\necho $* > %s/%s.args\n", dir, names[i]);
		CHECK(!file_replace(
			AT_FDCWD, path, 0755, (struct bytes){ script, strlen(script) }));
		CHECK(chmod(path, 0755) == 0);
	}
	int result = as_user(map_range, dir);
	cleanup(buf_done) struct buf args = {};
	snprintf(path, sizeof(path), "%s/newgidmap.args", dir);
	struct err *e = file_read(AT_FDCWD, path, 4096, &args);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	CHECK(system(path) == 0);
	CHECK(result == 0 && !e);
	CHECK_TEXT(buf_text(&args), "0 54321 1 1 700000 1000\n");
}
