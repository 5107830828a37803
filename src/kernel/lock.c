#include "kernel/lock.h"
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

static void wake_up(int)
{
}

/* flock() knows no timeout: a timer interrupts it. The timer fires again, in case that the first
 * time comes before flock() waits. */
static int flock_until_alarm(int fd, int milliseconds)
{
	struct sigaction act = { .sa_handler = wake_up }, old_act;
	struct itimerval timer = { .it_value = { .tv_sec = milliseconds / 1000,
					   .tv_usec = milliseconds % 1000 * 1000 },
		.it_interval = { .tv_usec = 10000 } };
	struct itimerval off = {};
	sigaction(SIGALRM, &act, &old_act);
	setitimer(ITIMER_REAL, &timer, NULL);
	int r = flock(fd, LOCK_EX) < 0 ? errno : 0;
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old_act, NULL);
	return r == EINTR ? EWOULDBLOCK : r;
}

static int flock_for_ever(int fd)
{
	int r;
	do
		r = flock(fd, LOCK_EX) < 0 ? errno : 0;
	while (r == EINTR);
	return r;
}

struct err *lock_take(int fd, int milliseconds, bool *taken)
{
	int r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
	if (r == EWOULDBLOCK && milliseconds)
		r = milliseconds < 0 ? flock_for_ever(fd) : flock_until_alarm(fd, milliseconds);
	if (r && r != EWOULDBLOCK)
		return err_sys(r, "lock");
	*taken = r == 0;
	return NULL;
}

void lock_release(int fd)
{
	flock(fd, LOCK_UN);
}
