#include "base/test.h"
#include "cgroup/cgroup.h"
#include <unistd.h>

static const char hybrid_mounts[] =
	"22 1 8:1 / / rw,relatime - ext4 /dev/root rw\n"
	"23 22 0:21 / /sys rw shared:2 - sysfs sysfs rw\n"
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:7 - cgroup cgroup "
	"rw,cpu,cpuacct\n"
	"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	"40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
static const char hybrid_groups[] = "9:name=systemd:/init.scope\n4:memory:/a/b\n3:pids:/\n"
				    "2:cpu,cpuacct:/\n0::/init.scope\n";

static void show(const struct cgroup_host *host, struct buf *out)
{
	static const char *const modes[] = { "none", "v1", "hybrid", "v2" };
	buf_add(out, "%s\n", modes[host->mode]);
	for (list_each(const struct cgroup_hierarchy, h, host->hierarchies))
		buf_add(out, "%s %s %s %s%s\n", h->mount, *h->controllers ? h->controllers : "-",
			h->root, h->own, h->v2 ? " v2" : "");
}

static void check_host(const char *mounts, const char *groups, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf got = {};
	struct cgroup_host host;
	cgroup_host_parse(str_of(mounts), str_of(groups), &a, &host);
	show(&host, &got);
	CHECK_TEXT(buf_text(&got), want);
}

TEST(hybrid_host)
{
	check_host(hybrid_mounts, hybrid_groups,
		"hybrid\n"
		"/sys/fs/cgroup/systemd name=systemd / /init.scope\n"
		"/sys/fs/cgroup/memory memory / /a/b\n"
		"/sys/fs/cgroup/cpu,cpuacct cpu,cpuacct / /\n"
		"/sys/fs/cgroup/unified - / /init.scope v2\n");
}

TEST(v2_host)
{
	check_host("22 1 8:1 / / rw - ext4 /dev/root rw\n"
		   "30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
		"0::/user.slice/user-1000.slice/session-1.scope\n",
		"v2\n/sys/fs/cgroup - / /user.slice/user-1000.slice/session-1.scope v2\n");
}

TEST(host_without_control_groups)
{
	check_host("22 1 8:1 / / rw - ext4 /dev/root rw\n", "0::/\n", "none\n");
	check_host("", "", "none\n");
}

TEST(mounts_that_show_a_part)
{
	const char *mounts =
		"22 1 8:1 / / rw - overlay overlay rw\n"
		"32 22 0:29 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
		"33 22 0:30 /docker/abc /sys/fs/cgroup/pids ro,nosuid - cgroup cgroup rw,pids\n"
		"34 22 0:31 /../.. /sys/fs/cgroup/cpu ro,nosuid - cgroup cgroup rw,cpu\n";
	check_host(mounts, "4:memory:/docker/abc/job\n3:pids:/docker/abcd\n2:cpu:/..\n",
		"v1\n"
		"/sys/fs/cgroup/memory memory /docker/abc /job\n"
		"/sys/fs/cgroup/pids pids /docker/abc /\n"
		"/sys/fs/cgroup/cpu cpu /../.. /\n");
	check_host(mounts, "4:memory:/docker/abc\n",
		"v1\n/sys/fs/cgroup/memory memory /docker/abc /\n");
}

TEST(of_several_mounts_the_one_that_serves_best)
{
	check_host("22 1 8:1 / / rw - ext4 /dev/root rw\n"
		   "50 22 0:27 /x /var/lib/c/rootfs/sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		   "51 22 0:27 / /mnt/ro ro - cgroup2 cgroup2 rw\n"
		   "52 22 0:27 / /mnt/with\\040blank rw - cgroup2 cgroup2 rw\n"
		   "53 22 0:27 / /mnt/later rw - cgroup2 cgroup2 rw\n",
		"0::/\n", "v2\n/mnt/with blank - / / v2\n");
	check_host("22 1 8:1 / / rw - ext4 /dev/root rw\n"
		   "52 22 0:27 / /mnt rw - cgroup2 cgroup2 rw\n"
		   "53 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		"0::/\n", "v2\n/sys/fs/cgroup - / / v2\n");
}

/* What unshare -m; mount -t cgroup2 over the tmpfs with the v1 hierarchies leaves behind. */
TEST(hidden_mounts_do_not_count)
{
	cleanup(buf_done) struct buf mounts = {};
	buf_add(&mounts, "%s60 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", hybrid_mounts);
	check_host(mounts.p, hybrid_groups, "v2\n/sys/fs/cgroup - / /init.scope v2\n");

	cleanup(buf_done) struct buf over_sys = {};
	buf_add(&over_sys, "%s61 23 0:50 / /sys rw - tmpfs tmpfs rw\n", hybrid_mounts);
	check_host(over_sys.p, hybrid_groups, "none\n");

	cleanup(buf_done) struct buf beside = {};
	buf_add(&beside, "%s61 23 0:50 / /sys/fs/cg rw - tmpfs tmpfs rw\n", hybrid_mounts);
	check_host(beside.p, "4:memory:/\n", "v1\n/sys/fs/cgroup/memory memory / /\n");
}

TEST(this_host_can_be_read)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup_host host;
	cleanup(err_free) struct err *e = cgroup_host_read(&a, &host);
	CHECK(!e);
	for (list_each(const struct cgroup_hierarchy, h, host.hierarchies)) {
		cleanup(buf_done) struct buf procs = {};
		buf_add(&procs, "%s/cgroup.procs", h->mount);
		CHECK(access(procs.p, F_OK) == 0);
		CHECK(h->controllers && *h->own == '/');
	}
}
