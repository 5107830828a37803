#include "kernel/compat.h"
#include "plan/script.h"

bool piece_is_entry(enum op_kind kind)
{
	return kind == OP_CLONE || kind == OP_REFORK || kind == OP_UNSHARE || kind == OP_SETNS;
}

static void begin(struct script *s)
{
	s->piece++;
	buf_add(&s->child, "cat >\"$work/inside.%zu\" <<'%s'\n", s->piece, s->end);
	buf_add(&s->child, "set -eu\n. \"$work/functions\"\n");
}

/* Ends the piece: the shell becomes what its last line executes, and then the next shell. */
static void go_on(struct script *s, const char *tools)
{
	buf_add(&s->child, "\nexec %s \\\n\tsh \"$work/inside.%zu\"\n%s\n\n", tools, s->piece + 1,
		s->end);
	begin(s);
}

void piece_first(struct script *s)
{
	begin(s);
}

void piece_enter(struct script *s, const struct op *op)
{
	s->entries_left--;
	if (op->kind == OP_SETNS) {
		buf_add(&s->join, " ");
		shell_add(&s->shell, op, &s->join);
		s->enters_userns |= (op->ns.flags & CLONE_NEWUSER) != 0;
		return;
	}
	uint64_t flags = op->kind == OP_UNSHARE ? op->ns.flags : op->clone.flags;
	s->makes_userns |= (flags & CLONE_NEWUSER) != 0;
	s->make |= flags & ~(uint64_t)(CLONE_NEWUSER | CLONE_INTO_CGROUP);
	/* The first shell is a process of its own already, but not the first of a namespace. */
	bool first_in = op->kind == OP_CLONE && flags & (CLONE_NEWPID | CLONE_NEWTIME);
	s->forks |= op->kind == OP_REFORK || first_in;
}

void piece_mount_trees(struct script *s)
{
	if (s->trees_mounted)
		return;
	s->trees_mounted = true;
	buf_add(&s->child, "%s", buf_text(&s->trees));
}

/* In a user namespace the host's directories may be closed, and its mounts can't be changed: the
 * trees are mounted before, in a mount namespace from which that of the container is copied. */
static void prepare_outside(struct script *s)
{
	if (s->trees_mounted)
		return;
	go_on(s, "unshare --mount --propagation slave");
	buf_add(&s->child, "\n# Host trees, mounted while the host's directories are open to us.\n"
			   "mount --rbind \"$rootfs\" \"$root\"\n");
	piece_mount_trees(s);
}

/* "nsenter --net=/run/netns/blue unshare --mount --fork ": the tools of the change. */
static void add_tools(const struct script *s, struct buf *out)
{
	const char *sep = " \\\n\t";
	if (s->join.n)
		buf_add(out, "nsenter%s", buf_text(&s->join));
	if (s->makes_userns)
		buf_add(out, "%snsenter --user=\"/proc/$number/ns/user\" --setuid 0 --setgid 0",
			out->n ? sep : "");
	if (!s->make && !s->forks)
		return;
	struct op op = { .kind = s->forks ? OP_CLONE : OP_UNSHARE, .why = "" };
	if (s->forks)
		op.clone.flags = s->make;
	else
		op.ns.flags = s->make;
	buf_add(out, "%sunshare ", out->n ? sep : "");
	shell_add(&s->shell, &op, out);
	buf_add(out, "%s", buf_text(&s->clocks));
}

static bool has_change(const struct script *s)
{
	return s->join.n || s->make || s->forks || s->makes_userns;
}

void piece_arrive(struct script *s)
{
	if (!has_change(s))
		return;
	if (s->makes_userns || s->enters_userns)
		prepare_outside(s);
	if (s->makes_userns)
		buf_add(&s->child, "\nawait mapped\n");
	cleanup(buf_done) struct buf tools = {};
	add_tools(s, &tools);
	go_on(s, buf_text(&tools));
	if (!s->entries_left)
		buf_add(&s->child,
			"\n# The number of this process on the host, whose /proc is still there.\n"
			"read -r pid _ </proc/self/stat\npost born \"$pid\"\n");
	buf_done(&s->join);
	buf_done(&s->clocks);
	s->make = 0;
	s->forks = s->makes_userns = s->enters_userns = false;
}

void piece_end(struct script *s)
{
	buf_add(&s->child, "\nexec ");
	for (enum shell_tool tool = TOOL_SETSID; tool < TOOL_ENV; tool++)
		if (s->tools[tool].n)
			buf_add(&s->child, "%s%s\t", shell_tool_name(tool),
				buf_text(&s->tools[tool]));
	buf_add(&s->child, "env -i");
	shell_words(s->exec ? s->exec->exec.env : NULL, &s->child);
	buf_add(&s->child, " \\\n\t/bin/sh \"$work/last\"");
	shell_words(s->exec ? s->exec->exec.argv : NULL, &s->child);
	buf_add(&s->child, "\n%s\n", s->end);
}
