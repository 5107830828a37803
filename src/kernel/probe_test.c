#include "base/test.h"
#include "kernel/cap.h"
#include "kernel/compat.h"
#include "kernel/lsm.h"
#include "kernel/probe.h"
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct host_facts probe(void)
{
	struct host_facts host = {};
	cleanup(err_free) struct err *e = probe_host(&host);
	CHECK(!e);
	return host;
}

TEST(probe_agrees_with_the_kernel_on_capabilities)
{
	struct host_facts host = probe();
	CHECK(host.uid == geteuid() && host.gid == getegid());
	CHECK(prctl(PR_CAPBSET_READ, host.last_capability, 0, 0, 0) >= 0);
	CHECK(prctl(PR_CAPBSET_READ, host.last_capability + 1, 0, 0, 0) < 0);
	for (int i = 0; i <= host.last_capability; i++)
		CHECK(prctl(PR_CAPBSET_READ, i, 0, 0, 0) == (int)(host.bounding >> i & 1));
	CHECK(host.bounding >> host.last_capability <= 1);
}

TEST(probe_reads_every_limit)
{
	struct rlimit lower;
	CHECK(getrlimit(RLIMIT_NOFILE, &lower) == 0);
	lower.rlim_cur = 64;
	CHECK(setrlimit(RLIMIT_NOFILE, &lower) == 0);
	struct host_facts host = probe();
	CHECK(host.rlimits[RLIMIT_NOFILE].soft == 64);
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;
		CHECK(prlimit(0, (__rlimit_resource_t)i, NULL, &limit) == 0);
		CHECK(host.rlimits[i].soft == limit.rlim_cur);
		CHECK(host.rlimits[i].hard == limit.rlim_max);
	}
}

/* A dropped capability is missing afterwards; that the bit is the right one, cap.c knows. */
TEST(probe_sees_a_bounding_set_that_shrank)
{
	if (!(probe().permitted >> CAP_SETPCAP & 1))
		test_skipped("needs CAP_SETPCAP");
	CHECK(prctl(PR_CAPBSET_DROP, cap_number("SYS_BOOT"), 0, 0, 0) == 0);
	CHECK(!(probe().bounding >> CAP_SYS_BOOT & 1));
	CHECK(probe().bounding >> CAP_KILL & 1);
}

TEST(probe_tells_user_namespaces_apart)
{
	struct host_facts outside = probe();
	if (unshare(CLONE_NEWUSER) < 0)
		test_skipped("no user namespaces here");
	struct host_facts host = probe();
	CHECK(!host.initial_userns);
	CHECK(!host.can_mount); /* all capabilities, but the mounts are another namespace's */
	CHECK(host.permitted >> CAP_SYS_ADMIN & 1);
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(probe().can_mount);
	CHECK(outside.uid != 0 || !outside.initial_userns || outside.can_mount);
}

TEST(probe_is_cheap)
{
	struct timespec from, to;
	long best = 1000000;
	for (int i = 0; i < 20; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		probe();
		clock_gettime(CLOCK_MONOTONIC, &to);
		long ns = (to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec;
		best = ns < best ? ns : best;
	}
	printf("probe_host: %ld ns\n", best);
	CHECK(best < 200000); /* 30 us on a quiet machine; the sanitizers have their price */
}

TEST(labels_without_their_module_are_refused)
{
	struct host_facts none = {};
	cleanup(arena_done) struct arena arena = {};
	struct lsm_write w;
	cleanup(err_free) struct err *e = lsm_apparmor_exec(&none, "docker-default", &arena, &w);
	CHECK_TEXT(
		e->text, "apparmor: config provided but apparmor not supported (docker-default)");
	err_free(&e);
	e = lsm_selinux_exec(&none, "system_u:object_r:x", &arena, &w);
	CHECK(e);
	err_free(&e);
	const char *option;
	e = lsm_selinux_mount(&none, "system_u:object_r:x", &arena, &option);
	CHECK(e);
}

TEST(labels_are_written_where_their_module_reads_them)
{
	struct host_facts both = { .apparmor = true, .selinux = true };
	cleanup(arena_done) struct arena arena = {};
	struct lsm_write w;
	CHECK(!lsm_apparmor_exec(&both, "docker-default", &arena, &w));
	CHECK_TEXT(w.path, "self/attr/apparmor/exec");
	CHECK_TEXT(w.text, "exec docker-default");
	CHECK(!lsm_selinux_exec(&both, "u:r:t:s0:c1,c2", &arena, &w));
	CHECK_TEXT(w.path, "self/attr/exec");
	CHECK_TEXT(w.text, "u:r:t:s0:c1,c2");
	CHECK(!lsm_selinux_key(&both, "u:r:t", &arena, &w));
	CHECK_TEXT(w.path, "self/attr/keycreate");
	const char *option;
	CHECK(!lsm_selinux_mount(&both, "u:r:t:s0:c1,c2", &arena, &option));
	CHECK_TEXT(option, "context=u:r:t:s0:c1,c2");
}
