#include "monitor/self.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

static const char oom_file[] = "/proc/self/oom_score_adj";

static void watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

static void set_oom_score(const char *text)
{
	cleanup(fd_close) struct fd file = fd_own(open(oom_file, O_WRONLY | O_CLOEXEC));
	if (fd_valid(file))
		(void)!write(fd_num(file), text, strlen(text)); /* without rights it stays */
}

static void save_oom_score(struct self *s)
{
	cleanup(fd_close) struct fd file = fd_own(open(oom_file, O_RDONLY | O_CLOEXEC));
	ssize_t n = fd_valid(file) ? read(fd_num(file), s->oom_score, sizeof(s->oom_score) - 1) : 0;
	s->oom_score[n > 0 ? n : 0] = 0;
}

struct err *self_begin(struct self *s)
{
	sigset_t set;
	watched(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(errno, "signal mask");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	s->signals = fd_own(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	if (!fd_valid(s->signals))
		return err_sys(errno, "signalfd");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys(errno, "subreaper");
	save_oom_score(s);
	set_oom_score("-1000");
	return NULL;
}

/* As a program expects to begin. */
static void be_ordinary(const struct self *s)
{
	sigset_t set;
	watched(&set);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	set_oom_score(s->oom_score);
}

int self_become(const struct self *s, char **command)
{
	be_ordinary(s);
	execv(*command, command);
	return errno;
}

/* In the new process. */
static _Noreturn void run(const struct self *s, char **command, int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	setpgid(0, 0);
	if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2)
		self_become(s, command);
	_exit(127);
}

pid_t self_spawn(const struct self *s, char **command, struct fd *out)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	cleanup(fd_close) struct fd theirs = fd_own(ends[1]);
	*out = fd_own(ends[0]);
	(void)fcntl(ends[1], F_SETFL, 0); /* what writes there may wait */
	pid_t pid = fork();
	if (pid == 0)
		run(s, command, ends[1]);
	if (pid < 0)
		fd_close(out);
	return pid;
}
