#include "seccomp/seccomp_gen.h"
#include "seccomp/bpf.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One rule for one number. */
struct entry {
	uint32_t number, order;
	const struct seccomp_case *rule;
	bool shared; /* it is a multiplexer's number, and means the call if argument 0 is selector
	              */
	uint32_t selector;
};

/* From this number up to the next range: the action, unless one of the entries fits. */
struct range {
	uint32_t from, action;
	const struct entry *entries;
	size_t n;
	const struct abi *abi;
};

struct gen {
	const struct seccomp_rules *rules;
	struct arena *arena;
	struct bpf bpf;
	const struct abi *abi; /* whose entries and ranges are made, or whose code is written */
	struct entry *entries;
	struct range *ranges;
	size_t names, n_entries, n_ranges;
};

static const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;
static const uint32_t bad_architecture = SECCOMP_RET_KILL_PROCESS;

/* x86-64 and x32 share what the kernel calls their architecture; the bit tells them apart. The
 * number -1 is none at all: a tracer sets it to skip a call, and syscall(-1) is a known probe. */
static const uint32_t x32_bit = 0x40000000, no_call = UINT32_MAX;

/* --- the entries of an interface ---------------------------------------------------------- */

static void add_entry(struct gen *g, const struct seccomp_case *rule, const struct abi_call *call)
{
	uint32_t order = (uint32_t)g->n_entries;
	if (call->number != ABI_NO_CALL)
		g->entries[g->n_entries++] =
			(struct entry){ (uint32_t)call->number, order, rule, false, 0 };
	if (call->shared != ABI_NO_CALL)
		g->entries[g->n_entries++] =
			(struct entry){ (uint32_t)call->shared, order, rule, true, call->selector };
}

static size_t count_names(const struct seccomp_rules *rules)
{
	size_t n = 0;
	for (size_t i = 0; i < rules->n_cases; i++)
		n += rules->cases[i].names.n;
	return n;
}

static int by_number_then_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void find_entries(struct gen *g)
{
	g->n_entries = 0;
	g->entries = anew(g->arena, struct entry, 2 * g->names);
	for (size_t i = 0; i < g->rules->n_cases; i++) {
		const struct seccomp_case *rule = &g->rules->cases[i];
		for (size_t j = 0; j < rule->names.n; j++) {
			struct abi_call call;
			if (abi_find_call(g->abi, rule->names.items[j], &call))
				add_entry(g, rule, &call);
		}
	}
	qsort(g->entries, g->n_entries, sizeof(*g->entries), by_number_then_order);
}

/* --- ranges of numbers with one answer ------------------------------------------------------ */

/* Each entry opens at most two ranges; the rest of an interface, a handful. */
static void make_room(struct gen *g)
{
	enum { OTHERS = 8 };
	size_t room = g->n_ranges + 2 * g->n_entries + OTHERS;
	struct range *ranges = anew(g->arena, struct range, room);
	if (g->n_ranges)
		memcpy(ranges, g->ranges, g->n_ranges * sizeof(*ranges));
	g->ranges = ranges;
}

/* A range that begins where the last one does replaces it; one with the same answer widens it. */
static void add_range(struct gen *g, struct range r)
{
	r.abi = g->abi;
	struct range *first = g->ranges, *end = first + g->n_ranges;
	if (end > first && end[-1].from == r.from)
		end--;
	bool same = end > first && !end[-1].n && !r.n && end[-1].action == r.action;
	if (!same)
		*end++ = r;
	g->n_ranges = (size_t)(end - first);
}

static void add_answer(struct gen *g, uint32_t from, uint32_t action)
{
	add_range(g, (struct range){ .from = from, .action = action });
}

/*
 * What the entries for one number come to. One without conditions decides, wherever it stands; a
 * rule that only repeats the default action is none (as runc and libseccomp have it).
 */
static struct range answer_of(const struct gen *g, struct entry *entries, size_t n)
{
	uint32_t otherwise = g->rules->default_action;
	struct range r = { .from = entries[0].number, .action = otherwise, .entries = entries };
	for (size_t i = 0; i < n; i++) {
		const struct seccomp_case *rule = entries[i].rule;
		if (rule->action == otherwise)
			continue;
		if (!rule->n_any && !entries[i].shared)
			return (struct range){ .from = r.from, .action = rule->action };
		entries[r.n++] = entries[i];
	}
	return r;
}

/* Above the newest call that the profile's author knew, there is ENOSYS. */
static void end_ordinary(struct gen *g, uint32_t newest)
{
	if (g->rules->answer_enosys && newest)
		add_answer(g, newest + 1, enosys);
	if (g->abi->apart)
		add_answer(g, g->abi->apart, g->rules->default_action);
}

static bool is_ordinary(const struct gen *g, uint32_t number)
{
	return !g->abi->apart || number < g->abi->apart;
}

/*
 * On s390 numbers that the kernel does not know arrive as 0, once setup(2), which nobody can call
 * any more.
 */
static void begin_ordinary(struct gen *g)
{
	add_answer(g, g->abi->base, g->rules->default_action);
	if (g->rules->answer_enosys && g->abi->family == ABI_S390) {
		add_answer(g, g->abi->base, enosys);
		add_answer(g, g->abi->base + 1, g->rules->default_action);
	}
}

static void abi_ranges(struct gen *g, const struct abi *abi)
{
	g->abi = abi;
	find_entries(g);
	make_room(g);
	begin_ordinary(g);
	uint32_t newest = 0;
	bool ordinary = true;
	for (size_t i = 0, n; i < g->n_entries; i += n) {
		uint32_t number = g->entries[i].number;
		for (n = 1; i + n < g->n_entries && g->entries[i + n].number == number;)
			n++;
		if (ordinary && !is_ordinary(g, number)) {
			end_ordinary(g, newest);
			ordinary = false;
		}
		newest = number;
		add_range(g, answer_of(g, g->entries + i, n));
		add_answer(g, number + 1, g->rules->default_action);
	}
	if (ordinary)
		end_ordinary(g, newest);
}

/* --- code ------------------------------------------------------------------------------------ */

/* seccomp_data has 64 bits for each argument, in the byte order of the interface. */
static uint32_t half_of_arg(const struct abi *abi, unsigned arg, bool high)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
	return (uint32_t)(high == abi->big_endian ? at : at + sizeof(uint32_t));
}

static size_t load_half(struct gen *g, const struct seccomp_cond *c, bool high)
{
	uint32_t mask = (uint32_t)(high ? c->mask >> 32 : c->mask);
	if (mask != UINT32_MAX)
		bpf_put(&g->bpf, BPF_ALU | BPF_AND | BPF_K, mask);
	return bpf_put(&g->bpf, BPF_LD | BPF_W | BPF_ABS, half_of_arg(g->abi, c->arg, high));
}

/* The low halves decide if the high ones are equal. In 32-bit interfaces there are no others. */
static size_t put_cond(struct gen *g, const struct seccomp_cond *c, size_t pass, size_t fail)
{
	size_t yes = c->negated ? fail : pass, no = c->negated ? pass : fail;
	uint32_t high = (uint32_t)(c->value >> 32);
	bpf_jump(&g->bpf, c->test, (uint32_t)c->value, yes, no);
	size_t low = load_half(g, c, false);
	if (!g->abi->wide || !(c->mask >> 32))
		return low;
	size_t equal = bpf_jump(&g->bpf, BPF_JEQ, high, low, no);
	if (c->test != BPF_JEQ)
		bpf_jump(&g->bpf, BPF_JGT, high, yes, equal);
	return load_half(g, c, true);
}

/* A multiplexer has its own argument 0, so that conditions on the call's can't be checked. */
static size_t put_match(
	struct gen *g, const struct seccomp_match *m, bool shared, size_t pass, size_t fail)
{
	for (size_t i = m->n; i-- > 0;)
		if (!shared || m->conds[i].arg != 0)
			pass = put_cond(g, &m->conds[i], pass, fail);
	return pass;
}

static void put_entry(struct gen *g, const struct entry *e)
{
	size_t otherwise = g->bpf.n;
	size_t act = bpf_put(&g->bpf, BPF_RET | BPF_K, e->rule->action);
	size_t first = act, fail = otherwise;
	for (size_t i = e->rule->n_any; i-- > 0;)
		first = fail = put_match(g, &e->rule->any[i], e->shared, act, fail);
	struct seccomp_cond selected = {
		.test = BPF_JEQ, .mask = UINT64_MAX, .value = e->selector
	};
	if (e->shared)
		put_cond(g, &selected, first, otherwise);
}

static size_t put_range(struct gen *g, const struct range *r)
{
	g->abi = r->abi;
	bpf_put(&g->bpf, BPF_RET | BPF_K, r->action);
	for (size_t i = r->n; i-- > 0;)
		put_entry(g, &r->entries[i]);
	return g->bpf.n;
}

/* The search among ranges @from to @to - 1. */
static size_t put_search(struct gen *g, size_t from, size_t to)
{
	if (to - from == 1)
		return put_range(g, &g->ranges[from]);
	size_t middle = from + (to - from) / 2;
	size_t upper = put_search(g, middle, to);
	size_t lower = put_search(g, from, middle);
	return bpf_jump(&g->bpf, BPF_JGE, g->ranges[middle].from, upper, lower);
}

/* --- the program ----------------------------------------------------------------------------- */

static const struct abi *find_abi(const struct gen *g, uint32_t audit, uint32_t base)
{
	for (size_t i = 0; i < g->rules->n_abis; i++)
		if (g->rules->abis[i]->audit == audit && g->rules->abis[i]->base == base)
			return g->rules->abis[i];
	return NULL;
}

static void abi_ranges_or_none(struct gen *g, uint32_t base)
{
	const struct abi *abi = find_abi(g, AUDIT_ARCH_X86_64, base);
	if (abi)
		abi_ranges(g, abi);
	else
		add_answer(g, base, bad_architecture);
}

static void find_ranges(struct gen *g, const struct abi *abi)
{
	const struct seccomp_rules *rules = g->rules;
	g->abi = abi;
	g->n_ranges = g->n_entries = 0;
	make_room(g);
	if (abi->audit != AUDIT_ARCH_X86_64) {
		add_answer(g, 0, rules->default_action);
		abi_ranges(g, abi);
		return;
	}
	abi_ranges_or_none(g, 0);
	abi_ranges_or_none(g, x32_bit);
	add_answer(g, no_call, rules->answer_enosys ? enosys : rules->default_action);
}

/* Puts the code for one of the kernel's architectures in front of what tests for the others. */
static void put_architecture(struct gen *g, const struct abi *abi)
{
	size_t others = g->bpf.n;
	find_ranges(g, abi);
	put_search(g, 0, g->n_ranges);
	size_t this = bpf_put(&g->bpf, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_jump(&g->bpf, BPF_JEQ, abi->audit, this, others);
}

static bool is_first_of_its_architecture(const struct seccomp_rules *rules, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (rules->abis[i]->audit == rules->abis[at]->audit)
			return false;
	return true;
}

struct err *seccomp_gen(const struct seccomp_rules *rules, struct arena *a, struct bytes *out)
{
	struct gen g = { .rules = rules, .arena = a, .bpf = bpf_new(a) };
	g.names = count_names(rules);
	bpf_put(&g.bpf, BPF_RET | BPF_K, bad_architecture);
	for (size_t i = rules->n_abis; i-- > 0;)
		if (is_first_of_its_architecture(rules, i))
			put_architecture(&g, rules->abis[i]);
	bpf_put(&g.bpf, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	if (g.bpf.too_long)
		return err_new(ERR_USAGE,
			"the program has more than the %d instructions that "
			"the kernel takes",
			BPF_MAXINSNS);
	*out = bpf_program(&g.bpf);
	return NULL;
}
