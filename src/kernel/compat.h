/*
 * compat.h - numbers and structures of the kernel that older headers lack: the only #ifdefs in the
 * tree, with the kernel release each came with.
 */
#pragma once
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef PIDFD_GET_INFO /* 6.13; PIDFD_INFO_EXIT: 6.15 */
struct pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
#endif
#ifndef PIDFD_INFO_EXIT /* 6.15 */
#define PIDFD_INFO_EXIT (1ULL << 3)
#endif
#ifndef MFD_EXEC /* 6.3 */
#define MFD_EXEC 0x0010U
#endif
#ifndef MFD_NOEXEC_SEAL /* 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef F_SEAL_EXEC /* 6.3 */
#define F_SEAL_EXEC 0x0020
#endif
#ifndef CLONE_NEWTIME /* 5.6 */
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_INTO_CGROUP /* 5.7 */
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW /* 5.14 */
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef AT_RECURSIVE /* 5.2 */
#define AT_RECURSIVE 0x8000
#endif
#ifndef OPEN_TREE_CLONE /* 5.2 */
#define OPEN_TREE_CLONE 1
#endif

/* Structure of sched_setattr(2), which no C library header has in glibc before 2.41. */
struct kernel_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};
_Static_assert(sizeof(struct kernel_sched_attr) == 56, "the layout of SCHED_ATTR_SIZE_VER1");
