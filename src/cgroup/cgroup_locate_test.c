#include "base/test.h"
#include "cgroup/cgroup.h"
#include <string.h>

static struct cgroup_hierarchy both[] = {
	{ .mount = "/cg/cpu", .controllers = "cpu,cpuacct", .root = "/", .own = "/me/now" },
	{ .mount = "/cg/memory", .controllers = "memory", .root = "/", .own = "/" },
	{ .mount = "/cg/unified",
		.controllers = "hugetlb io",
		.root = "/",
		.own = "/me/now",
		.v2 = true },
};
static const struct cgroup_host hybrid = { .mode = CGROUP_HYBRID, .hierarchies = { both, 3 } };
static const struct cgroup_host v2 = { .mode = CGROUP_V2, .hierarchies = { both + 2, 1 } };
static const struct cgroup_host v2_user = { .mode = CGROUP_V2,
	.hierarchies = { both + 2, 1 },
	.user_manager = "/user.slice/user-7.slice/user@7.service" };

static void check_dirs(
	const struct cgroup_host *host, const char *path, bool systemd, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf got = {};
	struct cgroup c;
	cleanup(err_free) struct err *e = cgroup_locate(host, path, "web", systemd, &a, &c);
	if (e)
		buf_add(&got, "%s\n", e->text);
	else if (c.scope)
		buf_add(&got, "%s in %s%s\n", c.scope, c.slice, c.user ? " (user)" : "");
	for (list_each(const struct cgroup_dir, d, c.dirs)) {
		if (e)
			break;
		buf_add(&got, "%s\n", d->host);
		CHECK(strcmp(d->host + strlen(d->in->mount), d->path) == 0);
	}
	CHECK_TEXT(buf_text(&got), want);
}

TEST(absolute_paths_begin_at_the_mounts)
{
	check_dirs(&hybrid, "/docker/abc", false,
		"/cg/cpu/docker/abc\n/cg/memory/docker/abc\n/cg/unified/docker/abc\n");
	check_dirs(&v2, "/a", false, "/cg/unified/a\n");
}

TEST(relative_paths_begin_at_our_own_group)
{
	check_dirs(
		&hybrid, NULL, false, "/cg/cpu/me/now/web\n/cg/memory/web\n/cg/unified/me/web\n");
	check_dirs(&hybrid, "", false, "/cg/cpu/me/now/web\n/cg/memory/web\n/cg/unified/me/web\n");
	check_dirs(&v2, "test.slice:cri:4c", false, "/cg/unified/me/test.slice:cri:4c\n");
}

TEST(paths_that_lead_elsewhere_are_refused)
{
	static const struct {
		const char *path, *why;
	} bad[] = {
		{ "/a/../../x", "control group path '/a/../../x' may not contain '.' or '..'\n" },
		{ "..", "control group path '..' may not contain '.' or '..'\n" },
		{ "a/./b", "control group path 'a/./b' may not contain '.' or '..'\n" },
		{ "/a//b", "control group path '/a//b' has an empty part\n" },
		{ "a/", "control group path 'a/' ends in a slash\n" },
		{ "//", "control group path '//' ends in a slash\n" },
		{ "/", "control group path '/' names the root of the hierarchy, which holds the "
		       "host's "
		       "processes\n" },
		{ "a\nb", "control group path '...' contains a newline or another control "
			  "character\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_dirs(&hybrid, bad[i].path, false, bad[i].why);
	char longer[300] = "/";
	memset(longer + 1, 'x', 256);
	cleanup(buf_done) struct buf want = {};
	buf_add(&want, "control group path '%s' has a part longer than 255 bytes\n", longer);
	check_dirs(&v2, longer, false, want.p);
}

TEST(units_of_systemd)
{
	check_dirs(&v2, NULL, true,
		"onggi-web.scope in system.slice\n/cg/unified/system.slice/onggi-web.scope\n");
	check_dirs(&hybrid, ":cri-containerd:4c", true,
		"cri-containerd-4c.scope in system.slice\n"
		"/cg/cpu/system.slice/cri-containerd-4c.scope\n"
		"/cg/memory/system.slice/cri-containerd-4c.scope\n"
		"/cg/unified/system.slice/cri-containerd-4c.scope\n");
	check_dirs(&v2, "kubepods-besteffort-pod1_2.slice:cri:x", true,
		"cri-x.scope in kubepods-besteffort-pod1_2.slice\n"
		"/cg/unified/kubepods.slice/kubepods-besteffort.slice/"
		"kubepods-besteffort-pod1_2.slice/cri-x.scope\n");
	check_dirs(&v2, "-:p:x", true, "p-x.scope in -.slice\n/cg/unified/p-x.scope\n");
	check_dirs(&v2, "a.slice::x", true, "x.scope in a.slice\n/cg/unified/a.slice/x.scope\n");
	check_dirs(&v2, "a.slice:p:a-b.slice", true,
		"a-b.slice in a.slice\n/cg/unified/a.slice/a-b.slice\n");
	check_dirs(&v2_user, NULL, true,
		"onggi-web.scope in user.slice (user)\n"
		"/cg/unified/user.slice/user-7.slice/user@7.service/user.slice/onggi-web.scope\n");
}

TEST(units_that_systemd_would_not_take)
{
	static const char *const bad[] = { "a-.slice:p:x", "-a.slice:p:x", "a--b.slice:p:x",
		".slice:p:x", "a.service:p:x", "a/b.slice:p:x", "../a.slice:p:x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup(arena_done) struct arena a = {};
		struct cgroup c;
		cleanup(err_free) struct err *e = cgroup_locate(&v2, bad[i], "web", true, &a, &c);
		CHECK(e && strstr(e->text, "invalid slice name"));
	}
	check_dirs(&v2, "/docker/x", true,
		"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, "
		"got "
		"\"/docker/x\" instead\n");
	check_dirs(&v2, "a.slice:p:x:y", true,
		"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, "
		"got "
		"\"a.slice:p:x:y\" instead\n");
	check_dirs(&v2, "a.slice:p:x/../y", true,
		"'p-x/../y.scope' can't be the name of a systemd unit\n");
}

TEST(controllers_have_their_directory)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup c;
	cleanup(err_free) struct err *e = cgroup_locate(&hybrid, "/x", "web", false, &a, &c);
	CHECK(!e);
	CHECK_TEXT(cgroup_dir_of(&c, "cpuacct")->host, "/cg/cpu/x");
	CHECK_TEXT(cgroup_dir_of(&c, "io")->host, "/cg/unified/x");
	CHECK_TEXT(cgroup_dir_of(&c, "")->host, "/cg/unified/x");
	CHECK(!cgroup_dir_of(&c, "pids") && !cgroup_dir_of(&c, "cp"));
}

TEST(the_users_manager)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup_hierarchy h = { .own = "/user.slice/user-1000.slice/session-1.scope",
		.v2 = true };
	struct cgroup_host host = { .hierarchies = { &h, 1 } };
	CHECK_TEXT(
		cgroup_user_manager(&host, 0, &a), "/user.slice/user-1000.slice/user@1000.service");
	CHECK_TEXT(cgroup_user_manager(&hybrid, 7, &a), "/user.slice/user-7.slice/user@7.service");
}
