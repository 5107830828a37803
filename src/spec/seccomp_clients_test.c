/*
 * The profiles that real clients wrote (tests/configs), compiled by us and by libseccomp: for every
 * number of every interface both programs give the same answer, but for calls that are newer than
 * the library.
 */
#include "base/fd.h"
#include "base/test.h"
#include "kernel/file.h"
#include "seccomp/abi.h"
#include "seccomp/bpf_sim.h"
#include "seccomp/seccomp.h"
#include "seccomp/seccomp_rules.h"
#include "spec/seccomp_spec.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

enum { NUMBERS = 500, TRIES = 12 };

/* A profile as libseccomp is told it. */
static void give_conds(
	scmp_filter_ctx ctx, uint32_t action, int number, const struct seccomp_match *m)
{
	struct scmp_arg_cmp cmp[6];
	for (size_t i = 0; i < m->n; i++) {
		const struct seccomp_cond *c = &m->conds[i];
		enum scmp_compare op =
			c->test == BPF_JEQ   ? (c->negated ? SCMP_CMP_NE : SCMP_CMP_MASKED_EQ)
			: c->test == BPF_JGE ? (c->negated ? SCMP_CMP_LT : SCMP_CMP_GE)
					     : (c->negated ? SCMP_CMP_LE : SCMP_CMP_GT);
		bool masked = op == SCMP_CMP_MASKED_EQ;
		cmp[i] = (struct scmp_arg_cmp){ c->arg, op, masked ? c->mask : c->value,
			masked ? c->value : 0 };
	}
	CHECK(seccomp_rule_add_array(ctx, action, number, (unsigned)m->n, cmp) == 0);
}

static void give_case(scmp_filter_ctx ctx, const struct seccomp_case *rule, const char *name)
{
	static const struct seccomp_match always = {};
	int number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return;
	if (!rule->n_any)
		give_conds(ctx, rule->action, number, &always);
	for (size_t i = 0; i < rule->n_any; i++)
		give_conds(ctx, rule->action, number, &rule->any[i]);
}

static scmp_filter_ctx give(const struct seccomp_rules *rules)
{
	scmp_filter_ctx ctx = seccomp_init(rules->default_action);
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 1; i < rules->n_abis; i++)
		CHECK(seccomp_arch_add(ctx, rules->abis[i]->token) == 0);
	for (size_t i = 0; i < rules->n_cases; i++)
		for (size_t j = 0; j < rules->cases[i].names.n; j++)
			if (rules->cases[i].action != rules->default_action)
				give_case(ctx, &rules->cases[i], rules->cases[i].names.items[j]);
	return ctx;
}

static struct bytes export(scmp_filter_ctx ctx, struct arena *a)
{
	cleanup(fd_close) struct fd memory = fd_own(memfd_create("program", MFD_CLOEXEC));
	CHECK(seccomp_export_bpf(ctx, fd_num(memory)) == 0);
	size_t n = (size_t)lseek(fd_num(memory), 0, SEEK_END);
	void *program = arena_alloc(a, 1, n);
	CHECK(pread(fd_num(memory), program, n, 0) == (ssize_t)n);
	return (struct bytes){ program, n };
}

/* What profiles compare with, and what is beside it. */
static const uint64_t values[] = { 0, 1, 3, 8, 9, 16, 38, 39, 40, 41, 0x20000, 0x20008, 0x40000,
	0x10000000, 0x7E020000, 0xffffffff, UINT64_MAX };

/* Both say no: the library with the default action, ours with ENOSYS above the newest call. */
static bool both_deny(uint32_t ours, uint32_t theirs, uint32_t otherwise)
{
	return ours == (SECCOMP_RET_ERRNO | ENOSYS) && theirs == otherwise &&
	       (otherwise & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

static bool library_knows(const struct abi *abi, int number)
{
	char *name = seccomp_syscall_resolve_num_arch(abi->token, number);
	free(name);
	return name != NULL;
}

static void compare(const struct abi *abi, uint32_t otherwise, struct bytes ours,
	struct bytes theirs, const char *file)
{
	uint32_t dice = 1;
	for (uint32_t n = 0; n < NUMBERS; n++) {
		struct seccomp_data data = { .nr = (int)(abi->base + n), .arch = abi->audit };
		for (int i = 0; library_knows(abi, data.nr) && i < TRIES; i++) {
			for (size_t j = 0; j < 6; j++) {
				dice = dice * 1103515245 + 12345;
				data.args[j] = values[(dice >> 16) % ARRAY_LEN(values)] &
				               (abi->wide ? UINT64_MAX : UINT32_MAX);
			}
			uint32_t got = bpf_sim(ours, &data, NULL),
				 want = bpf_sim(theirs, &data, NULL);
			if (got != want && !both_deny(got, want, otherwise))
				test_failed(__FILE__, __LINE__, "%s: %s call %u: %#x, not %#x",
					file, abi->name, n, got, want);
		}
	}
}

/* True if the file has a profile at all. */
static bool compare_file(int dir, const char *name)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct spec spec = {};
	struct seccomp_profile profile;
	struct seccomp_program ours;
	struct seccomp_rules rules;
	CHECK(!file_read(dir, name, 1 << 20, &text));
	CHECK(!spec_parse(buf_text(&text), text.n, name, &a, &spec));
	if (!spec.linux.seccomp.present)
		return false;
	CHECK(!seccomp_spec_profile(&spec.linux.seccomp, &a, &profile));
	CHECK(!seccomp_compile(&profile, NULL, &a, &ours));
	CHECK(!seccomp_rules_read(&profile, abi_native(), &a, &rules));
	scmp_filter_ctx ctx = give(&rules);
	struct bytes theirs = export(ctx, &a);
	seccomp_release(ctx);
	for (size_t i = 0; i < rules.n_abis; i++)
		compare(rules.abis[i], rules.default_action, ours.filter, theirs, name);
	return true;
}

/* Many are alike: one of each client is enough, and one of each generation of Docker. */
static const char *const files[] = { "docker-053019.json", "docker-0191a6.json",
	"podman-a18699.json", "podman-0253f3.json", "buildah-ad4de2.json", "cri-1a0234.json",
	"cri-44a680.json" };

TEST(profiles_of_clients_answer_what_libseccomps_do)
{
	cleanup(fd_close) struct fd dir = {};
	CHECK(!fd_open(&dir, AT_FDCWD, TEST_DOCUMENTS "/configs", O_RDONLY | O_DIRECTORY));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		CHECK(compare_file(fd_num(dir), files[i]));
}
