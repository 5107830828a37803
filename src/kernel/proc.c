#include "kernel/proc.h"
#include "kernel/compat.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct err *proc_open(pid_t pid, struct fd *out)
{
	int num = (int)syscall(SYS_pidfd_open, pid, 0);
	/* While a session or a group still has the number of a process that is gone: EINVAL, or on
	 * newer kernels ENOENT. */
	if (num < 0 && (errno == ESRCH || (pid > 0 && (errno == EINVAL || errno == ENOENT))))
		return err_new(ERR_NOT_FOUND, "process %d: no such process", (int)pid);
	if (num < 0)
		return err_sys(errno, "pidfd_open %d", (int)pid);
	*out = fd_own(num);
	return NULL;
}

struct err *proc_signal(int pidfd, int signal)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0)
		return NULL;
	if (errno == ESRCH)
		return err_new(ERR_NOT_FOUND, "no such process");
	return err_sys(errno, "signal %d", signal);
}

struct err *proc_await(int pidfd, int milliseconds, bool *ended)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;
	do
		n = poll(&p, 1, milliseconds);
	while (n < 0 && errno == EINTR && milliseconds < 0);
	if (n < 0 && errno != EINTR)
		return err_sys(errno, "wait for a process");
	*ended = n > 0;
	return NULL;
}

struct err *proc_number(int pidfd, pid_t *out)
{
	char path[64], text[512];
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, AT_FDCWD, path, O_RDONLY);
	if (e)
		return e;
	ssize_t n = read(fd_num(file), text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	const char *line = strstr(text, "\nPid:");
	int pid;
	if (!line || sscanf(line, " Pid: %d", &pid) != 1 || pid <= 0)
		return err_new(ERR_NOT_FOUND, "descriptor %d is not of a process", pidfd);
	*out = pid;
	return NULL;
}

struct err *proc_reap(int pidfd, int *status)
{
	siginfo_t info;
	int r;
	do
		r = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return err_sys(errno, "waitid");
	*status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0) : info.si_status;
	return NULL;
}

/* The pidfd knows once the process is reaped. */
static bool ended_by_pidfd(int pidfd, int *status)
{
	struct pidfd_info info = { .mask = PIDFD_INFO_EXIT };
	if (ioctl(pidfd, PIDFD_GET_INFO, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT))
		return false;
	*status = info.exit_code;
	return true;
}

/* Until then its line in /proc does: the last field of it. The number was still that process's if
 * it can be signalled after that. */
static bool ended_by_stat(int pidfd, int *status)
{
	char path[64], text[1024];
	pid_t pid;
	struct err *e = proc_number(pidfd, &pid);
	cleanup(fd_close) struct fd file = {};
	snprintf(path, sizeof(path), "/proc/%d/stat", e ? 0 : (int)pid);
	if (!e)
		e = fd_open(&file, AT_FDCWD, path, O_RDONLY);
	ssize_t n = e ? 0 : read(fd_num(file), text, sizeof(text) - 1);
	err_free(&e); /* it has been reaped in the meantime */
	text[n > 0 ? n : 0] = 0;
	const char *name = strrchr(text, ')'), *last = strrchr(text, ' ');
	if (!name || last < name || strncmp(name, ") Z ", 4) != 0)
		return false;
	*status = (int)strtol(last, NULL, 10);
	return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0;
}

bool proc_ended(int pidfd, int *status)
{
	return ended_by_pidfd(pidfd, status) || ended_by_stat(pidfd, status) ||
	       ended_by_pidfd(pidfd, status);
}

int proc_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The fields behind the command's name, which may hold anything, parentheses too. */
static bool parse_stat(const char *text, struct proc_stat *out)
{
	const char *p = strrchr(text, ')');
	if (!p || p[1] != ' ')
		return false;
	int parent;
	unsigned long long start;
	/* man 5 proc: state is field 3, ppid 4, starttime 22. */
	if (sscanf(p + 2,
		    "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		    "%llu",
		    &out->state, &parent, &start) != 3)
		return false;
	out->parent = parent;
	out->start_time = start;
	return true;
}

struct err *proc_stat_read(pid_t pid, struct proc_stat *out)
{
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, AT_FDCWD, path, O_RDONLY);
	if (e)
		return e;
	ssize_t n = read(fd_num(file), text, sizeof(text) - 1);
	if (n < 0 && errno == ESRCH)
		return err_new(ERR_NOT_FOUND, "process %d: no such process", (int)pid);
	if (n < 0)
		return err_sys(errno, "read %s", path);
	text[n] = 0;
	if (!parse_stat(text, out))
		return err_new(ERR_SYSTEM, "read %s: unexpected format", path);
	return NULL;
}
