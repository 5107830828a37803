#include "runtime/spawn.h"
#include "base/mutate.h"
#include "child/image.h"
#include "kernel/compat.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Writes all of @data. */
static struct err *fill(int file, const void *data, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = write(file, (const char *)data + done, n - done);
		if (r < 0 && errno != EINTR)
			return err_sys(errno, "write a file in memory");
		done += r > 0 ? (size_t)r : 0;
	}
	return NULL;
}

/* The child program with its plan, in a file that nothing can change any more. */
static struct err *program_file(const struct spawn_request *r, struct fd *out)
{
	int num = memfd_create("onggi-child", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (num < 0 && errno == EINVAL) /* before Linux 6.3 there is no MFD_EXEC */
		num = memfd_create("onggi-child", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (num < 0)
		return err_hint(err_sys(errno, "make the child program's file"),
			errno == EACCES
				? "allow executable files in memory (sysctl vm.memfd_noexec)"
				: NULL);
	cleanup(fd_close) struct fd file = fd_own(num);
	cleanup(buf_done) struct buf image = {};
	child_image(r->plan, r->slots, r->n_slots, &image);
	struct err *e = fill(num, image.p, image.n);
	if (e)
		return e;
	if (!mutated(MUTATE_SEALS) &&
		fcntl(num, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
			0)
		return err_sys(errno, "seal the child program's file");
	*out = fd_take(&file);
	return NULL;
}

/* What a signal's action is to us must not reach the container: exec resets handlers, not what is
 * ignored, and keeps the mask. */
static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int s = 1; s < SIGRTMIN; s++)
		signal(s, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Between clone and exec: system calls only, because another thread's locks (there is none) or the
 * C library's caches could be in any state. Never returns. */
static _Noreturn void become_child(const struct spawn_request *r, int program)
{
	char name[] = "onggi-child", *argv[] = { name, NULL }, *env[] = { NULL };

	reset_signals();
	for (int i = 0; i < r->n_slots; i++)
		if (r->slots[i] >= 0)
			fcntl(r->slots[i], F_SETFD, 0);
	syscall(SYS_execveat, program, "", argv, env, AT_EMPTY_PATH);

	struct message m = { .kind = MESSAGE_FAULT,
		.fault = { .kind = OP_CLONE, .num = errno, .what = "the child program" } };
	(void)!send(r->slots[SLOT_SYNC], &m, sizeof(m), MSG_NOSIGNAL);
	_exit(1);
}

struct err *spawn_child(const struct spawn_request *r, pid_t *pid, struct fd *pidfd)
{
	cleanup(fd_close) struct fd program = {};
	struct err *e = program_file(r, &program);
	if (e)
		return e;

	int num = -1;
	struct clone_args args = { .flags = r->flags | CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = (uint64_t)(uintptr_t)&num };
	if (r->flags & CLONE_INTO_CGROUP)
		args.cgroup = (uint64_t)(unsigned)r->cgroup;
	long child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		become_child(r, fd_num(program));
	if (child < 0)
		return err_sys(errno, "clone3");
	*pid = (pid_t)child;
	*pidfd = fd_own(num);
	return NULL;
}
