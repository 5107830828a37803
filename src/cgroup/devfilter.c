#include "cgroup/devfilter.h"
#include "base/fd.h"
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

_Static_assert((int)DEVICE_MKNOD == (int)BPF_DEVCG_ACC_MKNOD &&
		       (int)DEVICE_READ == (int)BPF_DEVCG_ACC_READ &&
		       (int)DEVICE_WRITE == (int)BPF_DEVCG_ACC_WRITE,
	"access bits are the kernel's");

/* What lies in which register. */
enum { VERDICT = BPF_REG_0, CONTEXT = BPF_REG_1, TYPE, ACCESS, MAJOR, MINOR };

enum {
	RULE_MAX = 8,     /* instructions of one rule */
	AROUND_RULES = 8, /* before and after them */
	TO_NEXT = -1,     /* offset of a jump over the rest of the rule, until it is known */
	IDS_MAX = 64,     /* the kernel's own limit of programs at one group */
};

/* By this name we know our programs again. */
static const char program_name[BPF_OBJ_NAME_LEN] = "onggi_devices";

struct program {
	struct bpf_insn *insns;
	size_t n;
};

static void emit(struct program *p, int code, int dst, int src, int offset, int32_t value)
{
	p->insns[p->n++] = (struct bpf_insn){ .code = (uint8_t)code,
		.dst_reg = (uint8_t)(dst & 15),
		.src_reg = (uint8_t)(src & 15),
		.off = (int16_t)offset,
		.imm = value };
}

static void load(struct program *p, int dst, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, dst, CONTEXT, (int)offset, 0);
}

/* Jumps over the rest of the rule if the register compares so; @test is BPF_JEQ or BPF_JNE. */
static void skip_if(struct program *p, int test, int reg, int64_t value)
{
	emit(p, BPF_JMP32 | test | BPF_K, reg, 0, TO_NEXT, (int32_t)(uint32_t)value);
}

static void verdict(struct program *p, bool allow)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, VERDICT, 0, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* ACCESS holds the kinds of access nobody has decided on yet. */
static void decide(struct program *p, const struct device_rule *r)
{
	if (r->access != DEVICE_ALL && r->allow) {
		emit(p, BPF_ALU | BPF_AND | BPF_K, ACCESS, 0, 0, (int32_t)~r->access);
		skip_if(p, BPF_JNE, ACCESS, 0);
	}
	if (r->access != DEVICE_ALL && !r->allow) {
		emit(p, BPF_ALU64 | BPF_MOV | BPF_X, VERDICT, ACCESS, 0, 0);
		emit(p, BPF_ALU | BPF_AND | BPF_K, VERDICT, 0, 0, (int32_t)r->access);
		skip_if(p, BPF_JEQ, VERDICT, 0);
	}
	verdict(p, r->allow);
}

static void add_rule(struct program *p, const struct device_rule *r)
{
	size_t start = p->n;
	if (r->type != 'a')
		skip_if(p, BPF_JNE, TYPE,
			r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (r->major >= 0)
		skip_if(p, BPF_JNE, MAJOR, r->major);
	if (r->minor >= 0)
		skip_if(p, BPF_JNE, MINOR, r->minor);
	decide(p, r);
	for (size_t i = start; i < p->n; i++)
		if (p->insns[i].off == TO_NEXT)
			p->insns[i].off = (int16_t)(p->n - i - 1);
}

static bool decides_all(const struct device_rule *r)
{
	return r->type == 'a' && r->major < 0 && r->minor < 0 && r->access == DEVICE_ALL;
}

/* The last rule comes first: what it says stands. Nothing may follow a rule for everything, for the
 * kernel refuses code that can't be reached. */
struct bytes devfilter_program(const struct device_rule *rules, size_t n, struct arena *a)
{
	struct program p = { .insns = anew(a, struct bpf_insn, n * RULE_MAX + AROUND_RULES) };
	bool closed = false;
	load(&p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(&p, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	emit(&p, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(&p, BPF_ALU | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	load(&p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(&p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = n; i-- > 0 && !closed;) {
		closed = decides_all(&rules[i]);
		if (rules[i].access)
			add_rule(&p, &rules[i]);
	}
	if (!closed)
		verdict(&p, false);
	return (struct bytes){ p.insns, p.n * sizeof(*p.insns) };
}

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static struct err *load_program(struct bytes program, struct fd *out)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = address(program.p),
		.insn_cnt = (uint32_t)(program.n / sizeof(struct bpf_insn)),
		.license = address("Apache-2.0") };
	memcpy(attr.prog_name, program_name, sizeof(program_name));
	*out = fd_own(bpf(BPF_PROG_LOAD, &attr));
	if (fd_valid(*out))
		return NULL;
	int num = errno;
	return err_hint(err_sys(num, "load the device filter"),
		num == EPERM ? "device rules on control group v2 need CAP_BPF in the host's user "
			       "namespace"
			     : "the kernel needs CONFIG_CGROUP_BPF");
}

/* Opens the program with that id if it is one of ours. */
static struct fd open_if_ours(uint32_t id)
{
	union bpf_attr open = { .prog_id = id };
	cleanup(fd_close) struct fd fd = fd_own(bpf(BPF_PROG_GET_FD_BY_ID, &open));
	struct bpf_prog_info info = {};
	union bpf_attr ask = { .info = { .bpf_fd = (uint32_t)fd_num(fd),
				       .info_len = sizeof(info),
				       .info = address(&info) } };
	if (!fd_valid(fd) || bpf(BPF_OBJ_GET_INFO_BY_FD, &ask) < 0 ||
		strcmp(info.name, program_name) != 0)
		return (struct fd){};
	return fd_take(&fd);
}

static struct fd find_ours(int group)
{
	uint32_t ids[IDS_MAX] = {};
	union bpf_attr attr = { .query = { .target_fd = (uint32_t)group,
					.attach_type = BPF_CGROUP_DEVICE,
					.prog_ids = address(ids),
					.prog_cnt = IDS_MAX } };
	struct fd found = {};
	if (bpf(BPF_PROG_QUERY, &attr) < 0)
		return found;
	for (uint32_t i = 0; i < attr.query.prog_cnt && i < IDS_MAX && !fd_valid(found); i++)
		found = open_if_ours(ids[i]);
	return found;
}

struct err *devfilter_attach(const char *dir, struct bytes program)
{
	cleanup(fd_close) struct fd group = {}, filter = {};
	struct err *e = fd_open(&group, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
	if (!e)
		e = load_program(program, &filter);
	if (e)
		return err_wrap(e, "device rules of %s", dir);
	cleanup(fd_close) struct fd before = find_ours(fd_num(group));
	union bpf_attr attr = { .target_fd = (uint32_t)fd_num(group),
		.attach_bpf_fd = (uint32_t)fd_num(filter),
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI };
	if (fd_valid(before)) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)fd_num(before);
	}
	if (bpf(BPF_PROG_ATTACH, &attr) < 0)
		return err_hint(err_sys(errno, "attach the device filter to %s", dir),
			"a group above may have one that forbids others (no BPF_F_ALLOW_MULTI)");
	return NULL;
}
