/* What becomes of one operation: in which part it is told, and as what. */
#include "kernel/compat.h"
#include "plan/script.h"
#include "plan/show.h"

enum { COLUMNS = 100 };
static const char next[] = "#   "; /* how the lines of a comment after its first begin */

void script_text(const char *first, const char *text, struct buf *out)
{
	struct str rest = str_of(text);
	size_t at = strlen(first);
	buf_add(out, "%s", first);
	while (rest.n) {
		struct str word = str_cut(&rest, ' ');
		if (at + 1 + word.n > COLUMNS) {
			buf_add(out, "\n%s", next);
			at = strlen(next);
		}
		buf_add(out, " " STR_FMT, STR_ARG(word));
		at += 1 + word.n;
	}
	buf_add(out, "\n");
}

void script_flatten(struct buf *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\n')
			b->p[i] = ' ';
}

static void add_comment(struct script *s, const struct turn *turn, struct buf *out)
{
	cleanup(buf_done) struct buf first = {}, text = {};
	buf_add(&first, "\n# %zu. %s:", s->number, turn->side == SIDE_PARENT ? "parent" : "child");
	buf_add(&text, "%s: ", turn->op->why);
	show_title(turn->op, s->request->plan, &text);
	if (turn->op->may_fail)
		buf_add(&text, " (may fail)");
	script_flatten(&text);
	script_text(buf_text(&first), buf_text(&text), out);
	if (shell_note(turn->op->kind))
		script_text(next, shell_note(turn->op->kind), out);
}

static void add_commands(struct script *s, const struct op *op, struct buf *out)
{
	cleanup(buf_done) struct buf lines = {};
	shell_add(&s->shell, op, &lines);
	if (lines.n && op->may_fail)
		buf_add(out, "{\n%s} || :\n", buf_text(&lines));
	else
		buf_add(out, "%s", buf_text(&lines));
}

static void tell(struct script *s, const struct turn *turn, struct buf *out)
{
	add_comment(s, turn, out);
	add_commands(s, turn->op, out);
}

/* The parent's half. */

/* A terminal comes from script(1), which passes on between it and the one the script is run at. */
static void parent_clone(struct script *s, const struct turn *turn)
{
	add_comment(s, turn, &s->maps);
	if (shell_has_terminal(&s->shell))
		buf_add(&s->maps, "SHELL=/bin/sh script --quiet --return \\\n\t"
				  "--command 'exec sh \"$work/inside.1\"' /dev/null");
	else
		buf_add(&s->maps, "sh \"$work/inside.1\"");
	buf_add(&s->maps, " <&9 9<&- 5<&- 6>&- &\n"
			  "child=$!\n"
			  "exec 7<&5 8>&6 5<&- 6>&- 9<&-\n");
	if (turn->op->clone.flags & CLONE_INTO_CGROUP) {
		buf_add(&s->child, "\necho 0 > ");
		shell_slot(&s->shell, SLOT_CGROUP, &s->child);
		buf_add(&s->child, "/cgroup.procs\n");
	}
	piece_enter(s, turn->op);
}

static void parent_id_map(struct script *s, const struct turn *turn)
{
	tell(s, turn, &s->maps);
	buf_add(&s->maps, "post mapped \"$holder\"\n");
}

void script_settle(struct script *s)
{
	if (s->changing)
		buf_add(&s->after, "post pivoted\n");
	s->changing = false;
}

/* The parent's half goes on; if it has just changed the root, the last shell is told first. */
static struct buf *after(struct script *s)
{
	script_settle(s);
	return &s->after;
}

/* The end of the conversation is an end of file. */
static void parent_await(struct script *s, const struct turn *turn)
{
	add_comment(s, turn, after(s));
	if (turn->op->sync.stage == STAGE_RUNS)
		buf_add(after(s), "while read -r _ <&7; do :; done\n");
	else
		buf_add(after(s), "await %s\n", stage_name(turn->op->sync.stage));
}

static void parent_post(struct script *s, const struct turn *turn)
{
	if (turn->op->sync.stage == STAGE_MAPPED)
		return;
	add_comment(s, turn, after(s));
	buf_add(after(s), "post %s\n", stage_name(turn->op->sync.stage));
}

static void child_step(struct script *s, const struct turn *turn)
{
	if (!shell_note(turn->op->kind))
		piece_arrive(s);
	tell(s, turn, &s->child);
}

/* A host tree is mounted in a place that is made here: the child may not be able to. */
static void host_tree(struct script *s, const struct turn *turn)
{
	buf_add(&s->ahead, "\n# Where the host tree of operation %zu will be.\nlike ", s->number);
	shell_quote(turn->op->source.host, &s->ahead);
	buf_add(&s->ahead, " ");
	shell_slot(&s->shell, turn->op->source.slot, &s->ahead);
	buf_add(&s->ahead, "\n");
	if (s->trees_mounted)
		child_step(s, turn);
	else
		tell(s, turn, &s->trees);
}

static void parent_step(struct script *s, const struct turn *turn)
{
	bool begun = s->maps.n != 0;
	tell(s, turn, begun ? after(s) : &s->ahead);
}

/* The child's half. */

static void child_enter(struct script *s, const struct turn *turn)
{
	add_comment(s, turn, &s->child);
	piece_enter(s, turn->op);
}

/* Joining needs nothing but the shell, and the host's rights. */
static void child_join_cgroup(struct script *s, const struct turn *turn)
{
	tell(s, turn, &s->child);
}

static void child_root(struct script *s, const struct turn *turn)
{
	piece_arrive(s);
	piece_mount_trees(s);
	tell(s, turn, &s->child);
}

/* A detached file system: its place is made by the parent. */
static void child_mount(struct script *s, const struct turn *turn)
{
	const struct op *op = turn->op;
	if (!op->mount.target || (op->mount.flags & MOUNT_COPY_UP)) {
		buf_add(&s->ahead, "mkdir -p ");
		if (op->mount.target)
			buf_add(&s->ahead, "\"$work/new\"");
		else
			shell_slot(&s->shell, op->mount.slot, &s->ahead);
		buf_add(&s->ahead, "\n");
	}
	child_step(s, turn);
}

static void child_sync(struct script *s, const struct turn *turn)
{
	const char *stage = stage_name(turn->op->sync.stage);
	bool posts = turn->op->kind == OP_POST;
	if (turn->op->sync.stage == STAGE_MAPPED) {
		add_comment(s, turn, &s->child);
		return;
	}
	if (!s->placed) {
		piece_arrive(s);
		add_comment(s, turn, &s->child);
		buf_add(&s->child, "%s %s\n", posts ? "post" : "await", stage);
		return;
	}
	add_comment(s, turn, &s->last);
	buf_add(&s->last, posts ? "echo %s >&8\n" : "read -r _said <&7  # %s\n", stage);
}

/* The last shell waits, the parent does it. */
static void child_pivot(struct script *s, const struct turn *turn)
{
	piece_arrive(s);
	s->placed = true;
	add_comment(s, turn, &s->child);
	buf_add(&s->child, "#    done by the parent's half, when the last shell is there\n");
	buf_add(&s->last, "\n# The root is changed from outside.\n"
			  "echo placed >&8\nread -r _said <&7\n");
	buf_add(&s->after, "\nawait placed\n");
	tell(s, turn, &s->after);
	s->changing = true;
}

/* Done by the last shell, in the new root. */
static void child_last(struct script *s, const struct turn *turn)
{
	if (turn->op->kind == OP_CHDIR && turn->op->chdir.create) {
		buf_add(&s->child, "\nplace / ");
		shell_quote(turn->op->chdir.path, &s->child);
		buf_add(&s->child, " >/dev/null\n");
	}
	tell(s, turn, &s->last);
}

/* Security labels hold from the next exec on, so the last shell sets them. Clocks are set by the
 * tool that makes their namespace, because the next exec is the first process in it. */
static void child_proc_write(struct script *s, const struct turn *turn)
{
	if (shell_sets_clocks(turn->op)) {
		add_comment(s, turn, &s->child);
		buf_add(&s->child, "#    by unshare, below\n");
		shell_clocks(turn->op, &s->clocks);
		return;
	}
	if (strncmp(turn->op->proc_write.path, "self/attr/", 10) == 0)
		tell(s, turn, &s->last);
	else
		child_step(s, turn);
}

static void child_tool(struct script *s, const struct turn *turn)
{
	enum shell_tool tool = shell_tool_of(turn->op->kind);
	piece_arrive(s);
	add_comment(s, turn, &s->child);
	buf_add(&s->child, "#    by %s, below\n", shell_tool_name(tool));
	cleanup(buf_done) struct buf words = {};
	shell_add(&s->shell, turn->op, &words);
	buf_add(&s->tools[tool], "%s%s \\\n",
		s->tools[tool].n ? "\t\t"
		: words.n        ? " "
				 : "",
		buf_text(&words));
}

/* Raised limits come before a user namespace, from which they could not be raised any more. */
static void child_rlimit(struct script *s, const struct turn *turn)
{
	if (!s->entries_left) {
		child_tool(s, turn);
		return;
	}
	piece_arrive(s);
	add_comment(s, turn, &s->child);
	buf_add(&s->child, "prlimit --pid $$ ");
	shell_add(&s->shell, turn->op, &s->child);
	buf_add(&s->child, "\n");
}

/* A shared root can't be pivoted to, so it becomes shared afterwards. */
static void child_propagate(struct script *s, const struct turn *turn)
{
	if (!turn->op->propagate.new_root || !s->placed) {
		child_step(s, turn);
		return;
	}
	add_comment(s, turn, &s->after);
	buf_add(&s->after,
		"nsenter --mount --target \"$pid\" --root=/ mount --no-canonicalize --make-");
	show_propagation(turn->op->propagate.flags, turn->op->propagate.recursive, &s->after);
	buf_add(&s->after, " \"/proc/$pid/root/.\"\n");
}

static void child_exec(struct script *s, const struct turn *turn)
{
	s->exec = turn->op;
	add_comment(s, turn, &s->last);
}

/* What is not simply commands where it stands. */
static void (*const routes[2][OP_KINDS])(struct script *s, const struct turn *turn) = {
	[SIDE_PARENT] = {
		[OP_POST] = parent_post,
		[OP_AWAIT] = parent_await,
		[OP_CLONE] = parent_clone,
		[OP_ID_MAP] = parent_id_map,
		[OP_SOURCE] = host_tree,
	},
	[SIDE_CHILD] = {
		[OP_POST] = child_sync,
		[OP_AWAIT] = child_sync,
		[OP_SOURCE] = host_tree,
		[OP_JOIN_CGROUP] = child_join_cgroup,
		[OP_SETNS] = child_enter,
		[OP_UNSHARE] = child_enter,
		[OP_REFORK] = child_enter,
		[OP_SESSION] = child_tool,
		[OP_PROPAGATE] = child_propagate,
		[OP_ROOT] = child_root,
		[OP_PROC_WRITE] = child_proc_write,
		[OP_MOUNT] = child_mount,
		[OP_PIVOT] = child_pivot,
		[OP_MOVE_ROOT] = child_pivot,
		[OP_CHDIR] = child_last,
		[OP_UMASK] = child_last,
		[OP_CLOSE_FDS] = child_last,
		[OP_RLIMIT] = child_rlimit,
		[OP_SCHEDULER] = child_tool,
		[OP_IO_PRIORITY] = child_tool,
		[OP_AFFINITY] = child_tool,
		[OP_PERSONALITY] = child_tool,
		[OP_BOUNDING] = child_tool,
		[OP_IDENTITY] = child_tool,
		[OP_NO_NEW_PRIVS] = child_tool,
		[OP_CAPS] = child_tool,
		[OP_EXEC] = child_exec,
	},
};

void script_step(struct script *s, const struct turn *turn)
{
	void (*special)(struct script *, const struct turn *) = routes[turn->side][turn->op->kind];
	if (special)
		special(s, turn);
	else if (turn->side == SIDE_PARENT)
		parent_step(s, turn);
	else
		child_step(s, turn);
}
