#include "base/fd.h"
#include "base/test.h"
#include "base/time.h"
#include "cgroup/cgroup.h"
#include "cgroup/devfilter.h"
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/wait.h>

enum { R = DEVICE_READ, W = DEVICE_WRITE, M = DEVICE_MKNOD, RWM = DEVICE_ALL };

/* One instruction of those that the filter uses. Returns how far to go on; 0 ends the program. */
static int step(const struct bpf_insn *i, const struct bpf_cgroup_dev_ctx *ctx, uint64_t *regs)
{
	uint64_t *dst = &regs[i->dst_reg], src = regs[i->src_reg];
	uint32_t value = (uint32_t)i->imm;
	switch (i->code) {
	case BPF_LDX | BPF_MEM | BPF_W:
		CHECK(i->src_reg == BPF_REG_1 && i->off >= 0 && i->off <= 8);
		*dst = *(const uint32_t *)((const char *)ctx + i->off);
		return 1;
	case BPF_ALU64 | BPF_MOV | BPF_X:
		*dst = src;
		return 1;
	case BPF_ALU64 | BPF_MOV | BPF_K:
		*dst = value;
		return 1;
	case BPF_ALU | BPF_AND | BPF_K:
		*dst = (uint32_t)*dst & value;
		return 1;
	case BPF_ALU | BPF_RSH | BPF_K:
		*dst = (uint32_t)*dst >> value;
		return 1;
	case BPF_JMP32 | BPF_JNE | BPF_K:
		return 1 + ((uint32_t)*dst != value ? i->off : 0);
	case BPF_JMP32 | BPF_JEQ | BPF_K:
		return 1 + ((uint32_t)*dst == value ? i->off : 0);
	case BPF_JMP | BPF_EXIT:
		return 0;
	}
	test_failed(__FILE__, __LINE__, "instruction %#x", i->code);
}

static bool allowed(
	struct bytes program, char type, uint32_t major, uint32_t minor, uint32_t access)
{
	uint32_t t = type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
	struct bpf_cgroup_dev_ctx ctx = { access << 16 | t, major, minor };
	const struct bpf_insn *insns = program.p;
	size_t n = program.n / sizeof(*insns);
	uint64_t regs[11] = { 99 };
	for (size_t at = 0; at < n;) {
		int next = step(&insns[at], &ctx, regs);
		if (next == 0)
			return regs[0] == 1;
		CHECK(next > 0);
		at += (size_t)next;
	}
	test_failed(__FILE__, __LINE__, "the program has no end");
}

static const struct device_rule rules[] = {
	{ false, 'a', -1, -1, RWM },
	{ true, 'c', 1, 3, RWM },
	{ true, 'c', 5, -1, R },
	{ true, 'c', 5, -1, W },
	{ true, 'b', 8, -1, R },
	{ false, 'b', 8, 7, RWM },
	{ false, 'c', 1, 3, M },
	{ true, 'a', 4294967295, 1, R },
	{ true, 'c', 9, 9, 0 },
};

TEST(later_rules_win)
{
	cleanup(arena_done) struct arena a = {};
	struct bytes p = devfilter_program(rules, ARRAY_LEN(rules), &a);
	CHECK(allowed(p, 'c', 1, 3, R) && allowed(p, 'c', 1, 3, R | W));
	CHECK(!allowed(p, 'c', 1, 3, M) && !allowed(p, 'c', 1, 3, RWM));
	CHECK(!allowed(p, 'b', 1, 3, R) && !allowed(p, 'c', 1, 4, R) && !allowed(p, 'c', 2, 3, R));
	CHECK(allowed(p, 'c', 5, 0, R | W) && allowed(p, 'c', 5, 77, W) &&
		!allowed(p, 'c', 5, 0, M));
	CHECK(allowed(p, 'b', 8, 1, R) && !allowed(p, 'b', 8, 7, R) && !allowed(p, 'b', 8, 1, W));
	CHECK(allowed(p, 'b', 4294967295, 1, R) && allowed(p, 'c', 4294967295, 1, R));
	CHECK(!allowed(p, 'c', 9, 9, R));
}

TEST(without_rules_nothing_is_allowed)
{
	cleanup(arena_done) struct arena a = {};
	struct bytes p = devfilter_program(NULL, 0, &a);
	CHECK(!allowed(p, 'c', 1, 3, R) && !allowed(p, 'b', 0, 0, M));
}

TEST(a_rule_for_everything_ends_the_program)
{
	cleanup(arena_done) struct arena a = {};
	static const struct device_rule all[] = { { false, 'c', 1, 3, R },
		{ true, 'a', -1, -1, RWM }, { false, 'c', 1, 5, W } };
	struct bytes p = devfilter_program(all, ARRAY_LEN(all), &a);
	CHECK(allowed(p, 'c', 1, 3, R) && allowed(p, 'b', 8, 0, RWM) && !allowed(p, 'c', 1, 5, W));
	CHECK(allowed(p, 'c', 1, 5, R));
	const struct bpf_insn *last = (const struct bpf_insn *)((const char *)p.p + p.n) - 2;
	CHECK(last->imm == 1);
}

static void check_lines(const struct device_rule *r, size_t n, bool all, const char *want)
{
	cleanup(arena_done) struct arena a = {};
	struct devfilter_v1 v1 = {};
	cleanup(err_free) struct err *e = devfilter_lines(r, n, &a, &v1);
	CHECK_TEXT(e ? e->text : v1.lines, want);
	CHECK(v1.allow_all == all);
}

TEST(rules_of_v1_are_lines)
{
	static const struct device_rule usual[] = { { false, 'a', -1, -1, RWM },
		{ true, 'c', 1, 3, RWM }, { true, 'c', 1, 5, R }, { false, 'c', 10, 229, RWM },
		{ true, 'c', 1, 5, W }, { false, 'c', 1, 3, M }, { true, 'c', -1, -1, M },
		{ true, 'b', -1, -1, M }, { true, 'c', 136, -1, RWM } };
	check_lines(usual, ARRAY_LEN(usual), false,
		"c 1:3 rw\nc 1:5 rw\nc *:* m\nb *:* m\nc 136:* rwm");
	static const struct device_rule privileged[] = { { false, 'a', -1, -1, RWM },
		{ true, 'c', 1, 3, RWM }, { true, 'a', -1, -1, RWM }, { true, 'c', 5, -1, RWM } };
	check_lines(privileged, ARRAY_LEN(privileged), true, "");
	static const struct device_rule but_one[] = { { true, 'a', -1, -1, RWM },
		{ false, 'a', -1, -1, M }, { false, 'c', 1, 1, RWM } };
	check_lines(but_one, ARRAY_LEN(but_one), true, "b *:* m\nc *:* m\nc 1:1 rwm");
	check_lines(NULL, 0, false, "");
}

TEST(what_v1_cannot_express_is_refused)
{
	static const struct device_rule but[] = { { true, 'c', 10, -1, RWM },
		{ false, 'c', 10, 200, W } };
	check_lines(but, ARRAY_LEN(but), false,
		"the device rule 'deny c 10:200 w' makes an exception from 'allow c 10:* rwm', "
		"which "
		"control group v1 can't express");
}

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void inside(const char *dir)
{
	static const struct device_rule first[] = { { true, 'c', 1, 5, R },
		{ true, 'c', -1, -1, M } };
	static const struct device_rule second[] = { { true, 'c', 1, 3, RWM } };
	cleanup(arena_done) struct arena a = {};
	cleanup(err_free) struct err *e =
		devfilter_attach(dir, devfilter_program(first, ARRAY_LEN(first), &a));
	if (!e)
		e = cgroup_set(dir, "cgroup.procs", "0");
	if (e)
		err_print(e, stderr, "attach");
	CHECK(!e);
	CHECK(can_open("/dev/zero", O_RDONLY) && !can_open("/dev/zero", O_WRONLY));
	CHECK(!can_open("/dev/null", O_RDONLY));
	/* A second one takes the place of the first; it would stand beside it otherwise. */
	e = devfilter_attach(dir, devfilter_program(second, ARRAY_LEN(second), &a));
	CHECK(!e);
	CHECK(can_open("/dev/null", O_RDWR) && !can_open("/dev/zero", O_RDONLY));
}

TEST(the_kernel_obeys_the_filter)
{
	cleanup(arena_done) struct arena a = {};
	struct cgroup_host host;
	struct cgroup c = {};
	cleanup(err_free) struct err *e = cgroup_host_read(&a, &host);
	const char *path = arena_fmt(
		&a, "/onggi-unit-%d-%llx", (int)getpid(), (unsigned long long)time_steady());
	if (!e)
		e = cgroup_locate(&host, path, "unit", false, &a, &c);
	const struct cgroup_dir *d = e ? NULL : cgroup_dir_of(&c, "");
	bool created;
	if (!d || geteuid() != 0 || !can_open("/dev/null", O_RDWR))
		test_skipped("needs control group v2, root and the usual devices");
	e = cgroup_make(d->host, &created);
	if (e)
		test_skipped("control groups can't be written here");
	fflush(NULL);
	alarm(0); /* to be there to clean up */
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		inside(d->host);
		_exit(0);
	}
	int status = -1;
	CHECK(waitpid(pid, &status, 0) == pid);
	struct cgroup v2 = { .mode = CGROUP_V2, .dirs = { (void *)(uintptr_t)d, 1 } };
	e = cgroup_remove(&v2, 2000);
	CHECK(!e && status == 0);
}
