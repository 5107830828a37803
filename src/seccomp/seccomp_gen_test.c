/*
 * What the program answers, against two judges: libseccomp, which is given the same rules, and the
 * rules themselves, read in plain C. Programs are run on paper for every number of every
 * interface, with arguments at and around the values that the rules compare with.
 */
#include "base/attr.h"
#include "base/test.h"
#include "kernel/compat.h"
#include "seccomp/bpf_sim.h"
#include "seccomp/seccomp_gen.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A small generator with a fixed seed: each run asks the same questions. */
struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(d->state >> 33) % sides;
}

static const uint64_t values[] = { 0, 1, 5, 38, 0x7E020000, 0xffffffff, 0x100000000, 0x100000005,
	UINT64_MAX, 0x8000000000000000 };

enum { RULES = 40, NAMES = 6, NUMBERS = 460 };

struct question {
	struct arena *arena;
	const struct abi *native;
	struct seccomp_profile profile;
	struct seccomp_rule rules[RULES];
	struct seccomp_arg args[RULES][2];
	const char *names[RULES][NAMES];
	uint8_t used[NUMBERS], uses; /* how many rules name a call, and how many may */
};

/* The library finds the numbers of other interfaces through this machine's, where two names that
 * it does not have may share one. */
static bool is_ambiguous(const char *name)
{
	char *again = seccomp_syscall_resolve_num_arch(
		SCMP_ARCH_NATIVE, seccomp_syscall_resolve_name(name));
	bool same = again && strcmp(again, name) == 0;
	free(again);
	return !same;
}

/* The name of any call that may still be used, or NULL: try again. */
static const char *try_name(struct question *q, struct dice *d)
{
	uint32_t number = roll(d, NUMBERS);
	char *name =
		seccomp_syscall_resolve_num_arch(q->native->token, (int)(q->native->base + number));
	bool usable = name && !is_ambiguous(name) && q->used[number]++ < q->uses;
	const char *kept = usable ? arena_str(q->arena, str_of(name)) : NULL;
	free(name);
	return kept;
}

static const char *any_name(struct question *q, struct dice *d)
{
	for (;;) {
		const char *name = try_name(q, d);
		if (name)
			return name;
	}
}

static uint64_t any_value(struct dice *d)
{
	return values[roll(d, ARRAY_LEN(values))];
}

/* One action for all, because in which order libseccomp asks about arguments it does not say. */
static void ask_rule(struct question *q, size_t i, struct dice *d)
{
	struct seccomp_rule *rule = &q->rules[i];
	*rule = (struct seccomp_rule){ .action = "SCMP_ACT_ALLOW" };
	rule->names = (struct text_list){ q->names[i], roll(d, NAMES) + 1 };
	for (size_t j = 0; j < rule->names.n; j++)
		q->names[i][j] = any_name(q, d);
	rule->args = q->args[i];
	rule->n_args = roll(d, 3);
	for (size_t j = 0; j < rule->n_args; j++) {
		const struct word *op =
			&seccomp_operators.rows[roll(d, (uint32_t)seccomp_operators.n)];
		q->args[i][j] = (struct seccomp_arg){ (uint32_t)j * (1 + roll(d, 4)), op->name,
			any_value(d), any_value(d) };
	}
}

static void ask(struct question *q, struct dice *d)
{
	for (size_t i = 0; i < RULES; i++)
		ask_rule(q, i, d);
	q->profile.default_action = "SCMP_ACT_LOG"; /* no ENOSYS for newer numbers */
	q->profile.rules = q->rules;
	q->profile.n_rules = RULES;
}

static enum scmp_compare compare_of(const char *op)
{
	static const enum scmp_compare of[] = { SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
		SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ };
	return of[words_find(&seccomp_operators, str_of(op))->value];
}

static void give_rule(scmp_filter_ctx ctx, const struct seccomp_rule *rule)
{
	struct scmp_arg_cmp cmp[2];
	for (size_t i = 0; i < rule->n_args; i++)
		cmp[i] = (struct scmp_arg_cmp){ rule->args[i].index, compare_of(rule->args[i].op),
			rule->args[i].value, rule->args[i].value_two };
	for (size_t i = 0; i < rule->names.n; i++) {
		int number = seccomp_syscall_resolve_name(rule->names.items[i]);
		int r = seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW, number, (unsigned)rule->n_args, cmp);
		CHECK(r == 0 || r == -EEXIST);
	}
}

/* Programs for the other byte order are exported in it. */
static void swap(struct sock_filter *insns, size_t n)
{
	for (size_t i = 0; i < n / sizeof(*insns); i++) {
		insns[i].code = __builtin_bswap16(insns[i].code);
		insns[i].k = __builtin_bswap32(insns[i].k);
	}
}

/* The same profile, compiled by the library. */
static struct bytes library_program(const struct question *q, const struct seccomp_rules *rules)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_LOG);
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	for (size_t i = 0; i < rules->n_abis; i++)
		CHECK(seccomp_arch_add(ctx, rules->abis[i]->token) == 0);
	for (size_t i = 0; i < RULES; i++)
		give_rule(ctx, &q->rules[i]);

	int memory = memfd_create("program", MFD_CLOEXEC);
	CHECK(seccomp_export_bpf(ctx, memory) == 0);
	size_t n = (size_t)lseek(memory, 0, SEEK_END);
	void *program = arena_alloc(q->arena, 1, n);
	CHECK(pread(memory, program, n, 0) == (ssize_t)n);
	close(memory);
	if (q->native->big_endian)
		swap(program, n);
	seccomp_release(ctx);
	return (struct bytes){ program, n };
}

/* Arguments near what the rules compare with; in 32-bit interfaces the kernel gives 32 bits. */
static uint64_t any_argument(struct dice *d, const struct abi *abi)
{
	uint64_t value = any_value(d) + roll(d, 3) - 1;
	if (!abi->wide)
		value &= UINT32_MAX;
	return abi->big_endian ? value << 32 | value >> 32 : value; /* as two words, swapped */
}

/* Whom to believe. */
struct judge {
	struct bytes library; /* or none: */
	const struct seccomp_rules *rules;
};

static bool cond_holds(const struct seccomp_cond *c, const struct abi *abi, uint64_t arg)
{
	uint64_t keep = abi->wide ? UINT64_MAX : UINT32_MAX;
	uint64_t left = arg & c->mask & keep, right = c->value & keep;
	bool holds = c->test == BPF_JEQ   ? left == right
	             : c->test == BPF_JGE ? left >= right
	                                  : left > right;
	return holds != c->negated;
}

static bool case_fits(
	const struct seccomp_case *rule, const struct abi *abi, const struct seccomp_data *data)
{
	for (size_t i = 0; i < rule->n_any; i++) {
		bool all = true;
		for (size_t j = 0; j < rule->any[i].n; j++) {
			const struct seccomp_cond *c = &rule->any[i].conds[j];
			all = all && cond_holds(c, abi, data->args[c->arg]);
		}
		if (all)
			return true;
	}
	return rule->n_any == 0;
}

/* What the rules say of calls that are not multiplexed. */
static uint32_t answer_of_rules(
	const struct seccomp_rules *rules, const struct abi *abi, const struct seccomp_data *data)
{
	uint32_t answer = rules->default_action;
	for (size_t i = 0; i < rules->n_cases; i++) {
		const struct seccomp_case *rule = &rules->cases[i];
		for (size_t j = 0; j < rule->names.n; j++) {
			struct abi_call call;
			if (!abi_find_call(abi, rule->names.items[j], &call) ||
				call.number != data->nr || !case_fits(rule, abi, data))
				continue;
			if (!rule->n_any)
				return rule->action;
			answer = answer == rules->default_action ? rule->action : answer;
		}
	}
	return answer;
}

/* Some answers of programs for the other byte order come out in ours, and all end in 16 zeros. */
static uint32_t answer_of_library(struct bytes program, const struct seccomp_data *data)
{
	uint32_t answer = bpf_sim(program, data, NULL);
	return answer & SECCOMP_RET_DATA ? __builtin_bswap32(answer) : answer;
}

static void compare(const struct question *q, const struct abi *abi, struct bytes ours,
	const struct judge *judge, struct dice *d)
{
	for (uint32_t n = 0; n < NUMBERS; n++) {
		struct seccomp_data data = { .nr = (int)(abi->base + n), .arch = abi->audit };
		for (int tries = 0; tries < 6; tries++) {
			for (size_t i = 0; i < 6; i++)
				data.args[i] = any_argument(d, abi);
			uint32_t got = bpf_sim(ours, &data, NULL);
			uint32_t want = judge->library.n
			                        ? answer_of_library(judge->library, &data)
			                        : answer_of_rules(judge->rules, abi, &data);
			if (got != want)
				test_failed(__FILE__, __LINE__, "%s on %s: call %u: %#x, not %#x",
					q->native->name, abi->name, n, got, want);
		}
	}
}

/* Asks about the interfaces @names, of which the first is native; several rules may name one call
 * if @uses says so. */
static void agree(const struct abi *const *names, uint8_t uses, struct dice *d)
{
	cleanup(arena_done) struct arena arena = {};
	struct question *q = anew(&arena, struct question, 1);
	q->arena = &arena;
	q->native = names[0];
	q->uses = uses;
	const char *listed[ABIS];
	q->profile.architectures = (struct text_list){ listed, 0 };
	for (size_t i = 0; names[i]; i++)
		listed[q->profile.architectures.n++] = names[i]->name;
	ask(q, d);

	struct seccomp_rules rules;
	struct bytes ours;
	CHECK(!seccomp_rules_read(&q->profile, q->native, &arena, &rules));
	CHECK(!seccomp_gen(&rules, &arena, &ours));
	struct judge judge = { .rules = &rules };
	if (uses == 1) /* libseccomp 2.5.4 can go on for ever with more */
		judge.library = library_program(q, &rules);
	for (size_t i = 0; i < rules.n_abis; i++)
		compare(q, rules.abis[i], ours, &judge, d);
}

static void agree_on(const char *native, const char *second, const char *third)
{
	struct dice d = { 1 };
	const struct abi *all[] = { abi_by_name(native), second ? abi_by_name(second) : NULL,
		third ? abi_by_name(third) : NULL, NULL };
	for (int i = 0; i < 12; i++)
		agree(all, 1, &d);
}

TEST(the_program_answers_what_libseccomps_does)
{
	agree_on("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
	agree_on("SCMP_ARCH_X86_64", NULL, NULL);
}

TEST(the_program_answers_what_libseccomps_does_elsewhere)
{
	agree_on("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", NULL);
	agree_on("SCMP_ARCH_RISCV64", NULL, NULL);
	agree_on("SCMP_ARCH_PPC64LE", NULL, NULL);
	agree_on("SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32");
}

TEST(the_program_answers_what_libseccomps_does_in_the_other_byte_order)
{
	agree_on("SCMP_ARCH_S390X", "SCMP_ARCH_S390", NULL);
	agree_on("SCMP_ARCH_PPC64", "SCMP_ARCH_PPC", NULL);
	agree_on("SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32");
}

TEST(the_program_answers_what_several_rules_for_one_call_say)
{
	struct dice d = { 7 };
	const struct abi *all[] = { abi_by_name("SCMP_ARCH_X86_64"), abi_by_name("SCMP_ARCH_X32"),
		NULL };
	for (int i = 0; i < 40; i++)
		agree(all, 4, &d);
}
