#include "plan/shell.h"
#include "base/words.h"
#include "kernel/compat.h"
#include "plan/shell_rows.h"
#include "plan/show.h"

/* What needs no command, or has none. */
static const struct shell_row notes[OP_KINDS] = {
	[OP_POST] = { "the other half may go on" },
	[OP_AWAIT] = { "goes on when the other half is there" },
	[OP_RECORD] = { "a shell removes what it made when it ends" },
	[OP_CGROUP_DEVICES] = { "a BPF program: no tool of a shell attaches one" },
	[OP_OPEN] = { "a shell names the file again where it is used" },
	[OP_CONNECT] = { "a shell has no socket to send a terminal to" },
	[OP_GATE_MAKE] = { "a shell starts the command at once" },
	[OP_TAKE_PID] = { "the process itself says which number it has" },
	[OP_COMMIT] = { "a shell keeps no record" },
	[OP_UNDUMPABLE] = { "prctl() has no command; what a shell executes here is no secret" },
	[OP_BECOME_ROOT] = { "nsenter has done it: --setuid 0 --setgid 0" },
	[OP_KEYRING] = { "no command of util-linux does it (keyctl session, of keyutils)" },
	[OP_PROC_OPEN] = { "a shell uses the host's /proc, which is still there" },
	[OP_TTY] = { "setsid --ctty has taken it" },
	[OP_MEMORY_POLICY] = { "no command of util-linux does it (numactl, of numactl)" },
	[OP_FIND_COMMAND] = { "the shell's exec looks along PATH in the same way" },
	[OP_GATE] = { "a shell starts the command at once" },
	[OP_SECCOMP] = { "no command of util-linux loads a filter: all system calls stay allowed" },
};

static const struct shell_row *row_of(enum op_kind kind)
{
	static const struct shell_row *const parts[] = { notes, shell_host, shell_files,
		shell_process };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i][kind].note || parts[i][kind].add)
			return &parts[i][kind];
	return notes; /* not reached: a test visits every kind */
}

static const char *const tool_names[] = {
	[TOOL_NONE] = "",
	[TOOL_NSENTER] = "nsenter",
	[TOOL_UNSHARE] = "unshare",
	[TOOL_SETSID] = "setsid",
	[TOOL_CHRT] = "chrt",
	[TOOL_IONICE] = "ionice",
	[TOOL_TASKSET] = "taskset",
	[TOOL_SETARCH] = "setarch",
	[TOOL_PRLIMIT] = "prlimit",
	[TOOL_SETPRIV] = "setpriv",
	[TOOL_ENV] = "env",
};
_Static_assert(ARRAY_LEN(tool_names) == SHELL_TOOLS, "every tool has a name");

enum shell_tool shell_tool_of(enum op_kind kind)
{
	return row_of(kind)->tool;
}

const char *shell_tool_name(enum shell_tool tool)
{
	return tool_names[tool];
}

const char *shell_note(enum op_kind kind)
{
	return row_of(kind)->note;
}

void shell_add(const struct shell *s, const struct op *op, struct buf *out)
{
	const struct shell_row *row = row_of(op->kind);
	if (row->add)
		row->add(s, op, out);
}

void shell_show(const struct shell *s, const struct op *op, struct buf *out)
{
	const struct shell_row *row = row_of(op->kind);
	if (row->note) {
		buf_add(out, "# %s\n", row->note);
		return;
	}
	if (!row->tool) {
		row->add(s, op, out);
		return;
	}
	cleanup(buf_done) struct buf words = {};
	row->add(s, op, &words);
	buf_add(out, "%s%s%s%s\n", tool_names[row->tool], words.n ? " " : "", buf_text(&words),
		op->kind == OP_EXEC ? "" : " COMMAND");
}

static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:=,@%+-";
	return *text && !text[strspn(text, plain)];
}

void shell_quote(const char *text, struct buf *out)
{
	if (is_plain(text)) {
		buf_add(out, "%s", text);
		return;
	}
	buf_add(out, "'");
	for (; *text; text++)
		buf_add(out, *text == '\'' ? "'\\''" : "%c", *text);
	buf_add(out, "'");
}

void shell_words(const char *const *words, struct buf *out)
{
	for (; words && *words; words++) {
		buf_add(out, " ");
		shell_quote(*words, out);
	}
}

/* Inside double quotes, where four characters keep their meaning. */
static void add_quoted(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_add(out, strchr("\"$`\\", *text) ? "\\%c" : "%c", *text);
}

void shell_inside(const struct shell *s, const char *path, struct buf *out)
{
	cleanup(buf_done) struct buf inside = {};
	show_inside(path, &inside);
	if (s->script) {
		buf_add(out, "\"$(beneath ");
		shell_quote(buf_text(&inside), out);
		buf_add(out, ")\"");
		return;
	}
	buf_add(out, "\"$root");
	add_quoted(inside.n > 1 ? buf_text(&inside) : "", out);
	buf_add(out, "\"");
}

static const struct op *find_opener(const struct plan *p, int slot)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->ops[i].kind == OP_OPEN && p->ops[i].open.slot == slot)
			return &p->ops[i];
	return NULL;
}

void shell_slot(const struct shell *s, int slot, struct buf *out)
{
	const struct op *opener = s->plan ? find_opener(&s->plan->parent, slot) : NULL;
	if (opener) {
		shell_quote(opener->open.host, out);
		return;
	}
	buf_add(out, "\"$work/");
	slot_name(slot, out);
	buf_add(out, "\"");
}

static const struct attr_word {
	uint64_t attr;
	const char *set, *clear;
} attr_words[] = {
	{ MOUNT_ATTR_RDONLY, "ro", "rw" },
	{ MOUNT_ATTR_NOSUID, "nosuid", "suid" },
	{ MOUNT_ATTR_NODEV, "nodev", "dev" },
	{ MOUNT_ATTR_NOEXEC, "noexec", "exec" },
	{ MOUNT_ATTR_NOATIME, "noatime", "relatime" },
	{ MOUNT_ATTR_STRICTATIME, "strictatime", NULL },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime", "diratime" },
	{ MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow", "symfollow" },
};

void shell_attrs(uint64_t set, uint64_t clear, struct buf *out)
{
	size_t from = out->n;
	clear &= set & MOUNT_ATTR__ATIME ? ~(uint64_t)MOUNT_ATTR__ATIME : ~(uint64_t)0;
	for (size_t i = 0; i < ARRAY_LEN(attr_words); i++) {
		const struct attr_word *w = &attr_words[i];
		const char *word = set & w->attr ? w->set : clear & w->attr ? w->clear : NULL;
		if (word)
			buf_add(out, "%s%s", out->n > from ? "," : "", word);
	}
}
