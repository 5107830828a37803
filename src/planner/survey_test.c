#include "base/fd.h"
#include "kernel/compat.h"
#include "planner/planner_test.h"
#include "planner/survey.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Three places that have a file of users: the root, and two of the host that may be mounted. */
static const char *const names[] = { "root", "other", "file" };

static void make_places(char dir[static 32])
{
	strcpy(dir, "/tmp/onggi-survey-XXXXXX");
	CHECK(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		CHECK(mkdir(path, 0755) == 0);
		strcat(path, "/etc");
		CHECK(mkdir(path, 0755) == 0);
		strcat(path, "/passwd");
		FILE *f = fopen(path, "we");
		CHECK(f && fprintf(f, "user:x:0:0::/home-of-%s:\n", names[i]) > 0);
		fclose(f);
	}
}

static void remove_places(const char *dir)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s/etc/passwd", dir, names[i]);
		for (int up = 0; up < 3; up++) {
			CHECK(remove(path) == 0);
			*strrchr(path, '/') = 0;
		}
	}
	CHECK(rmdir(dir) == 0);
}

static void check_home(const char *dir, const char *process, const char *top, const char *want)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, process, top);
	t.launch.bundle = dir;
	t.launch.rootfs = arena_fmt(&t.arena, "%s/root", dir);
	cleanup(err_free) struct err *e = survey_launch(&t.launch, &t.arena);
	if (e)
		test_failed(__FILE__, __LINE__, "%s", e->text);
	CHECK_TEXT(t.launch.home ? t.launch.home : "not looked up", want);
}

TEST(home_is_looked_up_where_the_container_will_see_it)
{
	char dir[32];
	make_places(dir);
	check_home(dir, NULL, NULL, "/home-of-root");
	check_home(dir, "'user':{'uid':7,'gid':0}", NULL, "/");
	check_home(dir, "'env':['A=1','HOME=/x']", NULL, "not looked up");
	check_home(dir, NULL,
		"'mounts':[{'destination':'etc/passwd','source':'file/etc/passwd',"
		"'options':['bind']}]",
		"/home-of-file");
	check_home(dir, NULL,
		"'mounts':[{'destination':'/etc/','source':'other/etc','options':['rbind']}]",
		"/home-of-other");
	check_home(dir, NULL,
		"'mounts':[{'destination':'/etc','source':'other/etc','options':['rbind']},"
		"{'destination':'/etc/passwd','source':'file/etc/passwd','options':['bind']},"
		"{'destination':'/etc/hosts','source':'other','options':['bind']}]",
		"/home-of-file");
	check_home(dir, NULL, "'mounts':[{'destination':'/etc','type':'tmpfs'}]", "/");
	check_home(dir, NULL, "'mounts':[{'destination':'/et','type':'tmpfs'}]", "/home-of-root");
	remove_places(dir);
}

TEST(home_of_one_more_process_is_that_of_the_container)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, NULL, NULL);
	cleanup(err_free) struct err *e = survey_exec(&t.exec, getpid(), &t.arena);
	CHECK(!e && t.exec.home && *t.exec.home == '/');
	t.exec.home = NULL;
	t.process.env = (struct text_list){ (const char *[]){ "HOME=", NULL }, 1 };
	e = survey_exec(&t.exec, getpid(), &t.arena);
	CHECK(!e && !t.exec.home);
}

TEST(a_namespace_of_the_callers_own_is_known)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t,
		"'namespaces':[{'type':'mount'},{'type':'network','path':'/proc/self/ns/net'},"
		"{'type':'pid'},{'type':'ipc','path':'/proc/thread-self/ns/ipc'},"
		"{'type':'uts','path':'/proc/self/ns/pid'}]",
		"'env':['HOME=/']", NULL);
	t.launch.rootfs = "/";
	cleanup(err_free) struct err *e = survey_launch(&t.launch, &t.arena);
	CHECK(!e);
	CHECK(t.launch.host_namespaces == (CLONE_NEWNET | CLONE_NEWIPC));
}

TEST(a_namespace_that_is_gone_is_named)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, "'namespaces':[{'type':'mount'},{'type':'network','path':'/run/gone'}]",
		NULL, NULL);
	t.launch.rootfs = "/";
	cleanup(err_free) struct err *e = survey_launch(&t.launch, &t.arena);
	CHECK_TEXT(e->text, "joining the network namespace");
	CHECK_TEXT(e->cause->text, "stat /run/gone: no such file or directory");
}

TEST(a_root_that_is_no_directory_is_named)
{
	cleanup(trial_done) struct trial t;
	trial_make(&t, NULL, NULL, NULL);
	t.launch.rootfs = "/dev/null";
	cleanup(err_free) struct err *e = survey_launch(&t.launch, &t.arena);
	CHECK_TEXT(e->text, "invalid rootfs");
	CHECK_TEXT(e->cause->text, "open /dev/null: not a directory");
}
