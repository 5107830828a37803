#include "kernel/compat.h"
#include "plan/args.h"
#include "planner/planner_test.h"

/* ' becomes ". */
static void add_fragment(const char *fragment, struct buf *out)
{
	for (const char *c = fragment; *c; c++)
		buf_add(out, "%c", *c == '\'' ? '"' : *c);
}

static void add_document(
	const char *linux_part, const char *process, const char *top, struct buf *out)
{
	add_fragment("{'ociVersion':'1.3.0','root':{'path':'rootfs'},'process':{"
		     "'args':['true'],'cwd':'/','env':['PATH=/bin'],'user':{'uid':0,'gid':0}",
		out);
	add_fragment(process ? "," : "", out);
	add_fragment(process ? process : "", out);
	add_fragment("}", out);
	add_fragment(top ? "," : "", out);
	add_fragment(top ? top : "", out);
	add_fragment(",'linux':{", out);
	bool named = linux_part && strstr(linux_part, "'namespaces'");
	add_fragment(named ? "" : "'namespaces':[{'type':'mount'}]", out);
	add_fragment(!named && linux_part ? "," : "", out);
	add_fragment(linux_part ? linux_part : "", out);
	add_fragment("}}", out);
}

static void make_host(struct host_facts *h)
{
	*h = (struct host_facts){ .last_capability = 40,
		.bounding = (UINT64_C(2) << 40) - 1,
		.permitted = (UINT64_C(2) << 40) - 1,
		.initial_userns = true,
		.can_mount = true };
	for (size_t i = 0; i < ARRAY_LEN(h->rlimits); i++)
		h->rlimits[i].soft = h->rlimits[i].hard = 1000;
}

static void make_requests(struct trial *t)
{
	t->process = t->spec.process;
	t->launch = (struct launch_request){ .id = "web",
		.spec = &t->spec,
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.state_dir = "/run/web",
		.host = &t->host,
		.no_new_keyring = true };
	t->exec = (struct exec_request){ .id = "web",
		.spec = &t->spec,
		.process = &t->process,
		.namespaces = CLONE_NEWNS | CLONE_NEWPID,
		.host = &t->host,
		.no_new_keyring = true };
}

void trial_make(struct trial *t, const char *linux_part, const char *process, const char *top)
{
	cleanup(buf_done) struct buf text = {};
	*t = (struct trial){};
	add_document(linux_part, process, top, &text);
	cleanup(err_free) struct err *e = spec_parse(text.p, text.n, "c", &t->arena, &t->spec);
	if (e)
		test_failed(__FILE__, __LINE__, "%s: %s\n%s", e->text,
			e->cause ? e->cause->text : "", text.p);
	make_host(&t->host);
	make_requests(t);
}

void trial_done(struct trial *t)
{
	arena_done(&t->arena);
}

static void set_cgroup(struct trial *t, enum cgroup_mode mode, struct cgroup_dir *dirs, size_t n)
{
	t->cgroup = (struct cgroup){ .mode = mode, .dirs = { dirs, n } };
	t->launch.cgroup = t->exec.cgroup = &t->cgroup;
}

void trial_v2(struct trial *t)
{
	static const struct cgroup_hierarchy all = {
		.mount = "/cg", .controllers = "memory", .v2 = true, .root = "/", .own = "/"
	};
	static struct cgroup_dir dirs[] = { { &all, "/cg/g/web", "/g/web" } };
	set_cgroup(t, CGROUP_V2, dirs, ARRAY_LEN(dirs));
}

void trial_v1(struct trial *t)
{
	static const struct cgroup_hierarchy devices = {
		.mount = "/cg/devices", .controllers = "devices", .root = "/", .own = "/"
	};
	static const struct cgroup_hierarchy cpu = {
		.mount = "/cg/cpu,cpuacct", .controllers = "cpu,cpuacct", .root = "/", .own = "/"
	};
	static struct cgroup_dir dirs[] = { { &devices, "/cg/devices/g/web", "/g/web" },
		{ &cpu, "/cg/cpu,cpuacct/g/web", "/g/web" } };
	set_cgroup(t, CGROUP_V1, dirs, ARRAY_LEN(dirs));
}

static void must(struct err *e)
{
	cleanup(buf_done) struct buf text = {};
	for (const struct err *at = e; at; at = at->cause)
		buf_add(&text, "%s%s", at->text, at->cause ? ": " : "");
	if (e)
		test_failed(__FILE__, __LINE__, "%s", buf_text(&text));
}

void trial_plan(struct trial *t)
{
	must(planner_make(&t->launch, &t->arena, &t->plan));
}

void trial_plan_exec(struct trial *t)
{
	must(planner_make_exec(&t->exec, &t->arena, &t->plan));
}

void check_launch_refused(struct trial *t, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	cleanup(err_free) struct err *e = planner_make(&t->launch, &t->arena, &t->plan);
	for (const struct err *at = e; at; at = at->cause)
		buf_add(&got, "%s%s", at->text, at->cause ? ": " : "");
	CHECK_TEXT(buf_text(&got), want);
}

static void add_texts(const char *const *texts, struct buf *out)
{
	for (; *texts; texts++)
		buf_add(out, "%s%s", *texts, texts[1] ? " " : "");
}

static void add_bytes(struct bytes bytes, struct buf *out)
{
	const unsigned char *p = bytes.p;
	for (size_t i = 0; i < bytes.n; i++)
		buf_add(out, "%02x", p[i]);
}

static bool says_nothing(const struct op *op, const struct op_arg *arg)
{
	switch (arg->type) {
	case ARG_TEXT:
		return !op_text(op, arg);
	case ARG_TEXTS:
		return !op_texts(op, arg);
	case ARG_BYTES:
		return !op_bytes(op, arg).n;
	case ARG_SLOT:
		return op_number(op, arg) == NO_SLOT;
	default:
		return !op_number(op, arg);
	}
}

/* Text in quotes with line ends as \n. */
static void add_text(const char *text, struct buf *out)
{
	buf_add(out, "'");
	for (; *text; text++)
		buf_add(out, *text == '\n' ? "\\n" : "%c", *text);
	buf_add(out, "'");
}

static void add_arg(const struct op *op, const struct op_arg *arg, struct buf *out)
{
	switch (arg->type) {
	case ARG_TEXT:
		add_text(op_text(op, arg), out);
		return;
	case ARG_TEXTS:
		buf_add(out, "[");
		add_texts(op_texts(op, arg), out);
		buf_add(out, "]");
		return;
	case ARG_BYTES:
		add_bytes(op_bytes(op, arg), out);
		return;
	case ARG_CHAR:
		buf_add(out, "%c", (int)op_number(op, arg));
		return;
	case ARG_SLOT:
		slot_name((int)op_number(op, arg), out);
		return;
	case ARG_FLAGS:
		arg_flags_show(op, arg, out);
		return;
	default:
		buf_add(out, "%lld", (long long)op_number(op, arg));
	}
}

static void add_op(const struct op *op, struct buf *out)
{
	const struct op_row *row = &op_table[op->kind];
	buf_add(out, "%s%s", row->name, op->may_fail ? "?" : "");
	for (size_t i = 0; i < row->n_args; i++) {
		const struct op_arg *arg = &row->args[i];
		if (says_nothing(op, arg))
			continue;
		buf_add(out, " %s", arg->name);
		if (arg->type != ARG_BOOL) {
			buf_add(out, "=");
			add_arg(op, arg, out);
		}
	}
	buf_add(out, "\n");
}

static void check_half(const struct plan *p, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	for (size_t i = 0; i < p->n; i++)
		add_op(&p->ops[i], &got);
	CHECK_TEXT(buf_text(&got), want);
}

void check_parent(const struct trial *t, const char *want)
{
	check_half(&t->plan.parent, want);
}

void check_child(const struct trial *t, const char *want)
{
	check_half(&t->plan.child, want);
}

static bool is_listed(const char *names, enum op_kind kind)
{
	for (struct str rest = str_of(names); rest.n;)
		if (str_eq(str_cut(&rest, ' '), str_of(op_name(kind))))
			return true;
	return false;
}

void check_some(const struct trial *t, const char *names, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	for (size_t i = 0; i < t->plan.parent.n; i++) {
		if (!is_listed(names, t->plan.parent.ops[i].kind))
			continue;
		buf_add(&got, "> ");
		add_op(&t->plan.parent.ops[i], &got);
	}
	for (size_t i = 0; i < t->plan.child.n; i++)
		if (is_listed(names, t->plan.child.ops[i].kind))
			add_op(&t->plan.child.ops[i], &got);
	CHECK_TEXT(buf_text(&got), want);
}

void check_warnings(const struct trial *t, const char *want)
{
	cleanup(buf_done) struct buf got = {};
	for (size_t i = 0; i < t->plan.warnings.n; i++)
		buf_add(&got, "%s\n", t->plan.warnings.items[i]);
	CHECK_TEXT(buf_text(&got), want);
}
