#include "seccomp/seccomp_rules.h"
#include "kernel/compat.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

static const struct word action_rows[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
};
const struct words seccomp_actions = WORDS(action_rows);

/* How an operator is made of the three comparisons that BPF has. */
enum operator{ OP_NE, OP_LT, OP_LE, OP_EQ, OP_GE, OP_GT, OP_MASKED_EQ, OPERATORS };
static const struct operator_test {
	uint8_t test;
	bool negated;
} operator_tests[OPERATORS] = {
	[OP_NE] = { BPF_JEQ, .negated = true },
	[OP_LT] = { BPF_JGE, .negated = true },
	[OP_LE] = { BPF_JGT, .negated = true },
	[OP_EQ] = { BPF_JEQ },
	[OP_GE] = { BPF_JGE },
	[OP_GT] = { BPF_JGT },
	[OP_MASKED_EQ] = { BPF_JEQ },
};
static const struct word operator_rows[] = {
	{ "SCMP_CMP_EQ", OP_EQ },
	{ "SCMP_CMP_GE", OP_GE },
	{ "SCMP_CMP_GT", OP_GT },
	{ "SCMP_CMP_LE", OP_LE },
	{ "SCMP_CMP_LT", OP_LT },
	{ "SCMP_CMP_MASKED_EQ", OP_MASKED_EQ },
	{ "SCMP_CMP_NE", OP_NE },
};
const struct words seccomp_operators = WORDS(operator_rows);

static const struct word flag_rows[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
const struct words seccomp_flags = WORDS(flag_rows);

enum { SYSTEM_CALL_ARGUMENTS = 6, ERRNO_MAX = 4095 };

/* How the two members of an action are called where it stands. */
struct action_keys {
	const char *action, *errno_ret;
};
static const struct action_keys default_keys = { "defaultAction", "defaultErrnoRet" };
static const struct action_keys rule_keys = { "action", "errnoRet" };

static struct err *read_action(const char *word, const struct opt_int *errno_ret,
	const struct action_keys *keys, uint32_t *out)
{
	const struct word *row = words_find(&seccomp_actions, str_of(word ? word : ""));
	if (!row)
		return err_new(ERR_USAGE, "%s: string %s is not a valid action for seccomp",
			keys->action, word ? word : "''");
	uint32_t action = (uint32_t)row->value;
	bool has_number = action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
	if (errno_ret->set && !has_number)
		return err_new(ERR_USAGE, "%s: %s takes no error number", keys->errno_ret, word);

	int64_t number = errno_ret->set ? errno_ret->value : EPERM;
	int64_t max = action == SECCOMP_RET_ERRNO ? ERRNO_MAX : SECCOMP_RET_DATA;
	if (number < 0 || number > max)
		return err_new(ERR_USAGE, "%s: %lld is not between 0 and %lld", keys->errno_ret,
			(long long)number, (long long)max);
	*out = has_number ? action | (uint32_t)number : action;
	return NULL;
}

static struct err *read_cond(const struct seccomp_arg *arg, struct seccomp_cond *out)
{
	const struct word *row = words_find(&seccomp_operators, str_of(arg->op ? arg->op : ""));
	if (!row)
		return err_new(ERR_USAGE, "op: string %s is not a valid operator for seccomp",
			arg->op ? arg->op : "''");
	if (arg->index >= SYSTEM_CALL_ARGUMENTS)
		return err_new(ERR_USAGE, "index: system calls have no argument %u", arg->index);
	bool masked = row->value == OP_MASKED_EQ;
	uint64_t mask = masked ? arg->value : UINT64_MAX;
	*out = (struct seccomp_cond){
		.arg = (uint8_t)arg->index,
		.test = operator_tests[row->value].test,
		.negated = operator_tests[row->value].negated,
		.mask = mask,
		.value = (masked ? arg->value_two : arg->value) & mask,
	};
	return NULL;
}

static bool index_twice(const struct seccomp_cond *conds, size_t n)
{
	unsigned seen = 0;
	for (size_t i = 0; i < n; i++) {
		if (seen & 1u << conds[i].arg)
			return true;
		seen |= 1u << conds[i].arg;
	}
	return false;
}

static struct err *read_args(
	const struct seccomp_rule *rule, struct arena *a, struct seccomp_case *out)
{
	struct seccomp_cond *conds = anew(a, struct seccomp_cond, rule->n_args);
	for (size_t i = 0; i < rule->n_args; i++) {
		struct err *e = read_cond(&rule->args[i], &conds[i]);
		if (e)
			return err_wrap(e, "args[%zu]", i);
	}
	bool any = index_twice(conds, rule->n_args);
	size_t n = any ? rule->n_args : rule->n_args > 0;
	struct seccomp_match *matches = anew(a, struct seccomp_match, n);
	for (size_t i = 0; i < n; i++)
		matches[i] = (struct seccomp_match){ conds + i, any ? 1 : rule->n_args };
	out->any = matches;
	out->n_any = n;
	return NULL;
}

/*
 * The listener's number reaches the parent, and so the one who will answer, through a write(2) of
 * the process that has loaded the filter already.
 */
static struct err *check_notify(const struct text_list *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->items[i], "write") == 0)
			return err_new(
				ERR_USAGE, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
	return NULL;
}

static struct err *read_rule(
	const struct seccomp_rule *rule, struct arena *a, struct seccomp_case *out)
{
	*out = (struct seccomp_case){ .names = rule->names };
	struct err *e = read_action(rule->action, &rule->errno_ret, &rule_keys, &out->action);
	if (!e && out->action == SECCOMP_RET_USER_NOTIF)
		e = check_notify(&rule->names);
	return e ? e : read_args(rule, a, out);
}

static struct err *read_rules(
	const struct seccomp_profile *p, struct arena *a, struct seccomp_rules *out)
{
	struct seccomp_case *cases = anew(a, struct seccomp_case, p->n_rules);
	for (size_t i = 0; i < p->n_rules; i++) {
		struct err *e = read_rule(&p->rules[i], a, &cases[i]);
		if (e)
			return err_wrap(e, "syscalls[%zu]", i);
		out->notify |= cases[i].action == SECCOMP_RET_USER_NOTIF;
	}
	out->cases = cases;
	out->n_cases = p->n_rules;
	return NULL;
}

static void add_abi(struct seccomp_rules *r, const struct abi *abi)
{
	for (size_t i = 0; i < r->n_abis; i++)
		if (r->abis[i] == abi)
			return;
	r->abis[r->n_abis++] = abi;
}

/* Interfaces of other kernels may be named, but can't occur here. */
static struct err *read_architectures(
	const struct seccomp_profile *p, const struct abi *native, struct seccomp_rules *out)
{
	add_abi(out, native);
	for (size_t i = 0; i < p->architectures.n; i++) {
		const char *name = p->architectures.items[i];
		const struct abi *abi = abi_by_name(name);
		if (!abi)
			return err_new(ERR_USAGE,
				"architectures[%zu]: string %s is not a valid arch for seccomp", i,
				name);
		if (abi->family == native->family)
			add_abi(out, abi);
	}
	return NULL;
}

/* The filter is loaded by a process with one thread, so that TSYNC has nothing to do; and without
 * a listener there is nothing to wait for, and the kernel would refuse WAIT_KILLABLE_RECV. */
static struct err *read_flags(const struct seccomp_profile *p, struct seccomp_rules *out)
{
	for (size_t i = 0; i < p->flags.n; i++) {
		const char *name = p->flags.items[i];
		const struct word *row = words_find(&seccomp_flags, str_of(name));
		if (!row)
			return err_new(
				ERR_USAGE, "flags[%zu]: seccomp flag %s is not known", i, name);
		out->flags |= (uint32_t)row->value;
	}
	out->flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	if (!out->notify)
		out->flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	else
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return NULL;
}

/* Whoever lets unknown calls happen, or has a tracer that looks at them, wants no other answer. */
static bool denies(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;
	return kind != SECCOMP_RET_ALLOW && kind != SECCOMP_RET_LOG && kind != SECCOMP_RET_TRACE;
}

struct err *seccomp_rules_read(const struct seccomp_profile *p, const struct abi *native,
	struct arena *a, struct seccomp_rules *out)
{
	*out = (struct seccomp_rules){};
	struct err *e = read_action(
		p->default_action, &p->default_errno_ret, &default_keys, &out->default_action);
	if (e)
		return e;
	if (out->default_action == SECCOMP_RET_USER_NOTIF)
		return err_new(ERR_USAGE, "SCMP_ACT_NOTIFY cannot be used as default action");
	out->answer_enosys = denies(out->default_action);
	e = read_rules(p, a, out);
	if (!e)
		e = read_architectures(p, native, out);
	return e ? e : read_flags(p, out);
}
