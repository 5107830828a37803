#include "child/run.h"

#include "child/inside.h"
#include "child/talk.h"
#include <linux/limits.h>
#include <unistd.h>

/* A directory outside of the root has a name that does not begin at it: "(unreachable)/...". */
static int check_directory(struct runner *r)
{
	char path[PATH_MAX];
	long n = sys_getcwd(&r->sys, path, sizeof(path));
	if (n < 0)
		return (int)n;
	return path[0] == '/' ? 0 : runner_refuse(r, ENOENT);
}

int run_chdir(struct runner *r, const struct op *op)
{
	if (r->arrived)
		return 0;
	struct target t = { .path = op->chdir.path,
		.flags = MOUNT_IN_PROC | (op->chdir.create ? 0 : MOUNT_NO_CREATE),
		.like = -1 };
	int dir = inside_target(r, &t);
	int failed = dir < 0 ? dir : (int)sys_fchdir(&r->sys, dir);
	runner_close(r, dir);
	if (failed >= 0)
		failed = check_directory(r);
	r->arrived = failed >= 0;
	return failed;
}

/* The capabilities that the command is executed with. */
static uint64_t final_caps(const struct runner *r)
{
	uint64_t caps = ~0ull;
	for (size_t i = 0; i < r->plan->n; i++)
		if (r->plan->ops[i].kind == OP_CAPS)
			caps = r->plan->ops[i].caps.effective;
	return caps;
}

/* 0 if the file can be executed, -EACCES if it is there but cannot, -EISDIR if it is no file. More
 * capabilities are in effect than will be then: unless those that override permissions stay, the
 * question is put for the user without any. */
static int check_command(struct runner *r, const char *path)
{
	const uint64_t override = 1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH;
	struct statx st;
	long failed = sys_statx(&r->sys, AT_FDCWD, path, 0, STATX_TYPE, &st);
	if (failed < 0)
		return (int)failed;
	if (!S_ISREG(st.stx_mode))
		return runner_refuse(r, S_ISDIR(st.stx_mode) ? EISDIR : EACCES);
	int flags = final_caps(r) & override ? AT_EACCESS : 0;
	return (int)sys_faccessat2(&r->sys, AT_FDCWD, path, X_OK, flags);
}

/* As a shell does it: the first that can be executed; a file that cannot counts only if no other
 * is found. */
int run_find_command(struct runner *r, const struct op *op)
{
	int result = -ENOENT;
	for (size_t i = 0; op->exec.candidates[i]; i++) {
		int failed = check_command(r, op->exec.candidates[i]);
		if (failed >= 0) {
			r->command = i;
			return 0;
		}
		if (failed != -ENOENT && failed != -ENOTDIR)
			result = failed;
	}
	return result;
}

/* Descriptors that are still needed are those of the talk; all others in slots are closed now, so
 * that no path of the command can lead through /proc/self/fd, and the rest at exec. */
int run_close_fds(struct runner *r, const struct op *op)
{
	runner_close_slots(r);
	return (int)sys_close_range(
		&r->sys, (unsigned int)op->number.value, ~0u, CLOSE_RANGE_CLOEXEC);
}

int run_exec(struct runner *r, const struct op *op)
{
	int failed = talk_starting(r);
	if (failed < 0)
		return failed;
	return (int)sys_execve(
		&r->sys, op->exec.candidates[r->command], op->exec.argv, op->exec.env);
}
