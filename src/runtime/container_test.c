/* Containers that have a process, a directory and a gate, but no control group. */
#include "base/test.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/sock.h"
#include "runtime/container.h"
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define DONE(call)                                                                                 \
	do {                                                                                       \
		cleanup(err_free) struct err *failed = (call);                                     \
		if (failed)                                                                        \
			test_failed(__FILE__, __LINE__, "%s", failed->text);                       \
	} while (0)
#define REFUSED(call, want)                                                                        \
	do {                                                                                       \
		cleanup(err_free) struct err *refused = (call);                                    \
		CHECK(refused);                                                                    \
		CHECK_TEXT(refused->text, want);                                                   \
	} while (0)

struct place {
	struct arena arena;
	char dir[32];
	struct state_root root;
	pid_t pid; /* of a child that sleeps; 0: none */
};

static void place_open(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/container_test.XXXXXX" };
	CHECK(mkdtemp(p->dir));
	DONE(state_root_open(p->dir, true, &p->arena, &p->root));
}

static void place_close(struct place *p)
{
	if (p->pid) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	state_root_close(&p->root);
	CHECK(rmdir(p->dir) == 0);
	arena_done(&p->arena);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* also if the test fails */
		for (;;)
			pause();
	}
	return pid;
}

/* What create leaves: the record, and with @pid the process. The lock is given up. */
static void make(struct place *p, const char *id, pid_t pid)
{
	cleanup(state_close) struct state s = {};
	const struct record r = { .id = id,
		.oci_version = "1.2.0",
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.created = "2026-11-29T12:28:35Z",
		.runtime = "0",
		.own_pid_namespace = true };
	DONE(state_claim(&p->root, id, &p->arena, &s));
	DONE(record_write(&s, &r));
	if (pid)
		DONE(record_write_process(&s, pid));
}

static enum container_status status_of(struct place *p, const char *id)
{
	cleanup(container_close) struct container c = {};
	enum container_status status = STATUSES;
	DONE(container_open(&p->root, id, &p->arena, &c));
	DONE(container_status(&c, &status));
	return status;
}

TEST(status_follows_the_process_and_the_gate)
{
	struct place p;
	cleanup(fd_close) struct fd gate = {};
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	CHECK(status_of(&p, "web") == STATUS_RUNNING);

	const char *path = arena_fmt(&p.arena, "%s/web/gate", p.dir);
	DONE(sock_listen(path, &gate));
	CHECK(status_of(&p, "web") == STATUS_CREATED);
	fd_close(&gate);
	CHECK(status_of(&p, "web") == STATUS_RUNNING);

	kill(p.pid, SIGKILL);
	siginfo_t info;
	CHECK(waitid(P_PID, (id_t)p.pid, &info, WEXITED | WNOWAIT) == 0); /* a zombie */
	CHECK(status_of(&p, "web") == STATUS_STOPPED);
	waitpid(p.pid, NULL, 0);
	p.pid = 0;
	CHECK(status_of(&p, "web") == STATUS_STOPPED);
	DONE(container_delete(&p.root, "web", false, &p.arena));
	place_close(&p);
}

TEST(another_process_of_the_same_number_is_not_taken_for_it)
{
	struct place p;
	cleanup(container_close) struct container c = {};
	place_open(&p);
	make(&p, "web", getpid());
	DONE(container_open(&p.root, "web", &p.arena, &c));
	c.process.start_time++;
	enum container_status status;
	DONE(container_status(&c, &status));
	CHECK(status == STATUS_STOPPED);
	REFUSED(container_kill(&c, SIGKILL), "container not running"); /* or this test is dead */
	char text[80];
	int n = snprintf(text, sizeof(text), "{\"pid\":%d,\"startTime\":1}", (int)getpid());
	DONE(file_replace(
		fd_num(c.state.dir), "process.json", 0600, (struct bytes){ text, (size_t)n }));
	DONE(container_delete(&p.root, "web", true, &p.arena));
	place_close(&p);
}

TEST(signals_reach_the_first_process)
{
	struct place p;
	cleanup(container_close) struct container c = {};
	int status;
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	DONE(container_open(&p.root, "web", &p.arena, &c));
	DONE(container_kill(&c, 0));
	DONE(container_kill(&c, SIGUSR1));
	CHECK(waitpid(p.pid, &status, 0) == p.pid && WTERMSIG(status) == SIGUSR1);
	p.pid = 0;
	REFUSED(container_kill(&c, SIGTERM), "container not running");
	DONE(container_delete(&p.root, "web", false, &p.arena));
	place_close(&p);
}

TEST(a_container_that_runs_is_deleted_by_force_alone)
{
	struct place p;
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	REFUSED(container_delete(&p.root, "web", false, &p.arena),
		"cannot delete container web that is not stopped: running");
	CHECK(status_of(&p, "web") == STATUS_RUNNING);
	DONE(container_delete(&p.root, "web", true, &p.arena));
	int status;
	CHECK(waitpid(p.pid, &status, 0) == p.pid && WTERMSIG(status) == SIGKILL);
	p.pid = 0;
	place_close(&p);
}

TEST(a_created_container_needs_no_force)
{
	struct place p;
	cleanup(fd_close) struct fd gate = {};
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	DONE(sock_listen(arena_fmt(&p.arena, "%s/web/gate", p.dir), &gate));
	DONE(container_delete(&p.root, "web", false, &p.arena));
	int status;
	CHECK(waitpid(p.pid, &status, 0) == p.pid && WTERMSIG(status) == SIGKILL);
	p.pid = 0;
	place_close(&p);
}

TEST(what_is_not_there_is_deleted_by_force)
{
	struct place p;
	place_open(&p);
	REFUSED(container_delete(&p.root, "web", false, &p.arena), "container does not exist: web");
	DONE(container_delete(&p.root, "web", true, &p.arena));
	struct state_root none = {};
	DONE(state_root_open("/tmp/container_test.none", false, &p.arena, &none));
	DONE(container_delete(&none, "web", true, &p.arena));
	place_close(&p);
}

/* The record of "web" becomes @text. */
static void damage(struct place *p, const char *text)
{
	cleanup(state_close) struct state s = {};
	DONE(state_open(&p->root, "web", &p->arena, &s));
	DONE(file_replace(
		fd_num(s.dir), "record.json", 0600, (struct bytes){ text, strlen(text) }));
}

TEST(damaged_containers_are_deleted_by_force)
{
	static const char *const damages[] = { "", "{", "[]", "{\"version\":99}",
		"{\"version\":1,\"id\":3}" };
	struct place p;
	place_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		p.pid = sleeper();
		make(&p, "web", p.pid);
		damage(&p, damages[i]);
		cleanup(err_free) struct err *e = container_delete(&p.root, "web", false, &p.arena);
		CHECK(e && err_hint_of(e) && strstr(err_hint_of(e), "delete --force"));
		DONE(container_delete(&p.root, "web", true, &p.arena));
		int status;
		CHECK(waitpid(p.pid, &status, 0) == p.pid && WTERMSIG(status) == SIGKILL);
		p.pid = 0;
	}
	place_close(&p);
}

TEST(an_interrupted_creation_is_stopped_and_can_be_deleted)
{
	struct place p;
	cleanup(state_close) struct state s = {};
	place_open(&p);
	make(&p, "web", 0);
	CHECK(status_of(&p, "web") == STATUS_STOPPED);
	DONE(state_open(&p.root, "web", &p.arena, &s));
	DONE(state_lock(&s, 0));
	CHECK(status_of(&p, "web") == STATUS_CREATING);
	state_unlock(&s);
	DONE(container_delete(&p.root, "web", false, &p.arena));
	place_close(&p);
}

TEST(force_gets_past_who_holds_the_lock_as_soon_as_the_process_is_dead)
{
	struct place p;
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	pid_t holder = fork(); /* waits for the container's process, with the lock */
	if (holder == 0) {
		cleanup(state_close) struct state s = {};
		cleanup(fd_close) struct fd pidfd = {};
		bool ended;
		DONE(state_open(&p.root, "web", &p.arena, &s));
		DONE(state_lock(&s, 1000)); /* not at once: the other side looks */
		DONE(proc_open(p.pid, &pidfd));
		DONE(proc_await(fd_num(pidfd), -1, &ended));
		_exit(0);
	}
	cleanup(state_close) struct state s = {};
	DONE(state_open(&p.root, "web", &p.arena, &s));
	while (!state_is_locked(&s))
		sched_yield();
	DONE(container_delete(&p.root, "web", true, &p.arena));
	waitpid(holder, NULL, 0);
	place_close(&p);
}

TEST(without_a_control_group_there_is_nothing_to_freeze_or_list)
{
	struct place p;
	cleanup(container_close) struct container c = {};
	struct int_list pids;
	place_open(&p);
	p.pid = sleeper();
	make(&p, "web", p.pid);
	DONE(container_open(&p.root, "web", &p.arena, &c));
	REFUSED(container_pause(&c), "container web has no control group of its own");
	REFUSED(container_pids(&c, &p.arena, &pids),
		"container web has no control group of its own");
	REFUSED(container_resume(&c), "container not paused");
	DONE(container_delete(&p.root, "web", true, &p.arena));
	place_close(&p);
}
