/* Commands of the parent's half: what is done to the host. */
#include "base/path.h"
#include "base/words.h"
#include "plan/shell_rows.h"

/* A property "MemoryMax=t 1048576" as busctl(1) takes it: "MemoryMax t 1048576". Before an array's
 * items comes their number; items of two parts have a type in parentheses. */
static void add_property(const char *property, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct str value = str_of(property);
	struct str name = str_cut(&value, '='), type = str_cut(&value, ' ');
	buf_add(out, " " STR_FMT " ", STR_ARG(name));
	shell_quote(arena_str(&a, type), out);
	if (type.p[0] != 'a') {
		buf_add(out, " ");
		shell_quote(arena_str(&a, value), out);
		return;
	}
	cleanup(buf_done) struct buf items = {};
	size_t n = 0;
	for (; value.n; n++) {
		buf_add(&items, " ");
		shell_quote(arena_str(&a, str_cut(&value, ' ')), &items);
	}
	buf_add(out, " %zu%s", type.n > 1 && type.p[1] == '(' ? n / 2 : n, buf_text(&items));
}

/* A scope needs a process to begin with. */
static void shell_scope(const struct shell *s, const struct op *op, struct buf *out)
{
	size_t n = 3;
	for (const char *const *p = op->scope.properties; p && *p; p++)
		n++;
	buf_add(out, s->script ? "hold\n" : "sleep infinity & holder=$!\n");
	buf_add(out,
		"busctl %scall org.freedesktop.systemd1 /org/freedesktop/systemd1 "
		"org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' ",
		op->scope.user ? "--user " : "");
	shell_quote(op->scope.name, out);
	buf_add(out, " fail %zu Slice s ", n);
	shell_quote(op->scope.slice, out);
	buf_add(out, " Description s ");
	shell_quote(op->scope.description ? op->scope.description : "", out);
	buf_add(out, " PIDs au 1 $holder");
	for (const char *const *p = op->scope.properties; p && *p; p++)
		add_property(*p, out);
	buf_add(out, " 0\n");
	if (!s->script)
		return;
	buf_add(out, "await_group ");
	shell_quote(op->scope.path, out);
	buf_add(out, "\n");
}

static void shell_cgroup_make(const struct shell *s, const struct op *op, struct buf *out)
{
	buf_add(out, s->script ? "group " : "mkdir -p ");
	shell_quote(op->cgroup_make.host, out);
	buf_add(out, "\n");
}

/* A kernel's list has files that not every group has. */
static void shell_cgroup_owner(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "(cd ");
	shell_quote(op->cgroup_owner.host, out);
	buf_add(out,
		" && for file in . $(cat /sys/kernel/cgroup/delegate); do "
		"[ ! -e \"$file\" ] || chown %u \"$file\"; done)\n",
		op->cgroup_owner.uid);
}

static void add_path(const char *dir, const char *file, struct buf *out)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/%s", dir, file);
	shell_quote(buf_text(&path), out);
}

/* Each line is a write of its own: "echo '8:0 100' > file". */
static void add_echo(const char *text, const char *dir, const char *file, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct str rest = str_of(text);
	do {
		buf_add(out, "echo ");
		shell_quote(arena_str(&a, str_cut(&rest, '\n')), out);
		buf_add(out, " > ");
		add_path(dir, file, out);
		buf_add(out, "\n");
	} while (rest.n);
}

/* What the parent group has, if there is nothing yet. */
static void add_inherited(const char *dir, const char *file, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	buf_add(out, "[ \"$(cat ");
	add_path(dir, file, out);
	buf_add(out, ")\" ] || cat ");
	add_path(arena_str(&a, path_dir(str_of(dir))), file, out);
	buf_add(out, " > ");
	add_path(dir, file, out);
	buf_add(out, "\n");
}

static void shell_cgroup_set(const struct shell *s, const struct op *op, struct buf *out)
{
	const char *dir = op->cgroup_set.host, *file = op->cgroup_set.file;
	if (!op->cgroup_set.text && s->script) {
		buf_add(out, "inherit");
		shell_words((const char *const[]){ dir, file, NULL }, out);
		buf_add(out, "\n");
		return;
	}
	if (!op->cgroup_set.text) {
		add_inherited(dir, file, out);
		return;
	}
	if (!op->cgroup_set.or_file) {
		add_echo(op->cgroup_set.text, dir, file, out);
		return;
	}
	buf_add(out, "if [ -e ");
	add_path(dir, file, out);
	buf_add(out, " ]; then\n");
	add_echo(op->cgroup_set.text, dir, file, out);
	buf_add(out, "else\n");
	add_echo(op->cgroup_set.or_text, dir, op->cgroup_set.or_file, out);
	buf_add(out, "fi\n");
}

/* A map without its last newline. */
static void add_map(const char *map, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct str text = str_of(map);
	text.n -= text.n && map[text.n - 1] == '\n';
	shell_quote(arena_str(&a, text), out);
}

static void add_map_file(const char *map, const char *file, struct buf *out)
{
	buf_add(out, "echo ");
	add_map(map, out);
	buf_add(out, " > /proc/$holder/%s\n", file);
}

/* Ids are mapped from outside, once, before anything is done inside: a process that only holds the
 * namespace open is waited for, and mapped. */
static void shell_id_map(const struct shell *s, const struct op *op, struct buf *out)
{
	if (s->script) {
		buf_add(out, "users ");
		add_map(op->id_map.uid_map, out);
		buf_add(out, " ");
		add_map(op->id_map.gid_map, out);
		buf_add(out, op->id_map.deny_setgroups ? " deny\n" : "\n");
		return;
	}
	buf_add(out, "unshare --user sleep infinity & holder=$!\n");
	if (op->id_map.deny_setgroups)
		buf_add(out, "echo deny > /proc/$holder/setgroups\n");
	add_map_file(op->id_map.uid_map, "uid_map", out);
	add_map_file(op->id_map.gid_map, "gid_map", out);
}

static void shell_userns(const struct shell *s, const struct op *op, struct buf *out)
{
	shell_id_map(s, op, out);
	buf_add(out, "ln -s /proc/$holder/ns/user \"$work/");
	slot_name(op->id_map.slot, out);
	buf_add(out, "\"\n");
}

static void shell_oom_score(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "echo %lld > /proc/$pid/oom_score_adj\n", (long long)op->number.value);
}

static void shell_net_device(const struct shell *s, const struct op *op, struct buf *out)
{
	const char *name = op->net_device.name, *new_name = op->net_device.new_name;
	if (s->script) {
		const char *const words[] = { name, new_name ? new_name : name, NULL };
		buf_add(out, "interface");
		shell_words(words, out);
		buf_add(out, "\n");
		return;
	}
	buf_add(out, "ip link set dev ");
	shell_quote(name, out);
	buf_add(out, " netns $pid");
	if (new_name) {
		buf_add(out, " name ");
		shell_quote(new_name, out);
	}
	buf_add(out, "\n");
}

static void add_group(const char *path, struct buf *out)
{
	buf_add(out, "mkdir -p ");
	shell_quote(path, out);
	buf_add(out, "\n");
}

static void add_task(const char *group, struct buf *out)
{
	buf_add(out, "echo $pid > ");
	add_path(group, "tasks", out);
	buf_add(out, "\n");
}

static void shell_rdt(const struct shell *, const struct op *op, struct buf *out)
{
	if (op->rdt.create)
		add_group(op->rdt.host, out);
	for (const char *const *line = op->rdt.schemata; line && *line; line++)
		add_echo(*line, op->rdt.host, "schemata", out);
	add_task(op->rdt.host, out);
	if (op->rdt.monitor) {
		add_group(op->rdt.monitor, out);
		add_task(op->rdt.monitor, out);
	}
}

/* A shell can't choose argv[0]: the path stands there. What runs inside has the container's files,
 * so the host's tools come before. */
static void shell_hook(const struct shell *s, const struct op *op, struct buf *out)
{
	buf_add(out, s->script ? "state | " : "echo \"$state\" | ");
	if (op->hook.timeout)
		buf_add(out, "timeout --signal=KILL %lld ", (long long)op->hook.timeout);
	buf_add(out, "env -i");
	shell_words(op->hook.env, out);
	if (op->hook.inside)
		buf_add(out, " \"$(command -v nsenter)\" --all --target $pid");
	buf_add(out, " ");
	shell_quote(op->hook.host, out);
	shell_words(op->hook.argv ? op->hook.argv + 1 : NULL, out);
	buf_add(out, "\n");
}

static void shell_pid_file(const struct shell *, const struct op *op, struct buf *out)
{
	buf_add(out, "printf %%s $pid > ");
	shell_quote(op->path.host, out);
	buf_add(out, "\n");
}

/* The tools lie in the old root, so a process of the host does it to the container's: pivot_root()
 * moves every process whose root was the old one. The old root ends on top of the new one and is
 * taken off from there by a process that has kept the host's. */
static void shell_pivot(const struct shell *s, const struct op *, struct buf *out)
{
	if (s->script)
		buf_add(out, "pivot\n");
	else
		buf_add(out, "nsenter --mount --target $pid --wdns=\"$root\" pivot_root . .\n"
			     "nsenter --mount --target $pid --root=/ "
			     "umount --lazy --no-canonicalize /proc/$pid/root/.\n");
}

const struct shell_row shell_host[OP_KINDS] = {
	[OP_SCOPE] = { .add = shell_scope },
	[OP_CGROUP_MAKE] = { .add = shell_cgroup_make },
	[OP_CGROUP_SET] = { .add = shell_cgroup_set },
	[OP_CGROUP_OWNER] = { .add = shell_cgroup_owner },
	[OP_USERNS] = { .add = shell_userns },
	[OP_ID_MAP] = { .add = shell_id_map },
	[OP_OOM_SCORE] = { .add = shell_oom_score },
	[OP_NET_DEVICE] = { .add = shell_net_device },
	[OP_RDT] = { .add = shell_rdt },
	[OP_HOOK] = { .add = shell_hook },
	[OP_PID_FILE] = { .add = shell_pid_file },
	[OP_PIVOT] = { .add = shell_pivot },
	[OP_MOVE_ROOT] = { .add = shell_pivot },
};
