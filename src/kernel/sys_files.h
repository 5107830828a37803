/* sys_files.h - the system calls on files, directories and sockets: see sys_calls.h. */
#pragma once
#include "kernel/sys_do.h"
#include <linux/stat.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>

/* Takes the next connection of a listening socket, whoever it is from. */
static inline long sys_accept4(const struct sys *k, int sock, int flags)
{
	return SYS_DO(k, SYS_ACCEPT4, sock, 0, 0, flags);
}

/* Changes the working directory to @path. */
static inline long sys_chdir(const struct sys *k, const char *path)
{
	return SYS_DO(k, SYS_CHDIR, (long)path);
}

/* Closes @fd, whatever it returns. */
static inline long sys_close(const struct sys *k, int fd)
{
	return SYS_DO(k, SYS_CLOSE, fd);
}

/* Closes descriptors @first to @last, or marks them with CLOSE_RANGE_CLOEXEC. */
static inline long sys_close_range(
	const struct sys *k, unsigned int first, unsigned int last, unsigned int flags)
{
	return SYS_DO(k, SYS_CLOSE_RANGE, first, last, flags);
}

/* Makes @to a copy of @from; they may not be the same. */
static inline long sys_dup3(const struct sys *k, int from, int to, int flags)
{
	return SYS_DO(k, SYS_DUP3, from, to, flags);
}

/* Whether @path may be accessed as @mode says, for the real ids or with AT_EACCESS. */
static inline long sys_faccessat2(
	const struct sys *k, int dir, const char *path, int mode, int flags)
{
	return SYS_DO(k, SYS_FACCESSAT2, dir, (long)path, mode, flags);
}

/* Changes the working directory to the open @dir. */
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

/* fcntl(2): @arg is a number. */
static inline long sys_fcntl(const struct sys *k, int fd, int command, long arg)
{
	return SYS_DO(k, SYS_FCNTL, fd, command, arg);
}

/* What kind of file system @fd is on. */
static inline long sys_fstatfs(const struct sys *k, int fd, struct statfs *out)
{
	return SYS_DO(k, SYS_FSTATFS, fd, (long)out);
}

/* The length with the NUL. */
static inline long sys_getcwd(const struct sys *k, char *out, size_t size)
{
	return SYS_DO(k, SYS_GETCWD, (long)out, (long)size);
}

/* Entries of the open directory @dir; 0 at its end. */
static inline long sys_getdents64(const struct sys *k, int dir, void *out, size_t size)
{
	return SYS_DO(k, SYS_GETDENTS64, dir, (long)out, (long)size);
}

/* @arg is a number or an address. */
static inline long sys_ioctl(const struct sys *k, int fd, unsigned long request, long arg)
{
	return SYS_DO(k, SYS_IOCTL, fd, (long)request, arg);
}

/* Makes a directory; the umask applies to @mode. */
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

/* Opens @path as @how says. */
static inline long sys_openat2(
	const struct sys *k, int dir, const char *path, const struct open_how *how)
{
	return SYS_DO(k, SYS_OPENAT2, dir, (long)path, (long)how, sizeof(*how));
}

/* Makes a pipe: @out[0] is to be read, @out[1] to be written. */
static inline long sys_pipe2(const struct sys *k, int out[2], int flags)
{
	return SYS_DO(k, SYS_PIPE2, (long)out, flags);
}

/* Reads up to @size bytes; 0 at the end. */
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

/* Sends a message with what belongs to it. */
static inline long sys_sendmsg(
	const struct sys *k, int sock, const struct msghdr *message, unsigned int flags)
{
	return SYS_DO(k, SYS_SENDMSG, sock, (long)message, flags);
}

/* Sends @data on a connected socket. */
static inline long sys_sendto(
	const struct sys *k, int sock, const void *data, size_t size, unsigned int flags)
{
	return SYS_DO(k, SYS_SENDTO, sock, (long)data, (long)size, flags, 0, 0);
}

/* Receives from a connected socket; 0 at its end. */
static inline long sys_recvfrom(
	const struct sys *k, int sock, void *out, size_t size, unsigned int flags)
{
	return SYS_DO(k, SYS_RECVFROM, sock, (long)out, (long)size, flags, 0, 0);
}

/* Makes a socket. */
static inline long sys_socket(const struct sys *k, int family, int type, int protocol)
{
	return SYS_DO(k, SYS_SOCKET, family, type, protocol);
}

/* Describes @path; with AT_EMPTY_PATH and "" what @dir is open on. */
static inline long sys_statx(const struct sys *k, int dir, const char *path, int flags,
	unsigned int wanted, struct statx *out)
{
	return SYS_DO(k, SYS_STATX, dir, (long)path, flags, wanted, (long)out);
}

/* Makes a link to @text at @path. */
static inline long sys_symlinkat(const struct sys *k, const char *text, int dir, const char *path)
{
	return SYS_DO(k, SYS_SYMLINKAT, (long)text, dir, (long)path);
}

/* Removes @path. */
static inline long sys_unlinkat(const struct sys *k, int dir, const char *path, int flags)
{
	return SYS_DO(k, SYS_UNLINKAT, dir, (long)path, flags);
}

/* @times are those of the last access and of the last change. */
static inline long sys_utimensat(
	const struct sys *k, int dir, const char *path, const struct timespec times[2], int flags)
{
	return SYS_DO(k, SYS_UTIMENSAT, dir, (long)path, (long)times, flags);
}

/* Writes up to @size bytes. */
static inline long sys_write(const struct sys *k, int fd, const void *data, size_t size)
{
	return SYS_DO(k, SYS_WRITE, fd, (long)data, (long)size);
}
