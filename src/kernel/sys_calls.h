/*
 * sys_calls.h - the system calls of struct sys, one typed function each: what they take is what
 * the kernel takes, and they return what the kernel returns, >= 0 or -errno.
 *
 * Nothing here needs a C library at run time; the headers are used for types and numbers only.
 */
#pragma once
#include "kernel/compat.h"
#include "kernel/sys.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/stat.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>

/* Makes @call with up to six arguments, each a number or an address. */
#define SYS_DO(k, call_, ...) ((k)->call((k), (call_), SYS_ARGS(__VA_ARGS__)))

static inline long sys_accept4(const struct sys *k, int sock, int flags)
{
	return SYS_DO(k, SYS_ACCEPT4, sock, 0, 0, flags);
}

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

static inline long sys_chdir(const struct sys *k, const char *path)
{
	return SYS_DO(k, SYS_CHDIR, (long)path);
}

static inline long sys_chroot(const struct sys *k, const char *path)
{
	return SYS_DO(k, SYS_CHROOT, (long)path);
}

static inline long sys_clone3(const struct sys *k, const struct clone_args *args, size_t size)
{
	return SYS_DO(k, SYS_CLONE3, (long)args, (long)size);
}

static inline long sys_close(const struct sys *k, int fd)
{
	return SYS_DO(k, SYS_CLOSE, fd);
}

static inline long sys_close_range(
	const struct sys *k, unsigned int first, unsigned int last, unsigned int flags)
{
	return SYS_DO(k, SYS_CLOSE_RANGE, first, last, flags);
}

static inline long sys_dup3(const struct sys *k, int from, int to, int flags)
{
	return SYS_DO(k, SYS_DUP3, from, to, flags);
}

static inline long sys_execve(
	const struct sys *k, const char *path, const char *const *argv, const char *const *env)
{
	return SYS_DO(k, SYS_EXECVE, (long)path, (long)argv, (long)env);
}

static inline long sys_exit_group(const struct sys *k, int status)
{
	return SYS_DO(k, SYS_EXIT_GROUP, status);
}

static inline long sys_faccessat2(
	const struct sys *k, int dir, const char *path, int mode, int flags)
{
	return SYS_DO(k, SYS_FACCESSAT2, dir, (long)path, mode, flags);
}

static inline long sys_fchdir(const struct sys *k, int dir)
{
	return SYS_DO(k, SYS_FCHDIR, dir);
}

/* Follows a link at the end of @path: only for directories that nobody else can change. */
static inline long sys_fchmodat(const struct sys *k, int dir, const char *path, unsigned int mode)
{
	return SYS_DO(k, SYS_FCHMODAT, dir, (long)path, mode);
}

/* An id of UINT32_MAX stays as it is. */
static inline long sys_fchownat(
	const struct sys *k, int dir, const char *path, uint32_t uid, uint32_t gid, int flags)
{
	return SYS_DO(k, SYS_FCHOWNAT, dir, (long)path, uid, gid, flags);
}

static inline long sys_fcntl(const struct sys *k, int fd, int command, long arg)
{
	return SYS_DO(k, SYS_FCNTL, fd, command, arg);
}

static inline long sys_fsconfig(const struct sys *k, int fs, unsigned int command, const char *key,
	const char *value, int aux)
{
	return SYS_DO(k, SYS_FSCONFIG, fs, command, (long)key, (long)value, aux);
}

static inline long sys_fsmount(const struct sys *k, int fs, unsigned int flags, unsigned int attrs)
{
	return SYS_DO(k, SYS_FSMOUNT, fs, flags, attrs);
}

static inline long sys_fsopen(const struct sys *k, const char *type, unsigned int flags)
{
	return SYS_DO(k, SYS_FSOPEN, (long)type, flags);
}

static inline long sys_fstatfs(const struct sys *k, int fd, struct statfs *out)
{
	return SYS_DO(k, SYS_FSTATFS, fd, (long)out);
}

/* The length with the NUL. */
static inline long sys_getcwd(const struct sys *k, char *out, size_t size)
{
	return SYS_DO(k, SYS_GETCWD, (long)out, (long)size);
}

static inline long sys_getdents64(const struct sys *k, int dir, void *out, size_t size)
{
	return SYS_DO(k, SYS_GETDENTS64, dir, (long)out, (long)size);
}

/* @arg is a number or an address. */
static inline long sys_ioctl(const struct sys *k, int fd, unsigned long request, long arg)
{
	return SYS_DO(k, SYS_IOCTL, fd, (long)request, arg);
}

static inline long sys_ioprio_set(const struct sys *k, int which, int who, int priority)
{
	return SYS_DO(k, SYS_IOPRIO_SET, which, who, priority);
}

static inline long sys_keyctl_join(const struct sys *k, const char *name)
{
	return SYS_DO(k, SYS_KEYCTL, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, (long)name);
}

static inline long sys_keyctl_setperm(const struct sys *k, long key, unsigned int permissions)
{
	return SYS_DO(k, SYS_KEYCTL, 5 /* KEYCTL_SETPERM */, key, permissions);
}

static inline long sys_mkdirat(const struct sys *k, int dir, const char *path, unsigned int mode)
{
	return SYS_DO(k, SYS_MKDIRAT, dir, (long)path, mode);
}

/* @device as the kernel encodes it: sys_device(). */
static inline long sys_mknodat(
	const struct sys *k, int dir, const char *path, unsigned int mode, uint32_t device)
{
	return SYS_DO(k, SYS_MKNODAT, dir, (long)path, mode, device);
}

/* The number of a device for mknodat(). */
static inline uint32_t sys_device(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffu) << 12;
}

static inline long sys_mount(const struct sys *k, const char *source, const char *target,
	const char *type, unsigned long flags, const char *data)
{
	return SYS_DO(
		k, SYS_MOUNT, (long)source, (long)target, (long)type, (long)flags, (long)data);
}

static inline long sys_mount_setattr(const struct sys *k, int dir, const char *path,
	unsigned int flags, const struct mount_attr *attr)
{
	return SYS_DO(k, SYS_MOUNT_SETATTR, dir, (long)path, flags, (long)attr, sizeof(*attr));
}

static inline long sys_move_mount(const struct sys *k, int from_dir, const char *from, int to_dir,
	const char *to, unsigned int flags)
{
	return SYS_DO(k, SYS_MOVE_MOUNT, from_dir, (long)from, to_dir, (long)to, flags);
}

static inline long sys_openat2(
	const struct sys *k, int dir, const char *path, const struct open_how *how)
{
	return SYS_DO(k, SYS_OPENAT2, dir, (long)path, (long)how, sizeof(*how));
}

static inline long sys_open_tree(const struct sys *k, int dir, const char *path, unsigned int flags)
{
	return SYS_DO(k, SYS_OPEN_TREE, dir, (long)path, flags);
}

static inline long sys_personality(const struct sys *k, unsigned int persona)
{
	return SYS_DO(k, SYS_PERSONALITY, persona);
}

static inline long sys_pivot_root(const struct sys *k, const char *new_root, const char *old_root)
{
	return SYS_DO(k, SYS_PIVOT_ROOT, (long)new_root, (long)old_root);
}

static inline long sys_prctl(const struct sys *k, int option, unsigned long a, unsigned long b)
{
	return SYS_DO(k, SYS_PRCTL, option, (long)a, (long)b, 0, 0);
}

static inline long sys_prlimit64(const struct sys *k, int pid, unsigned int resource,
	const struct rlimit *limit, struct rlimit *old)
{
	return SYS_DO(k, SYS_PRLIMIT64, pid, resource, (long)limit, (long)old);
}

static inline long sys_read(const struct sys *k, int fd, void *out, size_t size)
{
	return SYS_DO(k, SYS_READ, fd, (long)out, (long)size);
}

/* The length without a NUL: there is none. */
static inline long sys_readlinkat(
	const struct sys *k, int dir, const char *path, char *out, size_t size)
{
	return SYS_DO(k, SYS_READLINKAT, dir, (long)path, (long)out, (long)size);
}

static inline long sys_sched_setaffinity(
	const struct sys *k, int pid, size_t size, const void *mask)
{
	return SYS_DO(k, SYS_SCHED_SETAFFINITY, pid, (long)size, (long)mask);
}

static inline long sys_sched_setattr(
	const struct sys *k, int pid, const void *attr, unsigned int flags)
{
	return SYS_DO(k, SYS_SCHED_SETATTR, pid, (long)attr, flags);
}

static inline long sys_seccomp(const struct sys *k, unsigned int operation, unsigned int flags,
	const struct sock_fprog *program)
{
	return SYS_DO(k, SYS_SECCOMP, operation, flags, (long)program);
}

static inline long sys_sendmsg(
	const struct sys *k, int sock, const struct msghdr *message, unsigned int flags)
{
	return SYS_DO(k, SYS_SENDMSG, sock, (long)message, flags);
}

static inline long sys_sendto(
	const struct sys *k, int sock, const void *data, size_t size, unsigned int flags)
{
	return SYS_DO(k, SYS_SENDTO, sock, (long)data, (long)size, flags, 0, 0);
}

static inline long sys_recvfrom(
	const struct sys *k, int sock, void *out, size_t size, unsigned int flags)
{
	return SYS_DO(k, SYS_RECVFROM, sock, (long)out, (long)size, flags, 0, 0);
}

static inline long sys_setdomainname(const struct sys *k, const char *name, size_t length)
{
	return SYS_DO(k, SYS_SETDOMAINNAME, (long)name, (long)length);
}

static inline long sys_setgroups(const struct sys *k, size_t n, const uint32_t *groups)
{
	return SYS_DO(k, SYS_SETGROUPS, (long)n, (long)groups);
}

static inline long sys_sethostname(const struct sys *k, const char *name, size_t length)
{
	return SYS_DO(k, SYS_SETHOSTNAME, (long)name, (long)length);
}

static inline long sys_setns(const struct sys *k, int fd, unsigned long types)
{
	return SYS_DO(k, SYS_SETNS, fd, (long)types);
}

static inline long sys_setresgid(
	const struct sys *k, uint32_t real, uint32_t effective, uint32_t saved)
{
	return SYS_DO(k, SYS_SETRESGID, real, effective, saved);
}

static inline long sys_setresuid(
	const struct sys *k, uint32_t real, uint32_t effective, uint32_t saved)
{
	return SYS_DO(k, SYS_SETRESUID, real, effective, saved);
}

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

static inline long sys_socket(const struct sys *k, int family, int type, int protocol)
{
	return SYS_DO(k, SYS_SOCKET, family, type, protocol);
}

static inline long sys_statx(const struct sys *k, int dir, const char *path, int flags,
	unsigned int wanted, struct statx *out)
{
	return SYS_DO(k, SYS_STATX, dir, (long)path, flags, wanted, (long)out);
}

static inline long sys_symlinkat(const struct sys *k, const char *text, int dir, const char *path)
{
	return SYS_DO(k, SYS_SYMLINKAT, (long)text, dir, (long)path);
}

static inline long sys_umask(const struct sys *k, unsigned int mask)
{
	return SYS_DO(k, SYS_UMASK, mask);
}

static inline long sys_umount2(const struct sys *k, const char *path, int flags)
{
	return SYS_DO(k, SYS_UMOUNT2, (long)path, flags);
}

static inline long sys_unlinkat(const struct sys *k, int dir, const char *path, int flags)
{
	return SYS_DO(k, SYS_UNLINKAT, dir, (long)path, flags);
}

static inline long sys_unshare(const struct sys *k, unsigned long flags)
{
	return SYS_DO(k, SYS_UNSHARE, (long)flags);
}

/* @times are those of the last access and of the last change. */
static inline long sys_utimensat(
	const struct sys *k, int dir, const char *path, const struct timespec times[2], int flags)
{
	return SYS_DO(k, SYS_UTIMENSAT, dir, (long)path, (long)times, flags);
}

static inline long sys_write(const struct sys *k, int fd, const void *data, size_t size)
{
	return SYS_DO(k, SYS_WRITE, fd, (long)data, (long)size);
}
