#include "seccomp/seccomp.h"
#include "kernel/compat.h"
#include "seccomp/seccomp_cache.h"
#include "seccomp/seccomp_gen.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <unistd.h>

/* The kernel looks at the flags first: a program it can't read is a fault only if it knows them. */
bool seccomp_kernel_has_flag(uint32_t flag)
{
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 && errno == EFAULT;
}

static struct err *compile(const struct seccomp_profile *p, const struct abi *native,
	struct arena *a, struct seccomp_program *out)
{
	struct seccomp_rules rules;
	struct seccomp_program made = {};
	struct err *e = seccomp_rules_read(p, native, a, &rules);
	if (!e)
		e = seccomp_gen(&rules, a, &made.filter);
	if (e)
		return e;
	made.flags = rules.flags;
	made.notify = rules.notify;
	*out = made;
	return NULL;
}

/* What the cache can't keep costs time, not correctness. */
static void keep(const char *cache, const struct seccomp_key *key, const struct seccomp_program *p)
{
	struct err *e = seccomp_cache_store(cache, key, p);
	err_free(&e);
}

struct err *seccomp_compile(const struct seccomp_profile *p, const char *cache, struct arena *a,
	struct seccomp_program *out)
{
	const struct abi *native = abi_native();
	if (!cache)
		return compile(p, native, a, out);
	struct seccomp_key key = seccomp_cache_key(p, native);
	if (seccomp_cache_load(cache, &key, a, out))
		return NULL;
	struct err *e = compile(p, native, a, out);
	if (!e)
		keep(cache, &key, out);
	return e;
}
