#include "plan/script.h"
#include "base/json_write.h"
#include "kernel/compat.h"

static const struct op *find(const struct plan *p, enum op_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->ops[i].kind == kind)
			return &p->ops[i];
	return NULL;
}

static size_t count_entries(const struct plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		n += piece_is_entry(p->ops[i].kind);
	return n;
}

static bool has_userns(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct op *op = &p->ops[i];
		uint64_t flags = op->kind == OP_SETNS || op->kind == OP_UNSHARE ? op->ns.flags
		                 : piece_is_entry(op->kind)                     ? op->clone.flags
		                                                                : 0;
		if (flags & CLONE_NEWUSER)
			return true;
	}
	return false;
}

/* What hooks read: the state of the container. */
static void add_state(const struct explain_request *r, struct buf *out)
{
	cleanup(buf_done) struct buf text = {};
	struct json_writer w = { .out = &text };
	json_open(&w, NULL, '{');
	json_text(&w, "ociVersion", r->oci_version);
	json_text(&w, "id", r->id);
	json_text(&w, "status", "creating");
	json_int(&w, "pid", 0);
	json_text(&w, "bundle", r->bundle);
	if (r->annotations)
		json_raw(&w, "annotations", str_of(r->annotations));
	json_close(&w, '}');
	buf_add(out, "\n# What hooks read.\nstate() {\n\tprintf '%%s\\n' ");
	shell_quote(buf_text(&text), out);
	buf_add(out, " | sed \"s/\\\"pid\\\":0/\\\"pid\\\":$pid/\"\n}\n");
}

static void add_head(const struct script *s, struct buf *out)
{
	const struct explain_request *r = s->request;
	const struct op *root = find(&r->plan->child, OP_ROOT);
	bool apart = has_userns(&r->plan->child) || has_userns(&r->plan->parent);
	buf_add(out, "#!/bin/sh\n");
	cleanup(buf_done) struct buf title = {};
	buf_add(&title,
		"Builds container %s by hand, one comment an operation. Needs root, util-linux "
		"(2.38 or "
		"newer), iproute2 and coreutils. Ends as the container's command ends, and removes "
		"what it made.",
		r->id);
	script_flatten(&title);
	script_text("#", buf_text(&title), out);
	buf_add(out, "set -eu\numask 022\n\nwork=$(mktemp -d)\nchmod 755 \"$work\"\n");
	if (root) {
		buf_add(out, "rootfs=");
		shell_quote(root->root.host, out);
		buf_add(out, apart ? "\nroot=$work/root\nmkdir \"$root\"\n" : "\nroot=$rootfs\n");
		buf_add(out, "export root rootfs\n");
	}
	buf_add(out, "export work\n\ncat >\"$work/functions\" <<'FUNCTIONS'\n%sFUNCTIONS\n",
		script_functions);
	buf_add(out, ". \"$work/functions\"\n\n"
		     ": >\"$work/groups\"\n: >\"$work/holders\"\n"
		     "trap clean EXIT\ntrap 'exit 130' INT\ntrap 'exit 143' TERM\n");
	if (find(&r->plan->parent, OP_HOOK))
		add_state(r, out);
}

/* The halves talk over two pipes with names. Both ends of each are opened here, because opening one
 * end waits for the other; 9 keeps the standard input, which the shell takes from what it starts in
 * the background. */
static void add_pipes(struct buf *out)
{
	buf_add(out, "\n# The two halves meet at these pipes.\n"
		     "mkfifo \"$work/up\" \"$work/down\"\n"
		     "exec 3<>\"$work/up\" 4<>\"$work/down\"\n"
		     "exec 5<\"$work/up\" 6>\"$work/down\" 7<\"$work/down\" 8>\"$work/up\" 9<&0\n"
		     "exec 3>&- 4>&-\n");
}

/* A shell sets these two by itself: the command gets what the container's environment says. */
static void add_directory_variables(const struct op *exec, struct buf *out)
{
	static const char *const names[] = { "PWD", "OLDPWD" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);
		const char *value = NULL;
		for (const char *const *e = exec->exec.env; e && *e; e++)
			if (!strncmp(*e, names[i], n) && (*e)[n] == '=')
				value = *e + n + 1;
		buf_add(out, value ? "%s=" : "unset %s", names[i]);
		if (value)
			shell_quote(value, out);
		buf_add(out, "\n");
	}
}

static void add_last(const struct script *s, struct buf *out)
{
	buf_add(out, "\ncat >\"$work/last\" <<'%s'\nset -eu\n%s", s->end, buf_text(&s->last));
	if (s->exec)
		add_directory_variables(s->exec, out);
	buf_add(out, "exec 7<&- 8>&-\nexec \"$@\"\n%s\n", s->end);
}

static void script_done(struct script *s)
{
	struct buf *const bufs[] = { &s->ahead, &s->maps, &s->after, &s->trees, &s->child, &s->last,
		&s->join, &s->clocks };
	for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
		buf_done(bufs[i]);
	for (size_t i = 0; i < SHELL_TOOLS; i++)
		buf_done(&s->tools[i]);
}

static void tell_all(struct script *s, const struct turn *turns, size_t n)
{
	piece_first(s);
	for (size_t i = 0; i < n; i++) {
		s->number = i + 1;
		script_step(s, &turns[i]);
	}
	script_settle(s);
	piece_arrive(s);
	piece_end(s);
}

static size_t count_lines(const struct buf *text, const char *line)
{
	size_t n = 0;
	for (struct str rest = { buf_text(text), text->n }; rest.n;)
		n += str_eq(str_cut(&rest, '\n'), str_of(line));
	return n;
}

static void assemble(const struct script *s, struct buf *out)
{
	add_head(s, out);
	buf_add(out, "%s\n%s", buf_text(&s->ahead), buf_text(&s->child));
	add_last(s, out);
	add_pipes(out);
	buf_add(out, "%s\nawait born\npid=$number\n%s", buf_text(&s->maps), buf_text(&s->after));
	buf_add(out, "\nwait \"$child\"\n");
}

/* Arguments and environment can hold any line, even that which ends a piece: then that has to be
 * another one. False if it has. */
static bool try_script(const struct explain_request *r, const char *end, struct buf *out)
{
	cleanup(arena_done) struct arena a = {};
	struct turn *turns;
	size_t n = handshake_turns(r->plan, &a, &turns);
	cleanup(script_done) struct script s = { .request = r,
		.shell = { .plan = r->plan, .script = true },
		.end = end,
		.entries_left = count_entries(&r->plan->parent) + count_entries(&r->plan->child) };
	tell_all(&s, turns, n);
	if (count_lines(&s.child, end) != s.piece || count_lines(&s.last, end))
		return false;
	assemble(&s, out);
	return true;
}

void plan_script(const struct explain_request *r, struct buf *out)
{
	cleanup(buf_done) struct buf end = {};
	do
		buf_add(&end, end.n ? "_" : "END");
	while (!try_script(r, buf_text(&end), out));
}
