/* The first line is a cgroupsPath, the second /proc/self/cgroup with ';' for line ends, the rest
 * a mountinfo: no path leads out of its hierarchy. (The kernel's own may have ".." in front.) */
#include "cgroup/cgroup.h"
#include "fuzz.h"

static void check(const struct cgroup_dir *d, const char *asked)
{
	HOLDS(d->path[0] == '/' && (asked[0] != '/' || !strstr(d->path, "/../")));
	HOLDS(strncmp(d->host, d->in->mount, strlen(d->in->mount)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct str mounts = { (const char *)data + (n != 0), n - (n != 0) };
	char *path = arena_str(&a, str_cut(&mounts, '\n'));
	char *groups = arena_str(&a, str_cut(&mounts, '\n'));
	for (char *c = groups; *c; c++)
		*c = *c == ';' ? '\n' : *c;
	struct cgroup_host host = {};
	struct cgroup c = {};
	cgroup_host_parse(mounts, str_of(groups), &a, &host);
	bool systemd = n && data[0] == 's';
	cleanup(err_free) struct err *e = cgroup_locate(&host, path, "web", systemd, &a, &c);
	if (!e)
		for (list_each(const struct cgroup_dir, d, c.dirs))
			check(d, path);
	return 0;
}
