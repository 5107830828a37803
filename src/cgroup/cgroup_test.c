/*
 * Groups on the running kernel: every hierarchy that is mounted here gets one, with processes in
 * it. Needs root and control groups that can be written; skipped elsewhere.
 */
#include "base/test.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/cgroup_file.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void locate(struct arena *a, struct cgroup *c)
{
	struct cgroup_host host;
	cleanup(err_free) struct err *e = cgroup_host_read(a, &host);
	/* A pid alone is not unique where several pid namespaces share the hierarchies. */
	const char *path = arena_fmt(
		a, "/onggi-unit-%d-%llx/deep/er", (int)getpid(), (unsigned long long)time_steady());
	if (!e)
		e = cgroup_locate(&host, path, "unit", false, a, c);
	CHECK(!e);
	if (c->dirs.n == 0)
		test_skipped("no control groups are mounted");
}

/* A path's part up to the @n-th component from the end. */
static const char *up(struct arena *a, const char *path, int n)
{
	struct str s = str_of(path);
	while (n > 0 && s.n)
		n -= s.p[--s.n] == '/';
	return arena_str(a, s);
}

static void make_all(const struct cgroup *c)
{
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		bool created;
		cleanup(err_free) struct err *e = cgroup_make(d->host, &created);
		if (e && geteuid() != 0)
			test_skipped("needs root");
		if (e && e->kind == ERR_DENIED)
			test_skipped("control groups can't be written here");
		CHECK(!e);
		CHECK(created);
	}
}

/* Passes on to the group, from those that were made for it, what they were given themselves. */
static void enable_v2(const struct cgroup *c, struct arena *a)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "");
	for (int level = 2; d && level > 0; level--) {
		const char *dir = up(a, d->host, level);
		struct str names = str_of(cgroup_text(dir, "cgroup.controllers", a));
		while (names.n) {
			struct str name = str_cut(&names, ' ');
			cleanup(err_free) struct err *e = cgroup_set(dir, "cgroup.subtree_control",
				arena_fmt(a, "+" STR_FMT, STR_ARG(name)));
			CHECK(!e);
		}
	}
}

static void inherit_cpuset(const struct cgroup *c)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "cpuset");
	if (!d || d->in->v2)
		return;
	cleanup(err_free) struct err *e = cgroup_set(d->host, "cpuset.cpus", NULL);
	if (!e)
		e = cgroup_set(d->host, "cpuset.mems", NULL);
	CHECK(!e);
}

/* Whatever happened: nothing of @c stays. */
static void remove_all(struct arena *a, const struct cgroup *c)
{
	cleanup(err_free) struct err *killed = cgroup_signal(c, SIGKILL);
	cleanup(err_free) struct err *e = cgroup_remove(c, 5000);
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		rmdir(up(a, d->host, 1));
		rmdir(up(a, d->host, 2));
		CHECK(access(up(a, d->host, 2), F_OK) < 0);
	}
	CHECK(!killed && !e);
}

/* Runs @body with a fresh group in a process of its own, and removes the group in any case. */
static void with_group(void (*body)(const struct cgroup *c, struct arena *a))
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c = {};
	locate(&a, &c);
	alarm(0); /* the body has its own limit: this process has to be there to clean up */
	make_all(&c);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		enable_v2(&c, &a);
		inherit_cpuset(&c);
		body(&c, &a);
		exit(0);
	}
	int status = -1;
	CHECK(waitpid(pid, &status, 0) == pid);
	remove_all(&a, &c);
	CHECK(WIFEXITED(status));
	if (WEXITSTATUS(status))
		exit(WEXITSTATUS(status));
}

/* Puts the calling process into every hierarchy. */
static void join(const struct cgroup *c)
{
	for (list_each(const struct cgroup_dir, d, c->dirs)) {
		cleanup(err_free) struct err *e =
			cgroup_set(d->host, d->in->v2 ? "cgroup.procs" : "tasks", "0");
		if (e)
			err_print(e, stderr, "join");
		CHECK(!e);
	}
}

/* A process in the group that runs @work for ever. Returns once it is inside. */
static pid_t spawn(const struct cgroup *c, void (*work)(void *), void *arg)
{
	int ready[2];
	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		join(c);
		CHECK(write(ready[1], "x", 1) == 1);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			work(arg);
	}
	char x;
	close(ready[1]);
	CHECK(read(ready[0], &x, 1) == 1);
	close(ready[0]);
	return pid;
}

static void sleep_on(void *)
{
	pause();
}

static void count(void *counter)
{
	__atomic_add_fetch((uint64_t *)counter, 1, __ATOMIC_RELAXED);
}

static uint64_t *shared_counter(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	return p;
}

static void check_set(const struct cgroup *c, const char *controller, const char *file,
	const char *value, const char *reads)
{
	cleanup(arena_done) struct arena a = {};
	const struct cgroup_dir *d = cgroup_dir_of(c, controller);
	if (!d || d->in->v2)
		return;
	cleanup(err_free) struct err *e = cgroup_set(d->host, file, value);
	if (e)
		err_print(e, stderr, file);
	CHECK(!e);
	CHECK_TEXT(cgroup_text(d->host, file, &a), reads);
}

static void limits(const struct cgroup *c, struct arena *)
{
	check_set(c, "memory", "memory.limit_in_bytes", "33554432", "33554432");
	check_set(c, "pids", "pids.max", "17", "17");
	check_set(c, "cpu", "cpu.shares", "512", "512");
	check_set(c, "cpuset", "cpuset.cpus", "0", "0");
	check_set(c, "devices", "devices.deny", "a", "");
	check_set(c, "devices", "devices.allow", "c 1:3 rwm\nc 136:* rw", "");
	const struct cgroup_dir *d = cgroup_dir_of(c, "devices");
	cleanup(arena_done) struct arena a = {};
	if (d && !d->in->v2)
		CHECK_TEXT(cgroup_text(d->host, "devices.list", &a), "c 1:3 rwm\nc 136:* rw");
}

TEST(limits_are_what_the_kernel_reads_back)
{
	with_group(limits);
}

static void check_refusal(const struct cgroup *c, const char *controller, const char *file,
	const char *value, const char *hint)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, controller);
	if (!d || d->in->v2)
		return;
	cleanup(err_free) struct err *e = cgroup_set(d->host, file, value);
	CHECK(e && e->hint);
	CHECK_TEXT(e->hint, hint);
	CHECK(strstr(e->text, d->host));
}

static void refusals(const struct cgroup *c, struct arena *)
{
	check_refusal(c, "memory", "memory.memsw.limit_in_bytes", "4096",
		"memory and swap together can't be limited to less than memory alone");
	check_refusal(c, "memory", "memory.max", "1",
		"the controller is not in force for this group, or the kernel has no such file");
	check_refusal(c, "cpuset", "cpuset.cpus", "0-8191",
		"the number is beyond what this kernel was built for");
	check_refusal(c, "cpu", "cpu.cfs_period_us", "7",
		"a period is 1000 to 1000000 microseconds, a quota at least 1000, and not more "
		"than "
		"the parent group has");
}

TEST(refusals_are_explained)
{
	with_group(refusals);
}

static void listed(const struct cgroup *c, struct arena *a)
{
	pid_t first = spawn(c, sleep_on, NULL), second = spawn(c, sleep_on, NULL);
	struct int_list pids;
	cleanup(err_free) struct err *e = cgroup_pids(c, a, &pids);
	CHECK(!e && pids.n == 2);
	CHECK(pids.items[0] == (first < second ? first : second));
	e = cgroup_signal(c, SIGTERM);
	CHECK(!e);
	int status;
	CHECK(waitpid(first, &status, 0) == first && WTERMSIG(status) == SIGTERM);
	CHECK(waitpid(second, &status, 0) == second && WTERMSIG(status) == SIGTERM);
	e = cgroup_pids(c, a, &pids);
	CHECK(!e && pids.n == 0);
}

TEST(processes_are_listed_and_signalled)
{
	with_group(listed);
}

static bool is_frozen(const struct cgroup *c)
{
	bool frozen = false;
	cleanup(err_free) struct err *e = cgroup_is_frozen(c, &frozen);
	CHECK(!e);
	return frozen;
}

static void check_freezing(const struct cgroup *c)
{
	uint64_t *counter = shared_counter();
	pid_t pid = spawn(c, count, counter);
	CHECK(!is_frozen(c));
	cleanup(err_free) struct err *e = cgroup_freeze(c, true);
	CHECK(!e && is_frozen(c));
	uint64_t before = __atomic_load_n(counter, __ATOMIC_RELAXED);
	poll(NULL, 0, 20);
	CHECK(__atomic_load_n(counter, __ATOMIC_RELAXED) == before);
	e = cgroup_freeze(c, false);
	CHECK(!e && !is_frozen(c));
	for (int i = 0; i < 1000 && __atomic_load_n(counter, __ATOMIC_RELAXED) == before; i++)
		poll(NULL, 0, 1);
	CHECK(__atomic_load_n(counter, __ATOMIC_RELAXED) > before);

	/* A frozen group can be killed. */
	e = cgroup_freeze(c, true);
	CHECK(!e);
	e = cgroup_signal(c, SIGKILL);
	CHECK(!e);
	CHECK(waitpid(pid, NULL, 0) == pid);
	e = cgroup_freeze(c, false);
	CHECK(!e);
}

/* @c as a host without v2 would have it. */
static struct cgroup without_v2(const struct cgroup *c, struct arena *a)
{
	struct cgroup_dir *dirs = anew(a, struct cgroup_dir, c->dirs.n);
	struct cgroup v1 = { .mode = CGROUP_V1, .dirs = { .items = dirs } };
	for (list_each(const struct cgroup_dir, d, c->dirs))
		if (!d->in->v2)
			dirs[v1.dirs.n++] = *d;
	return v1;
}

static void freeze_and_kill(const struct cgroup *c, struct arena *a)
{
	check_freezing(c);
	struct cgroup v1 = without_v2(c, a);
	if (cgroup_dir_of(&v1, "freezer"))
		check_freezing(&v1);
}

TEST(frozen_groups_stand_still_and_can_be_killed)
{
	with_group(freeze_and_kill);
}

/* Two children for each that dies. */
static void bomb(void *)
{
	signal(SIGCHLD, SIG_IGN);
	if (fork() < 0)
		poll(NULL, 0, 1);
}

static void check_bomb(const struct cgroup *c, struct arena *a)
{
	const struct cgroup_dir *pids_dir = cgroup_dir_of(c, "pids");
	if (!pids_dir)
		return; /* not without a limit */
	cleanup(err_free) struct err *e = cgroup_set(pids_dir->host, "pids.max", "40");
	CHECK(!e);
	spawn(c, bomb, NULL);
	struct int_list pids = {};
	while (!e && pids.n < 40)
		e = cgroup_pids(c, a, &pids);
	CHECK(!e);
	e = cgroup_signal(c, SIGKILL);
	CHECK(!e);
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (int i = 0; i < 2000 && !e && pids.n; i++) {
		poll(NULL, 0, 1);
		e = cgroup_pids(c, a, &pids);
	}
	CHECK(!e && pids.n == 0);
	CHECK_TEXT(cgroup_text(pids_dir->host, "pids.max", a), "40");
}

static void fork_bombs(const struct cgroup *c, struct arena *a)
{
	check_bomb(c, a);
	struct cgroup v1 = without_v2(c, a);
	if (v1.dirs.n)
		check_bomb(&v1, a);
}

TEST(fork_bombs_die)
{
	with_group(fork_bombs);
}

static void nest(const char *dir, int depth)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(at >= 0);
	for (int i = 0; i < depth; i++) {
		CHECK(mkdirat(at, "sibling", 0755) == 0 && mkdirat(at, "n", 0755) == 0);
		int next = openat(at, "n", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(next >= 0);
		close(at);
		at = next;
	}
	close(at);
}

static void nested(const struct cgroup *c, struct arena *)
{
	for (list_each(const struct cgroup_dir, d, c->dirs))
		nest(d->host, d->in->v2 ? 60 : 10);
	cleanup(err_free) struct err *e = cgroup_remove(c, 2000);
	if (e)
		err_print(e, stderr, "remove");
	CHECK(!e);
	for (list_each(const struct cgroup_dir, d, c->dirs))
		CHECK(access(d->host, F_OK) < 0);
	e = cgroup_remove(c, 0);
	CHECK(!e);
}

TEST(nested_groups_are_removed_and_removed_ones_are_fine)
{
	with_group(nested);
}

static void busy(const struct cgroup *c, struct arena *)
{
	pid_t pid = spawn(c, sleep_on, NULL);
	cleanup(err_free) struct err *e = cgroup_remove(c, 10);
	CHECK(e && e->kind == ERR_CONFLICT && strstr(e->text, "it still has 1 processes"));
	/* One that dies while we wait, and is not reaped. */
	if (fork() == 0) {
		poll(NULL, 0, 30);
		kill(pid, SIGKILL);
		_exit(0);
	}
	err_free(&e);
	e = cgroup_remove(c, 5000);
	CHECK(!e);
}

TEST(removal_waits_for_the_last_process)
{
	with_group(busy);
}

static void shared(const struct cgroup *c, struct arena *)
{
	cleanup(err_free) struct err *e = cgroup_check_free(c);
	CHECK(!e);
	/* It is enough if one hierarchy has somebody. */
	struct cgroup_dir *last = (struct cgroup_dir *)c->dirs.items + c->dirs.n - 1;
	pid_t pid = spawn(&(struct cgroup){ .dirs = { last, 1 } }, sleep_on, NULL);
	e = cgroup_check_free(c);
	CHECK(e && e->kind == ERR_CONFLICT && strstr(e->text, "1 process(es)"));
	err_free(&e);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	e = cgroup_freeze(c, true);
	CHECK(!e);
	e = cgroup_check_free(c);
	CHECK(e && strstr(e->text, "unexpectedly frozen"));
	err_free(&e);
	e = cgroup_freeze(c, false);
	CHECK(!e);
}

TEST(groups_of_others_are_left_alone)
{
	with_group(shared);
}

/* A process that is told to kill the group it is in, in one hierarchy alone. Exits with 0 if it
 * lives on and was told why. */
static void check_self(const struct cgroup_dir *d)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct cgroup_dir only = *d;
		struct cgroup c = { .dirs = { &only, 1 } };
		join(&c);
		cleanup(err_free) struct err *e = cgroup_signal(&c, SIGKILL);
		CHECK(e && e->kind == ERR_CONFLICT && strstr(e->text, "this process is in itself"));
		err_free(&e);
		e = cgroup_signal(&c, SIGTERM);
		CHECK(e && e->kind == ERR_CONFLICT);
		err_free(&e);
		e = cgroup_freeze(&c, true);
		CHECK(e && e->kind == ERR_CONFLICT);
		err_free(&e);
		e = cgroup_end(&c, 10);
		CHECK(e && e->kind == ERR_CONFLICT);
		_exit(0);
	}
	int status = -1;
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void own_group(const struct cgroup *c, struct arena *)
{
	for (list_each(const struct cgroup_dir, d, c->dirs))
		check_self(d);
}

TEST(the_callers_own_group_is_never_killed)
{
	with_group(own_group);
}

static void check_end(const struct cgroup *c)
{
	pid_t pid = spawn(c, sleep_on, NULL);
	cleanup(err_free) struct err *e = cgroup_freeze(c, true);
	nest(c->dirs.items ? ((const struct cgroup_dir *)c->dirs.items)->host : "", 3);
	if (!e)
		e = cgroup_end(c, 5000);
	if (e)
		err_print(e, stderr, "end");
	CHECK(!e);
	CHECK(waitpid(pid, NULL, 0) == pid);
	for (list_each(const struct cgroup_dir, d, c->dirs))
		CHECK(access(d->host, F_OK) < 0);
	e = cgroup_end(c, 0);
	CHECK(!e);
}

static void ended(const struct cgroup *c, struct arena *)
{
	check_end(c);
}

static void ended_v1(const struct cgroup *c, struct arena *a)
{
	struct cgroup v1 = without_v2(c, a);
	if (cgroup_dir_of(&v1, "freezer"))
		check_end(&v1);
}

TEST(groups_end_with_all_that_is_in_them)
{
	with_group(ended);
	with_group(ended_v1);
}

/* One that has left v2, or was never there. */
static void stray(const struct cgroup *c, struct arena *a)
{
	struct cgroup v1 = without_v2(c, a);
	if (v1.dirs.n == 0 || v1.dirs.n == c->dirs.n)
		return;
	pid_t pid = spawn(&v1, sleep_on, NULL);
	cleanup(err_free) struct err *e = cgroup_end(c, 5000);
	CHECK(!e);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

TEST(strays_in_v1_do_not_keep_a_group)
{
	with_group(stray);
}

/* explicit_bzero(), because a compiler may leave out what nobody reads. */
static void eat(void *)
{
	for (;;) {
		char *p = malloc(1 << 20);
		if (p)
			explicit_bzero(p, 1 << 20);
	}
}

static void oom(const struct cgroup *c, struct arena *)
{
	const struct cgroup_dir *d = cgroup_dir_of(c, "memory");
	if (!d)
		return;
	CHECK(cgroup_oom_kills(c) == 0);
	cleanup(err_free) struct err *e =
		cgroup_set(d->host, d->in->v2 ? "memory.max" : "memory.limit_in_bytes", "16777216");
	cleanup(fd_close) struct fd watch = {};
	if (!e)
		e = cgroup_oom_watch(c, &watch);
	CHECK(!e);
	pid_t pid = spawn(c, eat, NULL);
	struct pollfd p = { fd_num(watch), POLLIN, 0 };
	CHECK(poll(&p, 1, 10000) == 1);
	int status;
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	CHECK(cgroup_oom_kills(c) == 1);
}

TEST(oom_kills_are_reported_and_counted)
{
	with_group(oom);
}

TEST(groups_come_back_from_their_paths)
{
	cleanup(arena_done) struct arena a = {};
	struct text_pair pairs[] = { { "cpu,cpuacct", "/x/cpu/g" }, { "", "/x/unified/g" } };
	struct text_map paths = { pairs, 2 };
	struct cgroup c;
	cgroup_from_paths(&paths, &a, &c);
	CHECK(c.mode == CGROUP_HYBRID);
	CHECK_TEXT(cgroup_dir_of(&c, "cpuacct")->host, "/x/cpu/g");
	CHECK_TEXT(cgroup_dir_of(&c, "")->host, "/x/unified/g");
	CHECK(!cgroup_dir_of(&c, "memory"));
	bool frozen = true;
	cleanup(err_free) struct err *e = cgroup_is_frozen(&c, &frozen);
	CHECK(!e && !frozen);
	e = cgroup_signal(&c, SIGKILL);
	if (!e)
		e = cgroup_freeze(&c, false);
	CHECK(!e);
	e = cgroup_freeze(&c, true);
	CHECK(e && e->kind == ERR_NOT_FOUND);
}
