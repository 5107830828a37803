#include "base/test.h"
#include "kernel/compat.h"
#include "spec/sysctl.h"

static const struct {
	const char *key, *path;
	uint64_t owner;
} good[] = {
	{ "net.ipv4.ip_forward", "sys/net/ipv4/ip_forward", CLONE_NEWNET },
	{ "net/ipv4/ip_forward", "sys/net/ipv4/ip_forward", CLONE_NEWNET },
	{ "net.ipv4.conf.eth0/1.rp_filter", "sys/net/ipv4/conf/eth0.1/rp_filter", CLONE_NEWNET },
	{ "net/ipv4/conf/eth0.1/rp_filter", "sys/net/ipv4/conf/eth0.1/rp_filter", CLONE_NEWNET },
	{ "kernel.shm_rmid_forced", "sys/kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel/sem", "sys/kernel/sem", CLONE_NEWIPC },
	{ "fs.mqueue.msg_max", "sys/fs/mqueue/msg_max", CLONE_NEWIPC },
	{ "kernel.domainname", "sys/kernel/domainname", CLONE_NEWUTS },
	{ "kernel.core_pattern", "sys/kernel/core_pattern", 0 },
	{ "kernel.semaphores", "sys/kernel/semaphores", 0 },
	{ "fs.mqueue", "sys/fs/mqueue", 0 },
	{ "network.x", "sys/network/x", 0 },
	{ "vm.swappiness", "sys/vm/swappiness", 0 },
	{ "net", "sys/net", 0 },
};

TEST(settings_have_files_and_owners)
{
	cleanup(arena_done) struct arena a = {};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		const char *path;
		CHECK(!sysctl_path(good[i].key, &a, &path));
		CHECK_TEXT(path, good[i].path);
		CHECK(sysctl_owner(path) == good[i].owner);
	}
}

/* What would leave /proc/sys/net for the rest of /proc/sys. */
TEST(settings_that_climb_are_refused)
{
	static const char *const bad[] = { "", ".", "..", "net/../kernel/modprobe",
		"net.//.kernel.modprobe", "net/./x", "net//x", "/net/x", "net/x/", "net..x", "net.",
		".net", "net/..", "kernel/../net/x" };
	cleanup(arena_done) struct arena a = {};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *path;
		cleanup(err_free) struct err *e = sysctl_path(bad[i], &a, &path);
		if (!e)
			test_failed(__FILE__, __LINE__, "'%s' is %s", bad[i], path);
	}
}
