#include "spec/seccomp_spec.h"
#include "kernel/compat.h"
#include "seccomp/seccomp.h"
#include <linux/seccomp.h>
#include <string.h>

static void fill_rule(const struct spec_syscall *from, struct arena *a, struct seccomp_rule *to)
{
	struct seccomp_arg *args = anew(a, struct seccomp_arg, from->args.n);
	const struct spec_syscall_arg *arg = from->args.items;
	for (size_t i = 0; i < from->args.n; i++)
		args[i] = (struct seccomp_arg){
			.index = (uint32_t)arg[i].index,
			.op = arg[i].op,
			.value = (uint64_t)arg[i].value,
			.value_two = (uint64_t)arg[i].value_two,
		};
	*to = (struct seccomp_rule){
		.names = from->names,
		.action = from->action,
		.errno_ret = from->errno_ret,
		.args = args,
		.n_args = from->args.n,
	};
}

/* Who says nothing about flags gets what runc gives: no slow-down against speculative store bypass,
 * which before Linux 5.16 each filter brings with it. */
static const char *const default_flags[] = { "SECCOMP_FILTER_FLAG_SPEC_ALLOW", NULL };

static struct text_list flags_of(const struct spec_seccomp *s, struct arena *a)
{
	if (s->flags.items)
		return s->flags;
	const char **items = anew(a, const char *, ARRAY_LEN(default_flags));
	memcpy(items, default_flags, sizeof(default_flags));
	return (struct text_list){ items, ARRAY_LEN(default_flags) - 1 };
}

static bool asks_listener(const struct spec_seccomp *s)
{
	for (list_each(const struct spec_syscall, rule, s->syscalls))
		if (strcmp(rule->action, "SCMP_ACT_NOTIFY") == 0)
			return true;
	return false;
}

static struct err *check_listener(const struct spec_seccomp *s)
{
	bool path = s->listener_path && *s->listener_path;
	if (!path && asks_listener(s))
		return err_new(ERR_USAGE, "listenerPath: SCMP_ACT_NOTIFY needs one");
	if (!path && s->listener_metadata && *s->listener_metadata)
		return err_new(
			ERR_USAGE, "listenerMetadata: there is no listenerPath to send it to");
	return NULL;
}

struct err *seccomp_spec_profile(
	const struct spec_seccomp *s, struct arena *a, struct seccomp_profile *out)
{
	struct err *e = check_listener(s);
	if (e)
		return e;
	struct seccomp_rule *rules = anew(a, struct seccomp_rule, s->syscalls.n);
	const struct spec_syscall *from = s->syscalls.items;
	for (size_t i = 0; i < s->syscalls.n; i++)
		fill_rule(&from[i], a, &rules[i]);
	*out = (struct seccomp_profile){
		.default_action = s->default_action,
		.default_errno_ret = s->default_errno_ret,
		.architectures = s->architectures,
		.flags = flags_of(s, a),
		.rules = rules,
		.n_rules = s->syscalls.n,
	};
	return NULL;
}

/* All others are older than Linux 5.12. */
static struct err *check_kernel(const struct seccomp_program *p)
{
	uint32_t newest = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	if (!(p->flags & newest) || seccomp_kernel_has_flag(newest))
		return NULL;
	return err_hint(err_new(ERR_SYSTEM, "flags: this kernel does not know "
					    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
		"it came with Linux 5.19");
}

struct err *seccomp_spec_compile(const struct spec_seccomp *s, const char *cache, struct arena *a,
	struct seccomp_program *out)
{
	struct seccomp_profile profile;
	struct err *e = seccomp_spec_profile(s, a, &profile);
	if (!e)
		e = seccomp_compile(&profile, cache, a, out);
	if (!e)
		e = check_kernel(out);
	return e ? err_wrap(e, "linux.seccomp") : NULL;
}
