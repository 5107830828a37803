#include "runtime/foreground.h"
#include "base/fd.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

/* Bytes on their way from one descriptor to another. */
struct stream {
	char data[4096];
	size_t n;
};

enum { WATCH_SIGNALS, WATCH_PROCESS, WATCH_INPUT, WATCH_OUTPUT, WATCHES };

struct relay {
	const struct foreground *f;
	struct fd signals;
	struct stream in; /* standard input to the terminal */
	bool input_open;
	struct termios saved;
	bool raw;
};

void foreground_begin(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static struct err *hear_signals(struct fd *out)
{
	sigset_t all;
	foreground_begin();
	sigfillset(&all);
	*out = fd_own(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
	return fd_valid(*out) ? NULL : err_sys(errno, "signalfd");
}

static void copy_size(const struct relay *r)
{
	struct winsize size;
	if (r->f->terminal >= 0 && ioctl(0, TIOCGWINSZ, &size) == 0)
		ioctl(r->f->terminal, TIOCSWINSZ, &size);
}

static void make_raw(struct relay *r)
{
	struct termios raw;
	if (r->f->terminal < 0 || tcgetattr(0, &r->saved) < 0)
		return;
	raw = r->saved;
	cfmakeraw(&raw);
	r->raw = tcsetattr(0, TCSANOW, &raw) == 0;
}

/* Children that a subreaper inherited; the container's process is reaped at the end. */
static struct err *reap_orphans(const struct relay *r)
{
	bool ended;
	struct err *e = proc_await(r->f->pidfd, 0, &ended);
	siginfo_t info = {};
	while (!e && !ended && r->f->subreaper &&
		waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
		e = proc_await(r->f->pidfd, 0, &ended);
		if (!ended)
			waitpid(info.si_pid, NULL, WNOHANG);
		info = (siginfo_t){};
	}
	return e;
}

/* A signal that can't be delivered any more reached a process that has just ended. */
static struct err *forward_signals(const struct relay *r)
{
	struct signalfd_siginfo info;
	while (read(fd_num(r->signals), &info, sizeof(info)) == sizeof(info)) {
		struct err *e = NULL;
		if (info.ssi_signo == SIGCHLD)
			e = reap_orphans(r);
		else if (info.ssi_signo == SIGWINCH && r->f->terminal >= 0)
			copy_size(r);
		else
			e = proc_signal(r->f->pidfd, (int)info.ssi_signo);
		if (e && e->kind != ERR_NOT_FOUND)
			return e;
		err_free(&e);
	}
	return NULL;
}

static void read_input(struct relay *r)
{
	ssize_t n = read(0, r->in.data, sizeof(r->in.data));
	r->in.n = n > 0 ? (size_t)n : 0;
	r->input_open = n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void write_input(struct relay *r)
{
	ssize_t n = write(r->f->terminal, r->in.data, r->in.n);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		r->in.n = 0; /* nobody reads the terminal any more */
	if (n <= 0)
		return;
	r->in.n -= (size_t)n;
	memmove(r->in.data, r->in.data + n, r->in.n);
}

/* False when there is nothing (more) to read. */
static bool copy_output(const struct relay *r)
{
	char data[4096];
	ssize_t n = read(r->f->terminal, data, sizeof(data));
	for (ssize_t done = 0; done < n;) {
		ssize_t w = write(1, data + done, (size_t)(n - done));
		if (w < 0 && errno != EINTR && errno != EAGAIN)
			break;
		done += w > 0 ? w : 0;
	}
	return n > 0;
}

static void watch(const struct relay *r, struct pollfd p[WATCHES])
{
	int terminal = r->f->terminal;
	bool reading = terminal >= 0 && r->input_open && r->in.n == 0;
	short wants = POLLIN;
	wants |= r->in.n ? POLLOUT : 0;
	p[WATCH_SIGNALS] = (struct pollfd){ .fd = fd_num(r->signals), .events = POLLIN };
	p[WATCH_PROCESS] = (struct pollfd){ .fd = r->f->pidfd, .events = POLLIN };
	p[WATCH_INPUT] = (struct pollfd){ .fd = reading ? 0 : -1, .events = POLLIN };
	p[WATCH_OUTPUT] = (struct pollfd){ .fd = terminal, .events = wants };
}

/* One round: waits for something, does it; *@ended when the process has ended. A terminal that
 * hung up (POLLHUP) is only looked at again when the process ends. */
static struct err *step(struct relay *r, bool *ended)
{
	struct pollfd p[WATCHES];
	watch(r, p);
	if (poll(p, WATCHES, -1) < 0 && errno != EINTR)
		return err_sys(errno, "poll");
	if (p[WATCH_INPUT].revents)
		read_input(r);
	if (p[WATCH_OUTPUT].revents & POLLOUT)
		write_input(r);
	if (p[WATCH_OUTPUT].revents & POLLIN)
		copy_output(r);
	else if (p[WATCH_OUTPUT].revents & (POLLHUP | POLLERR))
		return proc_await(r->f->pidfd, 10, ended);
	if (p[WATCH_SIGNALS].revents)
		return forward_signals(r);
	*ended = p[WATCH_PROCESS].revents != 0;
	return NULL;
}

struct err *foreground_run(const struct foreground *f, int *status)
{
	struct relay r = { .f = f, .input_open = true };
	struct err *e = hear_signals(&r.signals);
	if (f->subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (f->terminal >= 0)
		fcntl(f->terminal, F_SETFL, O_NONBLOCK);
	make_raw(&r);
	copy_size(&r);
	bool ended = false;
	while (!e && !ended)
		e = step(&r, &ended);
	while (!e && f->terminal >= 0 && copy_output(&r))
		;
	if (r.raw)
		tcsetattr(0, TCSANOW, &r.saved);
	fd_close(&r.signals);
	return e ? e : proc_reap(f->pidfd, status);
}
