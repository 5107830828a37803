/* Spec to operations: the container's view of its control groups. */
#include "planner/plan_mounts.h"

#include "base/path.h"
#include "kernel/compat.h"
#include "planner/idmap.h"

/* One directory of the host, with the spec's options. */
static void plan_group(struct mount_draft *m, const char *host, const char *target)
{
	struct op op = { OP_SOURCE, .why = "its control group" };
	op.source.host = host;
	op.source.slot = draft_slot(m->d);
	op.source.userns = NO_SLOT;
	op.source.set = m->opts.set | m->opts.rset;
	op.source.clear = m->opts.clear | m->opts.rclear;
	op.source.propagation = m->opts.propagation ? m->opts.propagation : MS_PRIVATE;
	op.source.propagation_recursive = m->opts.propagation_recursive;
	draft_source(m->d, op);
	draft_child(m->d, (struct op){ OP_ATTACH, .why = "its control group",
				  .attach = { op.source.slot, target, m->flags } });
}

static const struct cgroup_dir *v2_dir(const struct cgroup *c)
{
	for (list_each(const struct cgroup_dir, dir, c->dirs))
		if (dir->in->v2)
			return dir;
	return NULL;
}

static bool is_writable(const struct mount_draft *m)
{
	return !((m->opts.set | m->opts.rset) & MOUNT_ATTR_RDONLY);
}

/* A view of its own that can be written is for making groups in it, which takes owning it. Root
 * needs no more; who is whom in a user namespace that is joined, we don't know. */
static void give_group(struct draft *d, const struct cgroup_dir *dir)
{
	uint32_t host = (uint32_t)d->process->user.uid;
	bool known = !d->userns ||
	             idmap_to_host(&d->spec->linux.uid_mappings, d->process->user.uid, &host);
	if (known && host)
		draft_parent(d, (struct op){ OP_CGROUP_OWNER, .why = "it may make groups below",
					.cgroup_owner = { dir->host, host } });
}

/*
 * A mount of cgroup2 would wait for a grace period of the kernel, 5 to 15 ms, and show the same as
 * a bind mount: the own group as the top, where the namespace of groups is the container's; else
 * all of them, as /proc/self/cgroup names them.
 */
static void plan_v2(struct mount_draft *m, const struct cgroup_dir *dir)
{
	bool own = draft_has(m->d, CLONE_NEWCGROUP);
	if (m->d->made & CLONE_NEWCGROUP && is_writable(m))
		give_group(m->d, dir);
	plan_group(m, own ? dir->host : dir->in->mount, m->target);
}

/* Hierarchies with several controllers get a link for each: cpu -> cpu,cpuacct. */
static void plan_links(struct mount_draft *m, struct str name)
{
	if (!memchr(name.p, ',', name.n))
		return;
	const char *text = arena_str(m->d->arena, name);
	for (struct str rest = name; rest.n;) {
		struct str one = str_cut(&rest, ',');
		draft_child(m->d, (struct op){ OP_SYMLINK, .why = "the controller by its own name",
					  .symlink = { arena_fmt(m->d->arena, "%s/" STR_FMT,
							       m->target, STR_ARG(one)),
						  text } });
	}
}

/* v1: a small tmpfs with one directory for each hierarchy. */
static struct err *plan_v1(struct mount_draft *m)
{
	static const struct spec_mount tmpfs = { .type = "tmpfs", .source = "tmpfs" };
	struct mount_draft top = *m;
	struct text_list params = {};
	text_list_add(&params, m->d->arena, "mode=755");
	top.spec = &tmpfs;
	top.opts.set |= MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	plan_readonly_later(&top);
	plan_new_fs(&top, "where its control groups are", &params);
	for (list_each(const struct cgroup_dir, dir, m->d->cgroup->dirs)) {
		struct str name = path_base(str_of(dir->in->mount));
		if (dir->in->v2)
			continue;
		plan_group(m, dir->host,
			arena_fmt(m->d->arena, "%s/" STR_FMT, m->target, STR_ARG(name)));
		plan_links(m, name);
	}
	return NULL;
}

struct err *plan_cgroup_mount(struct mount_draft *m)
{
	const struct cgroup *c = m->d->cgroup;
	if (m->opts.params.n)
		draft_warn(m->d, "mounts[%zu].options: '%s' means nothing for control groups",
			m->number, m->opts.params.items[0]);
	const struct cgroup_dir *v2 = c ? v2_dir(c) : NULL;
	if (!c) {
		/* Nobody keeps the container from writing to groups that are not its own. */
		m->opts.set |= MOUNT_ATTR_RDONLY;
		plan_host_tree(m, "/sys/fs/cgroup", "control groups of the host, to be read");
	} else if (c->mode == CGROUP_V2 || (v2 && strcmp(m->spec->type, "cgroup2") == 0)) {
		if (v2)
			plan_v2(m, v2);
	} else {
		return plan_v1(m);
	}
	return NULL;
}
