/* sys_process.h - the system calls on the process itself: see sys_calls.h. */
#pragma once
#include "kernel/sys_do.h"
#include <linux/filter.h>
#include <sys/resource.h>

/* @data has two elements: the lower and the upper 32 capabilities. */
static inline long sys_capget(const struct sys *k, const struct __user_cap_header_struct *header,
	struct __user_cap_data_struct *data)
{
	return SYS_DO(k, SYS_CAPGET, (long)header, (long)data);
}

/* @data as in sys_capget(). */
static inline long sys_capset(const struct sys *k, const struct __user_cap_header_struct *header,
	const struct __user_cap_data_struct *data)
{
	return SYS_DO(k, SYS_CAPSET, (long)header, (long)data);
}

/* Makes a process: its pid, or 0 in it. Without CLONE_VM it goes on with a copy of the stack. */
static inline long sys_clone3(const struct sys *k, const struct clone_args *args, size_t size)
{
	return SYS_DO(k, SYS_CLONE3, (long)args, (long)size);
}

/* Executes @path; returns only if that failed. */
static inline long sys_execve(
	const struct sys *k, const char *path, const char *const *argv, const char *const *env)
{
	return SYS_DO(k, SYS_EXECVE, (long)path, (long)argv, (long)env);
}

/* Ends the process. */
static inline long sys_exit_group(const struct sys *k, int status)
{
	return SYS_DO(k, SYS_EXIT_GROUP, status);
}

/* Sets the priority at the disk: ioprio_set(2). */
static inline long sys_ioprio_set(const struct sys *k, int which, int who, int priority)
{
	return SYS_DO(k, SYS_IOPRIO_SET, which, who, priority);
}

/* Joins, or makes, the session keyring @name: its number. */
static inline long sys_keyctl_join(const struct sys *k, const char *name)
{
	return SYS_DO(k, SYS_KEYCTL, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, (long)name);
}

/* Sets what may be done with @key. */
static inline long sys_keyctl_setperm(const struct sys *k, long key, unsigned int permissions)
{
	return SYS_DO(k, SYS_KEYCTL, 5 /* KEYCTL_SETPERM */, key, permissions);
}

/* Sets the execution domain: the old one. */
static inline long sys_personality(const struct sys *k, unsigned int persona)
{
	return SYS_DO(k, SYS_PERSONALITY, persona);
}

/* prctl(2) with two arguments. */
static inline long sys_prctl(const struct sys *k, int option, unsigned long a, unsigned long b)
{
	return SYS_DO(k, SYS_PRCTL, option, (long)a, (long)b, 0, 0);
}

/* Sets and reads a limit; @limit or @old may be NULL. */
static inline long sys_prlimit64(const struct sys *k, int pid, unsigned int resource,
	const struct rlimit *limit, struct rlimit *old)
{
	return SYS_DO(k, SYS_PRLIMIT64, pid, resource, (long)limit, (long)old);
}

/* Confines @pid to the processors in @mask. */
static inline long sys_sched_setaffinity(
	const struct sys *k, int pid, size_t size, const void *mask)
{
	return SYS_DO(k, SYS_SCHED_SETAFFINITY, pid, (long)size, (long)mask);
}

/* Sets the policy of @pid: @attr is a struct kernel_sched_attr. */
static inline long sys_sched_setattr(
	const struct sys *k, int pid, const void *attr, unsigned int flags)
{
	return SYS_DO(k, SYS_SCHED_SETATTR, pid, (long)attr, flags);
}

/* Loads a filter; the listener if @flags ask for one. */
static inline long sys_seccomp(const struct sys *k, unsigned int operation, unsigned int flags,
	const struct sock_fprog *program)
{
	return SYS_DO(k, SYS_SECCOMP, operation, flags, (long)program);
}

/* Names the NIS domain of the uts namespace. */
static inline long sys_setdomainname(const struct sys *k, const char *name, size_t length)
{
	return SYS_DO(k, SYS_SETDOMAINNAME, (long)name, (long)length);
}

/* Sets the supplementary groups. */
static inline long sys_setgroups(const struct sys *k, size_t n, const uint32_t *groups)
{
	return SYS_DO(k, SYS_SETGROUPS, (long)n, (long)groups);
}

/* Names the host of the uts namespace. */
static inline long sys_sethostname(const struct sys *k, const char *name, size_t length)
{
	return SYS_DO(k, SYS_SETHOSTNAME, (long)name, (long)length);
}

/* Joins the namespaces of @fd; @types are CLONE_NEW*, or 0 for what it is. */
static inline long sys_setns(const struct sys *k, int fd, unsigned long types)
{
	return SYS_DO(k, SYS_SETNS, fd, (long)types);
}

/* Sets the three group ids. */
static inline long sys_setresgid(
	const struct sys *k, uint32_t real, uint32_t effective, uint32_t saved)
{
	return SYS_DO(k, SYS_SETRESGID, real, effective, saved);
}

/* Sets the three user ids. */
static inline long sys_setresuid(
	const struct sys *k, uint32_t real, uint32_t effective, uint32_t saved)
{
	return SYS_DO(k, SYS_SETRESUID, real, effective, saved);
}

/* Begins a session: its number. */
static inline long sys_setsid(const struct sys *k)
{
	return SYS_DO(k, SYS_SETSID, 0);
}

/* @bits is the length of @nodes in bits, plus one: set_mempolicy(2). */
static inline long sys_set_mempolicy(
	const struct sys *k, int mode, const void *nodes, unsigned long bits)
{
	return SYS_DO(k, SYS_SET_MEMPOLICY, mode, (long)nodes, (long)bits);
}

/* Sets the umask: the old one. */
static inline long sys_umask(const struct sys *k, unsigned int mask)
{
	return SYS_DO(k, SYS_UMASK, mask);
}

/* Leaves the namespaces that @flags name for new ones. */
static inline long sys_unshare(const struct sys *k, unsigned long flags)
{
	return SYS_DO(k, SYS_UNSHARE, (long)flags);
}
