#include "kernel/signal.h"
#include <signal.h>
#include <strings.h>

/* The first two real-time signals are the C library's own. */
enum { RT_MIN = 34, RT_MAX = 64 };

static const struct word rows[] = {
	{ "SIGHUP", SIGHUP },
	{ "SIGINT", SIGINT },
	{ "SIGQUIT", SIGQUIT },
	{ "SIGILL", SIGILL },
	{ "SIGTRAP", SIGTRAP },
	{ "SIGABRT", SIGABRT },
	{ "SIGIOT", SIGIOT },
	{ "SIGBUS", SIGBUS },
	{ "SIGFPE", SIGFPE },
	{ "SIGKILL", SIGKILL },
	{ "SIGUSR1", SIGUSR1 },
	{ "SIGSEGV", SIGSEGV },
	{ "SIGUSR2", SIGUSR2 },
	{ "SIGPIPE", SIGPIPE },
	{ "SIGALRM", SIGALRM },
	{ "SIGTERM", SIGTERM },
	{ "SIGSTKFLT", SIGSTKFLT },
	{ "SIGCHLD", SIGCHLD },
	{ "SIGCLD", SIGCHLD },
	{ "SIGCONT", SIGCONT },
	{ "SIGSTOP", SIGSTOP },
	{ "SIGTSTP", SIGTSTP },
	{ "SIGTTIN", SIGTTIN },
	{ "SIGTTOU", SIGTTOU },
	{ "SIGURG", SIGURG },
	{ "SIGXCPU", SIGXCPU },
	{ "SIGXFSZ", SIGXFSZ },
	{ "SIGVTALRM", SIGVTALRM },
	{ "SIGPROF", SIGPROF },
	{ "SIGWINCH", SIGWINCH },
	{ "SIGIO", SIGIO },
	{ "SIGPOLL", SIGPOLL },
	{ "SIGPWR", SIGPWR },
	{ "SIGSYS", SIGSYS },
};
static const struct words words = WORDS(rows);

/* A whole number of one or two digits that is a signal's; -1 if it is anything else. */
static int number_of(const char *text)
{
	size_t n = strspn(text, "0123456789");
	if (n == 0 || n > 2 || text[n])
		return -1;
	int number = text[0] - '0';
	if (n == 2)
		number = number * 10 + text[1] - '0';
	return number <= RT_MAX ? number : -1;
}

/* "RTMIN", "RTMIN+n", "RTMAX", "RTMAX-n". */
static int real_time(const char *name)
{
	bool low = strncasecmp(name, "RTMIN", 5) == 0;
	if (!low && strncasecmp(name, "RTMAX", 5) != 0)
		return -1;
	if (!name[5])
		return low ? RT_MIN : RT_MAX;
	int by = name[5] == (low ? '+' : '-') ? number_of(name + 6) : -1;
	if (by < 0 || by > RT_MAX - RT_MIN)
		return -1;
	return low ? RT_MIN + by : RT_MAX - by;
}

int signal_number(const char *name)
{
	int number = number_of(name);
	if (number > 0)
		return number;
	size_t prefix = strlen("SIG");
	const char *bare = strncasecmp(name, "SIG", prefix) == 0 ? name + prefix : name;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcasecmp(rows[i].name + prefix, bare) == 0)
			return (int)rows[i].value;
	return real_time(bare);
}

const char *signal_name(int number)
{
	return number < 0 ? NULL : words_name(&words, (uint64_t)number);
}
