/* Spec to operations: mounts of trees that the host has already. */
#include "planner/plan_mounts.h"

#include "base/path.h"
#include "kernel/compat.h"
#include "planner/idmap.h"
#include <fcntl.h>

/* A namespace with the same maps that an earlier mount has asked for; NO_SLOT if there is none. */
static int find_userns(const struct draft *d, const char *uids, const char *gids)
{
	const struct plan_builder *b = &d->parts.parent;
	for (size_t i = 0; i < b->n; i++) {
		const struct op *op = &b->ops[i];
		if (op->kind == OP_USERNS && strcmp(op->id_map.uid_map, uids) == 0 &&
			strcmp(op->id_map.gid_map, gids) == 0)
			return op->id_map.slot;
	}
	return NO_SLOT;
}

static int userns_of_maps(struct mount_draft *m, const struct list *uids, const struct list *gids)
{
	const char *uid_map = idmap_text(uids, m->d->arena),
		   *gid_map = idmap_text(gids, m->d->arena);
	int slot = find_userns(m->d, uid_map, gid_map);
	if (slot != NO_SLOT)
		return slot;
	struct op op = { OP_USERNS, .why = "whose files are whose" };
	op.id_map.uid_map = uid_map;
	op.id_map.gid_map = gid_map;
	op.id_map.slot = slot = draft_slot(m->d);
	draft_parent(m->d, op);
	return slot;
}

static const char *joined_userns(const struct draft *d)
{
	if (!(d->joined & CLONE_NEWUSER))
		return NULL;
	for (list_each(const struct spec_namespace, n, d->spec->linux.namespaces))
		if (n->path && strcmp(n->type, "user") == 0)
			return n->path;
	return NULL;
}

/* The maps of the mount itself; or those of the container, which may be somebody else's. */
static struct err *pick_userns(struct mount_draft *m, int *slot)
{
	const struct spec_linux *l = &m->d->spec->linux;
	if (m->spec->uid_mappings.n) {
		*slot = userns_of_maps(m, &m->spec->uid_mappings, &m->spec->gid_mappings);
	} else if (joined_userns(m->d)) {
		*slot = draft_slot(m->d);
		draft_parent(m->d, (struct op){ OP_OPEN, .why = "whose files are whose",
					   .open = { joined_userns(m->d), O_RDONLY, *slot } });
	} else if (m->d->made & CLONE_NEWUSER) {
		*slot = userns_of_maps(m, &l->uid_mappings, &l->gid_mappings);
	} else {
		return err_new(ERR_USAGE, "idmap needs uidMappings and gidMappings, or a user "
					  "namespace that has some");
	}
	return NULL;
}

static struct err *check_idmap(const struct mount_draft *m)
{
	if (m->d->privileged)
		return NULL;
	return err_hint(err_new(ERR_DENIED, "uidMappings and gidMappings of a mount take "
					    "CAP_SYS_ADMIN outside of the container"),
		"run as root, or leave them out");
}

/*
 * Whoever clones before the old root has become a slave gets a mount of the host's own peer group:
 * events would travel out of the container. The spec can ask for that, by a shared root; but not
 * for what a user namespace gets, whose owner is somebody else.
 */
static void set_propagation(struct mount_draft *m, struct op *op)
{
	op->source.propagation = m->opts.propagation;
	op->source.propagation_recursive = m->opts.propagation_recursive;
	if (!m->d->early_sources)
		return;
	if (!m->opts.propagation || m->opts.propagation == MS_SHARED) {
		op->source.propagation = MS_SLAVE;
		op->source.propagation_recursive = true;
	}
}

struct err *plan_bind_source(struct mount_draft *m)
{
	struct draft *d = m->d;
	if (!m->spec->source)
		return err_new(ERR_USAGE, "a bind mount needs a source");
	const char *host = path_join(d->arena, d->launch->bundle, m->spec->source);
	struct op op = { OP_SOURCE, .why = "what the host shares" };
	op.source.host = host;
	op.source.userns = NO_SLOT;
	op.source.recursive = m->opts.recursive;
	op.source.recursive_idmap = m->opts.recursive_idmap;
	op.source.set = m->opts.set;
	op.source.clear = m->opts.clear;
	op.source.rset = m->opts.rset;
	op.source.rclear = m->opts.rclear;
	set_propagation(m, &op);
	if (m->opts.idmap || m->spec->uid_mappings.n) {
		struct err *e = check_idmap(m);
		if (!e)
			e = pick_userns(m, &op.source.userns);
		if (e)
			return e;
	}
	op.source.slot = m->slot = draft_slot(d);
	draft_source(d, op);
	return NULL;
}

static void attach(struct mount_draft *m, int slot, const char *why)
{
	draft_child(m->d,
		(struct op){ OP_ATTACH, .why = why, .attach = { slot, m->target, m->flags } });
}

/* A slave that is shared as well: it hears from the host and has peers of its own. */
static void share(struct mount_draft *m)
{
	struct op op = { OP_ATTR, .why = "mounts made there are seen by its copies" };
	op.attr.target = m->target;
	op.attr.propagation = MS_SHARED;
	op.attr.propagation_recursive = m->opts.propagation_recursive;
	draft_child(m->d, op);
}

static void warn_of_idle(struct mount_draft *m)
{
	for (size_t i = 0; i < m->opts.params.n; i++)
		draft_warn(m->d, "mounts[%zu].options: '%s' means nothing for a bind mount",
			m->number, m->opts.params.items[i]);
	if (m->opts.copy_up)
		draft_warn(m->d, "mounts[%zu].options: 'tmpcopyup' means nothing for a bind mount",
			m->number);
}

struct err *plan_bind(struct mount_draft *m)
{
	struct err *e = m->slot == NO_SLOT ? plan_bind_source(m) : NULL;
	if (e)
		return e;
	warn_of_idle(m);
	attach(m, m->slot, "shared by the host");
	if (m->d->early_sources && m->opts.propagation == MS_SHARED)
		share(m);
	return NULL;
}

/* Everything in the tree gets what the topmost mount would: a recursive bind of /sys has mounts
 * below it that are writable. What is set may be locked, so nothing is cleared. */
void plan_host_tree(struct mount_draft *m, const char *host, const char *why)
{
	struct op op = { OP_SOURCE, .why = why };
	op.source.host = host;
	op.source.slot = draft_slot(m->d);
	op.source.userns = NO_SLOT;
	op.source.recursive = true;
	op.source.rset = m->opts.set | m->opts.rset;
	op.source.rclear = (m->opts.clear | m->opts.rclear) & MOUNT_ATTR__ATIME;
	op.source.propagation = MS_SLAVE;
	op.source.propagation_recursive = true;
	draft_source(m->d, op);
	attach(m, op.source.slot, why);
}
