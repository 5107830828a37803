/* The small tables of names: resource limits, namespaces, scheduling, signals. */
#include "base/test.h"
#include "kernel/compat.h"
#include "kernel/ns.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

TEST(each_resource_limit_has_one_name)
{
	CHECK(words_find(&rlimit_words, STR("RLIMIT_NOFILE"))->value == RLIMIT_NOFILE);
	for (uint64_t i = 0; i < RLIM_NLIMITS; i++)
		CHECK(words_name(&rlimit_words, i));
}

/* The names of /proc/self/ns are the kernel's word on which kinds there are. */
TEST(each_kind_of_namespace_is_in_proc)
{
	uint64_t all = 0;
	for (size_t i = 0; i < NS_KINDS; i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_kinds[i].proc);
		CHECK(access(path, F_OK) == 0);
		CHECK(ns_by_type(ns_kinds[i].type) == &ns_kinds[i]);
		CHECK(ns_by_flag(ns_kinds[i].flag) == &ns_kinds[i]);
		CHECK(!(all & ns_kinds[i].flag));
		all |= ns_kinds[i].flag;
	}
	CHECK(!ns_by_type("net") && !ns_by_flag(0));
	CHECK(ns_by_type("network")->flag == CLONE_NEWNET);
}

TEST(scheduling_words_have_the_kernels_numbers)
{
	CHECK(words_find(&sched_policies, STR("SCHED_DEADLINE"))->value == 6);
	CHECK(words_find(&sched_flags, STR("SCHED_FLAG_UTIL_CLAMP_MAX"))->value == 0x40);
	CHECK(words_find(&ioprio_classes, STR("IOPRIO_CLASS_IDLE"))->value == 3);
	CHECK(words_find(&mempolicy_modes, STR("MPOL_WEIGHTED_INTERLEAVE"))->value == 6);
	CHECK(words_find(&mempolicy_flags, STR("MPOL_F_STATIC_NODES"))->value == 1 << 15);
	CHECK(words_find(&personality_domains, STR("LINUX32"))->value == 8);
}

TEST(signals_have_names_with_and_without_prefix)
{
	static const struct {
		const char *name;
		int number;
	} cases[] = {
		{ "SIGTERM", SIGTERM },
		{ "TERM", SIGTERM },
		{ "sigkill", SIGKILL },
		{ "9", SIGKILL },
		{ "64", 64 },
		{ "CLD", SIGCHLD },
		{ "RTMIN", 34 },
		{ "SIGRTMIN+3", 37 },
		{ "RTMAX-1", 63 },
		{ "rtmax", 64 },
		{ "RTMIN+31", -1 },
		{ "RTMIN-1", -1 },
		{ "RTMIN+", -1 },
		{ "0", -1 },
		{ "65", -1 },
		{ "-1", -1 },
		{ "9x", -1 },
		{ "SIG", -1 },
		{ "", -1 },
		{ "999999999999", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (signal_number(cases[i].name) != cases[i].number)
			test_failed(__FILE__, __LINE__, "%s", cases[i].name);
	CHECK_TEXT(signal_name(SIGIO), "SIGIO");
	CHECK(!signal_name(40) && !signal_name(-3));
}
