/*
 * limit - how fast a container can be at all.
 *
 * Starts one container with nothing but system calls and without a C library: what a runtime adds
 * to this is the runtime's own. It does what `onggi-runtime run` does for the default spec: groups,
 * namespaces, the usual mounts and device nodes, masks, pivot_root, capabilities, exec, wait, and
 * removing the groups.
 *
 *	limit [-n RUNS] [-w MS] [-g GROUPS] [-t] [-m] [-N] [-P] ROOTFS PROGRAM
 *
 *	-n  repeat, and print the median, minimum and 90th percentile of each phase in microseconds
 *	-w  wait before each run: after 200 ms of quiet some kernel paths are "cold"
 *	-g  control groups: 0 none, 3 v1 memory, pids, cpu, 9 all of v1 (default),
 *	    2 v2 by writing to cgroup.procs, c v2 by CLONE_INTO_CGROUP
 *	-t  v1: the child writes 0 to `tasks`, which does not wait for other processors as
 *	    cgroup.procs does
 *	-m  ten masked and five read-only paths, a read-only root
 *	-N  no network namespace     -P  plain fork, chroot and exec
 *
 * Build: gcc -O2 -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie. x86-64.
 */
#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEN(a) (sizeof(a) / sizeof(*(a)))

/* --- system calls, memory, text -----------------------------------------------------------------
 */

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = f;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}
#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(number, a, b, c, d, e, f, ...)                                                       \
	call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

void *memset(void *to, int value, size_t n)
{
	for (char *p = to; n--;)
		*p++ = (char)value;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	char *p = to;
	for (const char *q = from; n--;)
		*p++ = *q++;
	return to;
}

static size_t length(const char *s)
{
	size_t n = 0;
	while (s[n])
		n++;
	return n;
}

static char text[32768];
static size_t used;

static void put(const char *s)
{
	size_t n = length(s);
	if (used + n > sizeof(text))
		return;
	memcpy(text + used, s, n);
	used += n;
}

/* A number at the right of @width columns. */
static void put_number(long value, int width)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;
	digits[at] = 0;
	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	while (at > 0 && (int)(sizeof(digits) - 1 - at) < width)
		digits[--at] = ' ';
	put(digits + at);
}

static void flush(int fd)
{
	CALL(__NR_write, fd, text, used);
	used = 0;
}

/* Ends the program unless @result is a success. Returns @result. */
static long must(const char *what, long result)
{
	if (result >= 0)
		return result;
	put("limit: ");
	put(what);
	put(": error ");
	put_number(-result, 0);
	put("\n");
	flush(2);
	CALL(__NR_exit_group, 111);
	return result;
}

/* --- what is measured
 * ------------------------------------------------------------------------------- */

enum phase {
	START,
	GROUPS_MADE,
	CLONED,
	GROUPS_JOINED,
	PROPAGATED,
	ROOT_BOUND,
	PROC,
	DEV,
	DEVPTS,
	SHM,
	MQUEUE,
	SYS,
	NODES,
	MASKS,
	PIVOTED,
	RESTRICTED,
	ENDED,
	GROUPS_REMOVED,
	PHASES,
};

static const char *const phases[PHASES] = {
	[GROUPS_MADE] = "making control groups",
	[CLONED] = "clone3 with namespaces",
	[GROUPS_JOINED] = "joining control groups",
	[PROPAGATED] = "making mounts slaves",
	[ROOT_BOUND] = "binding the root",
	[PROC] = "proc",
	[DEV] = "tmpfs on /dev",
	[DEVPTS] = "devpts",
	[SHM] = "tmpfs on /dev/shm",
	[MQUEUE] = "mqueue",
	[SYS] = "sysfs",
	[NODES] = "device nodes and links",
	[MASKS] = "masked and read-only paths",
	[PIVOTED] = "pivot_root, detaching the old root",
	[RESTRICTED] = "host name, session, capabilities",
	[ENDED] = "exec, the program, its end, wait",
	[GROUPS_REMOVED] = "removing control groups",
};

enum { MAX_RUNS = 2048 };
static long *stamps; /* shared with the child */
static long spent[PHASES][MAX_RUNS];

static void stamp(enum phase p)
{
	struct {
		long seconds, nanoseconds;
	} t;
	CALL(__NR_clock_gettime, 1, &t);
	stamps[p] = t.seconds * 1000000000 + t.nanoseconds;
}

/* --- options
 * -------------------------------------------------------------------------------------------- */

static struct {
	const char *rootfs, *program;
	char groups;
	bool tasks, masks, no_network, plain;
	long runs, wait_ms;
} options = { .groups = '9', .runs = 1 };

static const char *const v1[] = { "memory", "pids", "cpu", "cpuacct", "devices", "freezer", "blkio",
	"systemd", "cpuset" };
static const char *const v2[] = { "unified" };

static const char *const *hierarchies(size_t *n)
{
	switch (options.groups) {
	case '0':
		*n = 0;
		return NULL;
	case '3':
		*n = 3;
		return v1;
	case '9':
		*n = LEN(v1);
		return v1;
	default:
		*n = 1;
		return v2;
	}
}

static void append(char *path, const char *s)
{
	memcpy(path + length(path), s, length(s) + 1);
}

/* /sys/fs/cgroup/<hierarchy>/limit<file> */
static void group_path(char *path, const char *hierarchy, const char *file)
{
	path[0] = 0;
	append(path, "/sys/fs/cgroup/");
	append(path, hierarchy);
	append(path, "/limit");
	append(path, file);
}

/* A new group of cpuset has no processors until it is told. */
static void copy_cpuset(const char *file)
{
	char path[256] = "/sys/fs/cgroup/cpuset/", value[64];
	append(path, file + 1);
	long fd = must("cpuset", CALL(__NR_open, path, O_RDONLY));
	long n = CALL(__NR_read, fd, value, sizeof(value));
	CALL(__NR_close, fd);
	group_path(path, "cpuset", file);
	fd = must("cpuset", CALL(__NR_open, path, O_WRONLY));
	CALL(__NR_write, fd, value, n);
	CALL(__NR_close, fd);
}

static void make_groups(long *fds)
{
	size_t n;
	const char *const *names = hierarchies(&n);
	for (size_t i = 0; i < n; i++) {
		char path[256];
		group_path(path, names[i], "");
		must("making a group", CALL(__NR_mkdir, path, 0755));
		if (i == 8) {
			copy_cpuset("/cpuset.cpus");
			copy_cpuset("/cpuset.mems");
		}
		if (options.groups != 'c')
			group_path(path, names[i], options.tasks ? "/tasks" : "/cgroup.procs");
		int how = options.groups == 'c' ? O_DIRECTORY : O_WRONLY;
		fds[i] = must("opening a group", CALL(__NR_open, path, how | O_CLOEXEC));
	}
}

static void remove_groups(const long *fds)
{
	size_t n;
	const char *const *names = hierarchies(&n);
	for (size_t i = 0; i < n; i++) {
		char path[256];
		CALL(__NR_close, fds[i]);
		group_path(path, names[i], "");
		must("removing a group", CALL(__NR_rmdir, path));
	}
}

/* --- the container
 * ------------------------------------------------------------------------------------- */

enum {
	RDONLY = 1,
	NOSUID = 2,
	NODEV = 4,
	NOEXEC = 8,
	REMOUNT = 32,
	BIND = 4096,
	REC = 16384,
	SLAVE = 1 << 19,
	STRICTATIME = 1 << 24,
};

static long mount_at(
	const char *source, const char *at, const char *type, long flags, const char *data)
{
	return CALL(__NR_mount, source, at, type, flags, data);
}

static void join_groups(const long *fds)
{
	size_t n;
	(void)hierarchies(&n);
	for (size_t i = 0; i < n && options.groups != 'c'; i++)
		must("joining a group", CALL(__NR_write, fds[i], "0", 1));
	if (n)
		must("cgroup namespace", CALL(__NR_unshare, CLONE_NEWCGROUP));
}

static const struct {
	enum phase phase;
	const char *at, *type, *data;
	long flags;
} mounts[] = {
	{ PROC, "proc", "proc", NULL, NOSUID | NODEV | NOEXEC },
	{ DEV, "dev", "tmpfs", "mode=755,size=65536k", NOSUID | STRICTATIME },
	{ DEVPTS, "dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5",
		NOSUID | NOEXEC },
	{ SHM, "dev/shm", "tmpfs", "mode=1777,size=65536k", NOSUID | NODEV | NOEXEC },
	{ MQUEUE, "dev/mqueue", "mqueue", NULL, NOSUID | NODEV | NOEXEC },
	{ SYS, "sys", "sysfs", NULL, NOSUID | NODEV | NOEXEC | RDONLY },
};

static void make_mounts(void)
{
	must("slave", mount_at(NULL, "/", NULL, REC | SLAVE, NULL));
	stamp(PROPAGATED);
	must("root", mount_at(options.rootfs, options.rootfs, NULL, BIND | REC, NULL));
	must("root", CALL(__NR_chdir, options.rootfs));
	stamp(ROOT_BOUND);
	for (size_t i = 0; i < LEN(mounts); i++) {
		CALL(__NR_mkdir, mounts[i].at, 0755);
		must(mounts[i].at, mount_at(mounts[i].type, mounts[i].at, mounts[i].type,
					   mounts[i].flags, mounts[i].data));
		stamp(mounts[i].phase);
	}
}

static const struct {
	const char *path;
	int major, minor;
} nodes[] = {
	{ "dev/null", 1, 3 },
	{ "dev/zero", 1, 5 },
	{ "dev/full", 1, 7 },
	{ "dev/random", 1, 8 },
	{ "dev/urandom", 1, 9 },
	{ "dev/tty", 5, 0 },
};
static const char *const links[][2] = {
	{ "/proc/self/fd", "dev/fd" },
	{ "/proc/self/fd/0", "dev/stdin" },
	{ "/proc/self/fd/1", "dev/stdout" },
	{ "/proc/self/fd/2", "dev/stderr" },
	{ "pts/ptmx", "dev/ptmx" },
};

static void make_nodes(void)
{
	enum { CHARACTER_666 = 0020666 };
	CALL(__NR_umask, 0);
	for (size_t i = 0; i < LEN(nodes); i++)
		must(nodes[i].path, CALL(__NR_mknod, nodes[i].path, CHARACTER_666,
					    nodes[i].major << 8 | nodes[i].minor));
	for (size_t i = 0; i < LEN(links); i++)
		CALL(__NR_symlink, links[i][0], links[i][1]);
	CALL(__NR_umask, 022);
}

static const char *const masked[] = { "proc/acpi", "proc/asound", "proc/kcore", "proc/keys",
	"proc/latency_stats", "proc/timer_list", "proc/timer_stats", "proc/sched_debug",
	"sys/firmware", "proc/scsi" };
static const char *const readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
	"proc/sysrq-trigger" };

static void make_masks(void)
{
	enum { NOTDIR = 20 };
	for (size_t i = 0; i < LEN(masked); i++)
		if (mount_at("dev/null", masked[i], NULL, BIND, NULL) == -NOTDIR)
			mount_at("tmpfs", masked[i], "tmpfs", RDONLY, NULL);
	for (size_t i = 0; i < LEN(readonly); i++)
		if (mount_at(readonly[i], readonly[i], NULL, BIND | REC, NULL) >= 0)
			mount_at(NULL, readonly[i], NULL,
				BIND | REMOUNT | RDONLY | NOSUID | NODEV | NOEXEC, NULL);
	mount_at(NULL, options.rootfs, NULL, BIND | REMOUNT | RDONLY, NULL);
}

static void restrict_process(void)
{
	enum { KILL = 5, NET_BIND_SERVICE = 10, AUDIT_WRITE = 29, LAST = 40 };
	const uint32_t keep = 1u << KILL | 1u << NET_BIND_SERVICE | 1u << AUDIT_WRITE;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2] = { { keep, keep, 0 }, { 0, 0, 0 } };
	CALL(__NR_sethostname, "limit", 5);
	CALL(__NR_setsid);
	for (int c = 0; c <= LAST; c++)
		if (c >= 32 || !(keep >> c & 1))
			CALL(__NR_prctl, PR_CAPBSET_DROP, c);
	must("capset", CALL(__NR_capset, &header, sets));
	CALL(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1);
}

static void execute(void)
{
	const char *const argv[] = { options.program, NULL };
	const char *const env[] = { "PATH=/usr/bin:/bin", "TERM=xterm", NULL };
	must("exec", CALL(__NR_execve, options.program, argv, env));
}

static void contained(const long *fds)
{
	stamp(CLONED);
	join_groups(fds);
	stamp(GROUPS_JOINED);
	make_mounts();
	make_nodes();
	stamp(NODES);
	if (options.masks)
		make_masks();
	stamp(MASKS);
	must("pivot_root", CALL(__NR_pivot_root, ".", "."));
	must("detaching the old root", CALL(__NR_umount2, ".", 2));
	must("chdir", CALL(__NR_chdir, "/"));
	stamp(PIVOTED);
	restrict_process();
	stamp(RESTRICTED);
	execute();
}

static void plain(void)
{
	for (enum phase p = CLONED; p <= RESTRICTED; p++)
		stamp(p);
	CALL(__NR_chroot, options.rootfs);
	execute();
}

static struct clone_args clone_args(const long *fds)
{
	enum { SIGCHLD_NUMBER = 17 };
	struct clone_args args;
	memset(&args, 0, sizeof(args));
	args.exit_signal = SIGCHLD_NUMBER;
	if (options.plain)
		return args;
	args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
	if (!options.no_network)
		args.flags |= CLONE_NEWNET;
	if (options.groups == 'c') {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)fds[0];
	}
	return args;
}

static int run_once(void)
{
	long fds[LEN(v1)];
	int status = 0;
	stamp(START);
	make_groups(fds);
	stamp(GROUPS_MADE);
	struct clone_args args = clone_args(fds);
	long pid = must("clone3", CALL(__NR_clone3, &args, sizeof(args)));
	if (pid == 0) {
		options.plain ? plain() : contained(fds);
		__builtin_unreachable();
	}
	must("wait", CALL(__NR_wait4, pid, &status));
	stamp(ENDED);
	remove_groups(fds);
	stamp(GROUPS_REMOVED);
	return status;
}

/* --- results
 * -----------------------------------------------------------------------------------------------
 */

static void sort(long *values, long n)
{
	for (long i = 1; i < n; i++) {
		long v = values[i], j = i;
		for (; j && values[j - 1] > v; j--)
			values[j] = values[j - 1];
		values[j] = v;
	}
}

static void show(const char *name, long *values)
{
	sort(values, options.runs);
	put_number(values[options.runs / 2] / 1000, 9);
	put_number(values[0] / 1000, 9);
	put_number(values[options.runs * 9 / 10] / 1000, 9);
	put("  ");
	put(name);
	put("\n");
}

static int measure(void)
{
	int status = 0;
	for (long i = 0; i < options.runs && !status; i++) {
		struct {
			long seconds, nanoseconds;
		} pause = { options.wait_ms / 1000, options.wait_ms % 1000 * 1000000 };
		if (options.wait_ms)
			CALL(__NR_nanosleep, &pause);
		status = run_once();
		for (enum phase p = GROUPS_MADE; p < PHASES; p++)
			spent[p][i] = stamps[p] - stamps[p - 1];
		spent[START][i] = stamps[GROUPS_REMOVED] - stamps[START];
	}
	if (options.runs == 1)
		return status >> 8 & 255;
	put("   median      min      p90  us\n");
	for (enum phase p = GROUPS_MADE; p < PHASES; p++)
		show(phases[p], spent[p]);
	show("all", spent[START]);
	flush(1);
	return status >> 8 & 255;
}

static long number(const char *s)
{
	long value = 0;
	while (*s >= '0' && *s <= '9')
		value = value * 10 + *s++ - '0';
	return value;
}

static bool take_option(char letter, const char *value)
{
	switch (letter) {
	case 'n':
		options.runs = number(value);
		return true;
	case 'w':
		options.wait_ms = number(value);
		return true;
	case 'g':
		options.groups = value[0];
		return true;
	case 't':
		options.tasks = true;
		return false;
	case 'm':
		options.masks = true;
		return false;
	case 'N':
		options.no_network = true;
		return false;
	case 'P':
		options.plain = true;
		options.groups = '0';
		return false;
	default:
		must("unknown option", -1);
		return false;
	}
}

__attribute__((used)) static int start(int argc, char **argv)
{
	int i = 1;
	for (; i + 1 < argc && argv[i][0] == '-'; i++)
		i += take_option(argv[i][1], argv[i + 1]);
	if (argc - i < 2)
		must("usage: limit [options] ROOTFS PROGRAM", -1);
	options.rootfs = argv[i];
	options.program = argv[i + 1];
	if (options.runs > MAX_RUNS)
		options.runs = MAX_RUNS;
	enum { SHARED_ANONYMOUS = 0x21, READ_WRITE = 3 };
	stamps = (long *)CALL(__NR_mmap, 0, 4096, READ_WRITE, SHARED_ANONYMOUS, -1);
	return measure();
}

__attribute__((naked, noreturn)) void _start(void)
{
	__asm__ volatile("mov (%rsp),%rdi\n"
			 "lea 8(%rsp),%rsi\n"
			 "and $-16,%rsp\n"
			 "call start\n"
			 "mov %eax,%edi\n"
			 "mov $231,%eax\n"
			 "syscall\n");
}
