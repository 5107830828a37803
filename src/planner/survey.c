#include "planner/survey.h"
#include "base/fd.h"
#include "base/path.h"
#include "kernel/ns.h"
#include "kernel/nsfs.h"
#include "planner/passwd.h"
#include "planner/rdt.h"
#include "spec/mount_opts.h"
#include <fcntl.h>

static const char passwd[] = "/etc/passwd";

static bool has_home(const struct text_list *env)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->items[i], "HOME=", 5) == 0)
			return true;
	return false;
}

/* A file: an absolute path below the root directory @root of the host. */
struct place {
	const char *root, *path;
};

static struct err *home_in(const struct place *p, int64_t uid, struct arena *a, const char **out)
{
	cleanup(fd_close) struct fd root = {};
	struct passwd_entry entry;
	bool found = false;
	struct err *e = fd_open(&root, AT_FDCWD, p->root, O_PATH);
	if (!e)
		e = passwd_by_uid(fd_num(root), p->path, (uint32_t)uid, a, &entry, &found);
	*out = found && *entry.home ? entry.home : "/";
	return e;
}

static bool is_bind(const struct spec_mount *m, struct arena *a)
{
	struct mount_opts opts = {};
	cleanup(err_free) struct err *e = mount_opts_parse(&m->options, a, &opts);
	return !e && opts.bind && m->source;
}

/*
 * Where the container will see its users: the last mount that covers the file decides. A directory
 * that is bound is searched like a root; of a file that is bound, its own directory is.
 */
static struct place find_users(const struct launch_request *r, struct arena *a)
{
	struct place p = { r->rootfs, passwd };
	for (list_each(const struct spec_mount, m, r->spec->mounts)) {
		const char *at = path_join(a, "/", m->destination);
		bool whole = strcmp(at, passwd) == 0;
		if (!whole && !path_is_below(str_of(passwd), str_of(at)))
			continue;
		if (!is_bind(m, a))
			return (struct place){ "/", "/dev/null" }; /* something new and empty */
		const char *source = path_join(a, r->bundle, m->source);
		struct str dir = path_dir(str_of(source));
		p = whole ? (struct place){ arena_str(a, dir), source + dir.n }
		          : (struct place){ source, passwd + strlen(at) };
	}
	return p;
}

static struct err *find_own(struct launch_request *r)
{
	uint64_t own = 0;
	for (list_each(const struct spec_namespace, n, r->spec->linux.namespaces)) {
		uint64_t flag = ns_by_type(n->type)->flag;
		bool ours = false;
		struct err *e = n->path ? nsfs_is_ours(n->path, flag, &ours) : NULL;
		if (e)
			return err_wrap(e, "joining the %s namespace", n->type);
		own |= ours ? flag : 0;
	}
	r->host_namespaces = own;
	return NULL;
}

/* One that is not there or no directory would only be noticed when all else is made. */
static struct err *check_root(const char *rootfs)
{
	cleanup(fd_close) struct fd root = {};
	struct err *e = fd_open(&root, AT_FDCWD, rootfs, O_PATH | O_DIRECTORY);
	return e ? err_wrap(e, "invalid rootfs") : NULL;
}

struct err *survey_launch(struct launch_request *r, struct arena *a)
{
	const struct spec_process *p = &r->spec->process;
	struct err *e = check_root(r->rootfs);
	if (!e)
		e = find_own(r);
	if (!e && r->spec->linux.intel_rdt.present)
		e = rdt_find_mount(a, &r->resctrl);
	if (e || has_home(&p->env))
		return e;
	struct place place = find_users(r, a);
	e = home_in(&place, p->user.uid, a, &r->home);
	return e ? err_wrap(e, "looking up the home directory of user %lld", (long long)p->user.uid)
	         : NULL;
}

struct err *survey_exec(struct exec_request *r, pid_t pid, struct arena *a)
{
	if (has_home(&r->process->env))
		return NULL;
	struct place place = { arena_fmt(a, "/proc/%d/root", (int)pid), passwd };
	struct err *e = home_in(&place, r->process->user.uid, a, &r->home);
	return e ? err_wrap(e, "looking up the home directory of user %lld",
			   (long long)r->process->user.uid)
	         : NULL;
}
