#include "kernel/probe.h"
#include "base/fd.h"
#include "kernel/compat.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/vfs.h>

/* The inode of the initial user namespace: PROC_USER_INIT_INO of the kernel, since 3.8. */
static const ino_t initial_userns = 0xEFFFFFFDU;

bool probe_initial_userns(void)
{
	struct stat st;
	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == initial_userns;
}

/* "CapBnd:\t000001ffffffffff" of /proc/self/status. */
static uint64_t capability_set(const char *status, const char *name)
{
	const char *at = strstr(status, name);
	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/*
 * The bounding set has no system call of its own that reads all of it; one read of status costs
 * less than forty prctl()s.
 */
static struct err *read_capabilities(struct host_facts *out, uint64_t *effective)
{
	char status[4096];
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, AT_FDCWD, "/proc/self/status", O_RDONLY);
	if (e)
		return err_hint(e, "mount a procfs on /proc");
	ssize_t n = read(fd_num(file), status, sizeof(status) - 1);
	if (n < 0)
		return err_sys(errno, "read /proc/self/status");
	status[n] = '\0';
	out->permitted = capability_set(status, "\nCapPrm:");
	out->bounding = capability_set(status, "\nCapBnd:");
	*effective = capability_set(status, "\nCapEff:");
	return NULL;
}

static bool kernel_has_capability(int number)
{
	return prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0;
}

/* Starts at the one our headers know: two calls on most kernels. */
static int last_capability(void)
{
	int last = CAP_LAST_CAP;
	while (last > 0 && !kernel_has_capability(last))
		last--;
	while (last < 63 && kernel_has_capability(last + 1))
		last++;
	return last;
}

/* True if this process's mount namespace belongs to its user namespace, @userns. Elsewhere its
 * capabilities mean nothing to mount(2). */
static bool owns_mounts(ino_t userns)
{
	cleanup(fd_close) struct fd mounts =
		fd_own(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
	cleanup(fd_close) struct fd owner = fd_own(ioctl(fd_num(mounts), NS_GET_USERNS));
	struct stat st;
	return fstat(fd_num(owner), &st) == 0 && st.st_ino == userns;
}

static struct err *read_userns(struct host_facts *out, uint64_t effective)
{
	struct stat st;
	if (stat("/proc/self/ns/user", &st) < 0)
		return err_sys(errno, "stat /proc/self/ns/user");
	out->initial_userns = st.st_ino == initial_userns;
	bool admin = effective >> CAP_SYS_ADMIN & 1;
	out->can_mount = admin && (out->initial_userns || owns_mounts(st.st_ino));
	return NULL;
}

/* Moves @at behind a limit: a number or "unlimited". */
static uint64_t take_limit(const char **at)
{
	*at += strspn(*at, " ");
	size_t n = strcspn(*at, " ");
	uint64_t value = **at == 'u' ? UINT64_MAX : strtoull(*at, NULL, 10);
	*at += n;
	return value;
}

/*
 * One file instead of sixteen system calls. After a head line there is one line a limit, in the
 * order of their numbers; the name takes 26 columns. Source: proc_pid_limits() of the kernel.
 */
static struct err *read_limits(struct host_facts *out)
{
	enum { NAME_WIDTH = 26 };
	cleanup(buf_done) struct buf text = {};
	struct err *e = file_read(AT_FDCWD, "/proc/self/limits", 1 << 16, &text);
	const char *line = e ? NULL : strchr(buf_text(&text), '\n');
	for (size_t i = 0; line && strlen(line) > NAME_WIDTH && i < RLIM_NLIMITS; i++) {
		const char *at = line + 1 + NAME_WIDTH;
		out->rlimits[i].soft = take_limit(&at);
		out->rlimits[i].hard = take_limit(&at);
		line = strchr(at, '\n');
	}
	return e;
}

/* The kernel's own switch says more than a mounted securityfs: inside a container there is none. */
static bool apparmor_in_force(void)
{
	int file = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	cleanup(fd_close) struct fd owner = fd_own(file);
	char answer = 'N';
	return file >= 0 && read(file, &answer, 1) == 1 && answer == 'Y';
}

/* As libselinux decides it: its file system is mounted where it belongs. */
static bool selinux_in_force(void)
{
	struct statfs fs;
	return statfs("/sys/fs/selinux", &fs) == 0 && (unsigned long)fs.f_type == SELINUX_MAGIC;
}

struct err *probe_host(struct host_facts *out)
{
	struct host_facts host = { .uid = geteuid(), .gid = getegid() };
	uint64_t effective;
	struct err *e = read_capabilities(&host, &effective);
	if (!e)
		e = read_userns(&host, effective);
	if (!e)
		e = read_limits(&host);
	if (e)
		return err_wrap(e, "looking at this system");

	host.kcore = access("/proc/kcore", F_OK) == 0;
	host.last_capability = last_capability();
	host.apparmor = apparmor_in_force();
	host.selinux = selinux_in_force();
	*out = host;
	return NULL;
}
