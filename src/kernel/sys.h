/*
 * sys.h - the kernel as a value.
 *
 * Everything that a plan does to the system goes through one function, so one executor serves
 * three kernels: the real one (sys_linux), one that only writes down what it was asked (sys_fake),
 * and one that fails the n-th call (sys_fake again). Calls return >= 0 or -errno, and use neither
 * malloc nor a lock nor errno: they may run in a program that has no C library at all.
 *
 * The typed functions in sys_calls.h are the vocabulary; each takes what its system call takes.
 * Only calls that a plan can issue belong here. Reading files needs no seam.
 */
#pragma once
#include <stddef.h>

/* Every system call of the executors. sys_table[] gives each its name, number and arguments. */
enum sys_call {
	SYS_NONE, /* no call: what a zeroed record of the last call holds */
	SYS_ACCEPT4,
	SYS_CAPGET,
	SYS_CAPSET,
	SYS_CHDIR,
	SYS_CHROOT,
	SYS_CLONE3,
	SYS_CLOSE,
	SYS_CLOSE_RANGE,
	SYS_DUP3,
	SYS_EXECVE,
	SYS_EXIT_GROUP,
	SYS_FACCESSAT2,
	SYS_FCHDIR,
	SYS_FCHMODAT,
	SYS_FCHOWNAT,
	SYS_FCNTL,
	SYS_FSCONFIG,
	SYS_FSMOUNT,
	SYS_FSOPEN,
	SYS_FSTATFS,
	SYS_GETCWD,
	SYS_GETDENTS64,
	SYS_IOCTL,
	SYS_IOPRIO_SET,
	SYS_KEYCTL,
	SYS_MKDIRAT,
	SYS_MKNODAT,
	SYS_MOUNT,
	SYS_MOUNT_SETATTR,
	SYS_MOVE_MOUNT,
	SYS_OPENAT2,
	SYS_OPEN_TREE,
	SYS_PERSONALITY,
	SYS_PIPE2,
	SYS_PIVOT_ROOT,
	SYS_PRCTL,
	SYS_PRLIMIT64,
	SYS_READ,
	SYS_READLINKAT,
	SYS_SCHED_SETAFFINITY,
	SYS_SCHED_SETATTR,
	SYS_SECCOMP,
	SYS_SENDMSG,
	SYS_SENDTO,
	SYS_RECVFROM,
	SYS_SETDOMAINNAME,
	SYS_SETGROUPS,
	SYS_SETHOSTNAME,
	SYS_SETNS,
	SYS_SETRESGID,
	SYS_SETRESUID,
	SYS_SETSID,
	SYS_SET_MEMPOLICY,
	SYS_SOCKET,
	SYS_STATX,
	SYS_SYMLINKAT,
	SYS_UMASK,
	SYS_UMOUNT2,
	SYS_UNLINKAT,
	SYS_UNSHARE,
	SYS_UTIMENSAT,
	SYS_WRITE,
	SYS_CALLS,
};

/* The arguments of a system call as the kernel takes them: numbers and addresses. */
struct sys_args {
	long a[6];
};

struct sys {
	/* Makes system call @call; >= 0 or -errno. */
	long (*call)(const struct sys *k, enum sys_call call, const struct sys_args *args);
};

/* What a table row says of a system call. @args has one letter an argument: d a number, x flags,
 * s text, p an address (whose value means nothing to a reader), f a descriptor. */
struct sys_row {
	const char *name;
	long number;
	const char *args;
};
extern const struct sys_row sys_table[SYS_CALLS];

/* The running kernel. */
extern const struct sys sys_linux;

/* Arguments for sys.call(). */
#define SYS_ARGS(...) (&(const struct sys_args){ { __VA_ARGS__ } })
