/*
 * What explain says an operation asks of the kernel (op_calls) is what its executor asks: each of
 * the child's operations is executed on a kernel that only pretends, and the names of the calls
 * are compared. Looks and closes are left out of both, repetitions count once.
 */
#include "base/test.h"
#include "child/child.h"
#include "kernel/sys_calls.h"
#include "kernel/sys_fake.h"
#include "plan/samples.h"
#include <linux/magic.h>
#include <string.h>

/* A kernel that answers as an operation needs it to get to its end. */
struct pretender {
	struct sys sys;
	struct sys_fake fake;
	const struct op *op;
	bool said; /* the one line of mountinfo has been read */
};

static void pretend_statx(const struct op *op, struct statx *st)
{
	*st = (struct statx){ .stx_mode = S_IFDIR | 0755, .stx_ino = 1 };
	if (op->kind == OP_CONSOLE) {
		st->stx_mode = S_IFCHR | 0666;
		st->stx_rdev_major = 5;
		st->stx_rdev_minor = 2;
	}
	if (op->kind == OP_FIND_COMMAND)
		st->stx_mode = S_IFREG | 0755;
}

static void pretend_statfs(const struct op *op, struct statfs *fs)
{
	*fs = (struct statfs){ .f_type = op->kind == OP_CONSOLE ? DEVPTS_SUPER_MAGIC
		                         : op->kind == OP_PROC_WRITE || op->kind == OP_MOVE_ROOT
		                                 ? PROC_SUPER_MAGIC
		                                 : TMPFS_MAGIC };
}

static long pretend_read(struct pretender *p, char *out)
{
	static const char line[] = "22 1 0:21 / /old/proc rw - proc proc rw\n";
	if (p->op->kind != OP_MOVE_ROOT || p->said)
		return 0;
	p->said = true;
	memcpy(out, line, sizeof(line) - 1);
	return sizeof(line) - 1;
}

static long pretend(const struct sys *k, enum sys_call call, const struct sys_args *args)
{
	struct pretender *p = container_of(k, struct pretender, sys);
	long result = p->fake.sys.call(&p->fake.sys, call, args);
	switch (call) {
	case SYS_STATX:
		pretend_statx(p->op, (struct statx *)args->a[4]);
		return 0;
	case SYS_FSTATFS:
		pretend_statfs(p->op, (struct statfs *)args->a[1]);
		return 0;
	case SYS_GETCWD:
		memcpy((char *)args->a[0], "/", 2);
		return 2;
	case SYS_READ:
		return pretend_read(p, (char *)args->a[1]);
	case SYS_WRITE:
	case SYS_SENDTO:
		return args->a[2];
	case SYS_RECVFROM:
		return 1;
	case SYS_CLONE3:
		return 4711;
	default:
		return result;
	}
}

/* Descriptors that are closed together; told is what OP_CLOSE_FDS does besides. */
static bool only_closes(struct str line)
{
	struct str close = STR("close_range("), plainly = STR(", 0)");
	return line.n > close.n && str_eq((struct str){ line.p, close.n }, close) &&
	       str_eq((struct str){ line.p + line.n - plainly.n, plainly.n }, plainly);
}

/* The names at the starts of lines, without those that are left out. */
static void add_names(const char *lines, struct buf *out)
{
	static const char *const left_out[] = { "close", "statx", "fstatfs", "getcwd", "capget" };
	struct str rest = str_of(lines), last = {};
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		bool skip = only_closes(line);
		struct str name = str_cut(&line, '(');
		skip |= str_eq(name, last);
		for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
			skip |= str_eq(name, str_of(left_out[i]));
		if (!skip)
			buf_add(out, STR_FMT " ", STR_ARG(name));
		last = skip ? last : name;
	}
}

/* The first mask of a kind is attached as it is, later ones are copies: told is the copying. */
static size_t times(const struct op *op)
{
	return op->kind == OP_MASK ? 2 : 1;
}

static bool ends_with(const struct buf *done, const struct buf *told)
{
	return told->n && told->n <= done->n &&
	       strcmp(buf_text(done) + done->n - told->n, buf_text(told)) == 0;
}

static void check_calls(const struct op *op)
{
	const struct op ops[] = { *op, *op };
	int slots[SLOT_FREE + 8];
	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		slots[i] = 50 + (int)i;
	slots[SLOT_STARTER] = -1; /* nobody waits to be told that the command starts */
	cleanup(buf_done) struct buf log = {}, told = {}, want = {}, got = {};
	struct pretender p = { .op = op, .fake = sys_fake(&log), .sys = { .call = pretend } };
	(void)plan_run(&p.sys, &(struct plan){ ops, times(op) }, slots, ARRAY_LEN(slots));
	op_calls(op, &told);
	add_names(buf_text(&log), &want);
	add_names(buf_text(&told), &got);
	if (!ends_with(&want, &got) || (times(op) == 1 && want.n != got.n))
		test_failed(__FILE__, __LINE__, "%s\n--- done\n%s\n--- told\n%s\n--- log\n%s",
			op_name(op->kind), buf_text(&want), buf_text(&got), buf_text(&log));
}

TEST(what_is_told_of_an_operation_is_what_it_does)
{
	for (enum op_kind kind = 0; kind < OP_KINDS; kind++) {
		struct op op = sample_op(kind);
		if (kind == OP_AWAIT)
			op.sync.stage = STAGE_HOOKED; /* one for the child */
		if (op_side(kind) != SIDE_PARENT)
			check_calls(&op);
	}
}
