#include "kernel/userns.h"
#include "base/arena.h"
#include "base/buf.h"
#include "kernel/compat.h"
#include "kernel/proc.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

enum { WORDS_MAX = 340 * 3 + 3, QUOTED = 512 };

/* --- the setuid helpers --------------------------------------------------------------------------
 */

/* "newuidmap PID INSIDE OUTSIDE COUNT ..." */
static char **helper_argv(const char *helper, pid_t pid, const char *map, struct arena *a)
{
	char **argv = anew(a, char *, WORDS_MAX + 1);
	size_t n = 0;
	argv[n++] = arena_str(a, str_of(helper));
	argv[n++] = arena_fmt(a, "%d", (int)pid);
	for (const char *p = map; n < WORDS_MAX;) {
		p += strspn(p, " \t\n");
		size_t length = strcspn(p, " \t\n");
		if (!length)
			break;
		argv[n++] = arena_str(a, (struct str){ p, length });
		p += length;
	}
	return argv;
}

static struct err *spawn(char *const *argv, struct fd *errors, pid_t *pid)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	cleanup(fd_close) struct fd reader = fd_own(ends[0]), writer = fd_own(ends[1]);
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd_num(writer), STDERR_FILENO);
	int num = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (num)
		return err_hint(err_sys(num, "execute %s", argv[0]),
			"install newuidmap and newgidmap (uidmap), or run as root");
	*errors = fd_take(&reader);
	return NULL;
}

/* What the helper said, without its line ends. */
static void read_words(int from, char *text)
{
	size_t n = 0;
	ssize_t got;
	while (n < QUOTED - 1 && (got = read(from, text + n, QUOTED - 1 - n)) != 0)
		if (got > 0)
			n += (size_t)got;
		else if (errno != EINTR)
			break;
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
}

static struct err *run_helper(const char *helper, pid_t pid, const char *map)
{
	cleanup(arena_done) struct arena arena = {};
	cleanup(fd_close) struct fd errors = {};
	char said[QUOTED];
	pid_t running;
	struct err *e = spawn(helper_argv(helper, pid, map, &arena), &errors, &running);
	if (e)
		return e;
	read_words(fd_num(errors), said);
	int status;
	while (waitpid(running, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return NULL;
	return err_hint(err_new(ERR_DENIED, "%s", *said ? said : "the helper gives no reason"),
		"give this user a range in /etc/subuid and /etc/subgid (usermod --add-subuids)");
}

/* --- maps ----------------------------------------------------------------------------------------
 */

/* In one write: the kernel takes no other. */
static struct err *write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	cleanup(fd_close) struct fd file = {};
	struct err *e = fd_open(&file, AT_FDCWD, path, O_WRONLY);
	if (!e && write(fd_num(file), text, strlen(text)) < 0)
		e = err_sys(errno, "write %s", path);
	return e;
}

/* The kernel decides who may write which map; only if it refuses is the helper asked. */
static struct err *write_map(pid_t pid, const char *name, const char *helper, const char *map)
{
	struct err *e = write_file(pid, name, map);
	if (!e || e->kind != ERR_DENIED)
		return e;
	err_free(&e);
	return run_helper(helper, pid, map);
}

struct err *userns_map(pid_t pid, const char *uid_map, const char *gid_map, bool deny_setgroups)
{
	struct err *e = deny_setgroups ? write_file(pid, "setgroups", "deny") : NULL;
	if (!e)
		e = write_map(pid, "uid_map", "newuidmap", uid_map);
	if (!e)
		e = write_map(pid, "gid_map", "newgidmap", gid_map);
	return e ? err_wrap(e, "writing the id maps") : NULL;
}

/* --- a namespace of its own ----------------------------------------------------------------------
 */

/* In the process that keeps the namespace until it is open: ends with our end of the pipe. */
static _Noreturn void keep(int until, int ours)
{
	char byte;
	close(ours);
	while (read(until, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static struct err *open_namespace(
	pid_t pid, const char *uid_map, const char *gid_map, struct fd *out)
{
	char path[64];
	struct err *e = userns_map(pid, uid_map, gid_map, false);
	if (e)
		return e;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return fd_open(out, AT_FDCWD, path, O_RDONLY);
}

struct err *userns_make(const char *uid_map, const char *gid_map, struct fd *out)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(errno, "pipe");
	cleanup(fd_close) struct fd until = fd_own(ends[0]), ours = fd_own(ends[1]);
	pid_t pid = (pid_t)syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		return err_hint(err_sys(errno, "make a user namespace"),
			"see sysctl user.max_user_namespaces");
	if (pid == 0)
		keep(fd_num(until), fd_num(ours));
	struct err *e = open_namespace(pid, uid_map, gid_map, out);
	fd_close(&ours);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return e ? err_wrap(e, "making a user namespace for id maps") : NULL;
}
