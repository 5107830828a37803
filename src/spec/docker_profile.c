#include "spec/docker_profile.h"
#include "base/str.h"
#include "kernel/compat.h"
#include "seccomp/abi.h"
#include <errno.h>
#include <string.h>

/* Names that are only in some interfaces are no harm in the others. */
static const char always[] =
	"accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir "
	"chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres "
	"clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
	"clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 "
	"dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
	"epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group "
	"faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir "
	"fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync "
	"fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 "
	"fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 "
	"futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 "
	"getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 "
	"getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom "
	"getresgid getresgid32 getresuid getresuid32 getrlimit get_robust_list getrusage "
	"getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid "
	"getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 "
	"inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents "
	"io_pgetevents_time64 ioprio_get ioprio_set io_setup io_submit ipc kill "
	"landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 "
	"lgetxattr link linkat listen listmount listxattr listxattrat llistxattr _llseek "
	"lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier "
	"memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 "
	"mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive "
	"mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal "
	"msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at "
	"nanosleep newfstatat _newselect open openat openat2 pause pidfd_open "
	"pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll "
	"ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 "
	"pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink readlinkat "
	"readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages "
	"removexattr removexattrat rename renameat renameat2 restart_syscall "
	"riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask "
	"rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
	"rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr "
	"sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler "
	"sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity "
	"sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select "
	"semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 "
	"sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 "
	"setgroups setgroups32 setitimer setpgid setpriority setregid setregid32 "
	"setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit "
	"set_robust_list setsid setsockopt set_thread_area set_tid_address setuid "
	"setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack "
	"signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat "
	"stat64 statfs statfs64 statmount statx symlink symlinkat sync sync_file_range "
	"syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun "
	"timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
	"timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill "
	"truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime "
	"utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write "
	"writev";

static const char processors[] =
	"arch_prctl modify_ldt arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls "
	"sync_file_range2 swapcontext s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr "
	"riscv_flush_icache";

/* Linux 4.8 made it safe to trace what seccomp confines. */
static const char tracing[] = "process_vm_readv process_vm_writev ptrace";

static const struct seccomp_arg personalities[] = {
	{ 0, "SCMP_CMP_EQ", 0x0, 0 },
	{ 0, "SCMP_CMP_EQ", 0x8, 0 },
	{ 0, "SCMP_CMP_EQ", 0x20000, 0 },
	{ 0, "SCMP_CMP_EQ", 0x20008, 0 },
	{ 0, "SCMP_CMP_EQ", 0xffffffff, 0 },
};

/* All families there are or may soon be (below 64) but AF_ALG, 38, and AF_VSOCK, 40. */
static const struct seccomp_arg families[] = {
	{ 0, "SCMP_CMP_LT", 38, 0 },
	{ 0, "SCMP_CMP_EQ", 39, 0 },
	{ 0, "SCMP_CMP_EQ", 41, 0 },
	{ 0, "SCMP_CMP_MASKED_EQ", ~UINT64_C(1), 42 },
	{ 0, "SCMP_CMP_MASKED_EQ", ~UINT64_C(3), 44 },
	{ 0, "SCMP_CMP_MASKED_EQ", ~UINT64_C(15), 48 },
};

enum {
	NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	                 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
};
_Static_assert(NEW_NAMESPACES == 0x7E020000, "the mask of Docker's profile");

/* On s390 the flags of clone(2) are its second argument. */
static const struct seccomp_arg no_namespaces[] = { { 0, "SCMP_CMP_MASKED_EQ", NEW_NAMESPACES,
	0 } };
static const struct seccomp_arg no_namespaces_s390[] = { { 1, "SCMP_CMP_MASKED_EQ", NEW_NAMESPACES,
	0 } };

#define BIT(capability) (UINT64_C(1) << (capability))
#define ARGS(table)     .args = (table), .n_args = ARRAY_LEN(table)

/* What is allowed (or answered @num) to containers with all capabilities in @with and none of those
 * in @without. Several arguments of one row are alternatives. */
static const struct grant {
	const char *names;
	uint64_t with, without;
	int num;
	const struct seccomp_arg *args;
	size_t n_args;
} grants[] = {
	{ always },
	{ processors },
	{ tracing },
	{ "socket", ARGS(families) },
	{ "personality", ARGS(personalities) },
	{ "clone", .without = BIT(CAP_SYS_ADMIN), ARGS(no_namespaces) },
	{ "clone3", .without = BIT(CAP_SYS_ADMIN), .num = ENOSYS },
	{ "open_by_handle_at", .with = BIT(CAP_DAC_READ_SEARCH) },
	{ "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie "
	  "lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount "
	  "open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog "
	  "umount umount2 unshare",
		.with = BIT(CAP_SYS_ADMIN) },
	{ "reboot", .with = BIT(CAP_SYS_BOOT) },
	{ "chroot", .with = BIT(CAP_SYS_CHROOT) },
	{ "delete_module finit_module init_module", .with = BIT(CAP_SYS_MODULE) },
	{ "acct", .with = BIT(CAP_SYS_PACCT) },
	{ "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
		.with = BIT(CAP_SYS_PTRACE) },
	{ "ioperm iopl", .with = BIT(CAP_SYS_RAWIO) },
	{ "clock_settime clock_settime64 settimeofday stime", .with = BIT(CAP_SYS_TIME) },
	{ "vhangup", .with = BIT(CAP_SYS_TTY_CONFIG) },
	{ "get_mempolicy mbind set_mempolicy set_mempolicy_home_node", .with = BIT(CAP_SYS_NICE) },
	{ "syslog", .with = BIT(CAP_SYSLOG) },
	{ "bpf", .with = BIT(CAP_BPF) },
	{ "perf_event_open", .with = BIT(CAP_PERFMON) },
};

static bool applies(const struct grant *g, uint64_t bounding)
{
	return (bounding & g->with) == g->with && !(bounding & g->without);
}

static struct text_list split(const char *names, struct arena *a)
{
	size_t n = 1;
	for (const char *p = names; *p; p++)
		n += *p == ' ';
	struct text_list list = { anew(a, const char *, n + 1), 0 };
	for (struct str rest = str_of(names); rest.n;)
		list.items[list.n++] = arena_str(a, str_cut(&rest, ' '));
	return list;
}

static struct seccomp_rule rule_of(const struct grant *g, const struct abi *native, struct arena *a)
{
	struct seccomp_rule rule = {
		.names = split(g->names, a),
		.action = g->num ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW",
		.errno_ret = { g->num != 0, g->num },
		.args = g->args,
		.n_args = g->n_args,
	};
	if (g->args == no_namespaces && native->family == ABI_S390)
		rule.args = no_namespaces_s390;
	return rule;
}

/* As for profiles that say nothing about flags. */
static struct text_list flags(struct arena *a)
{
	struct text_list list = { anew(a, const char *, 2), 1 };
	list.items[0] = "SECCOMP_FILTER_FLAG_SPEC_ALLOW";
	return list;
}

/* Every interface of this machine's kernel. */
static struct text_list architectures(const struct abi *native, struct arena *a)
{
	struct text_list list = { anew(a, const char *, ABIS + 1), 0 };
	for (size_t i = 0; i < ABIS; i++)
		if (abis[i].family == native->family)
			list.items[list.n++] = abis[i].name;
	return list;
}

struct seccomp_profile docker_profile(uint64_t bounding, struct arena *a)
{
	const struct abi *native = abi_native();
	struct seccomp_rule *rules = anew(a, struct seccomp_rule, ARRAY_LEN(grants));
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(grants); i++)
		if (applies(&grants[i], bounding))
			rules[n++] = rule_of(&grants[i], native, a);
	return (struct seccomp_profile){
		.default_action = "SCMP_ACT_ERRNO",
		.default_errno_ret = { true, EPERM },
		.architectures = architectures(native, a),
		.flags = flags(a),
		.rules = rules,
		.n_rules = n,
	};
}
