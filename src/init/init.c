/*
 * onggi-init - process 1 of a container: starts one program, passes every signal on to it, reaps
 * whatever is orphaned, and ends with the program's exit status (128 plus the number of the signal
 * that killed it). Options are those of tini and catatonit.
 *
 * It has no C library and allocates nothing: it stays for as long as the container, in every
 * container. All signals are blocked and fetched one after the other, so there is no handler.
 */
#include "base/attr.h"
#include "config.h"
#include "kernel/raw_call.h"
#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n"
	"\tcall init_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, xzr\n\tmov x30, xzr\n\tmov x0, sp\n\tb init_main\n");
#elif defined(__riscv)
__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n"
	"\t.option pop\n\tmv a0, sp\n\ttail init_main\n");
#endif

/* Compilers make calls of these two out of assignments, C library or not. */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);

void *memset(void *to, int byte, size_t n)
{
	char *p = to;
	while (n--)
		*p++ = (char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	char *p = to;
	const char *q = from;
	while (n--)
		*p++ = *q++;
	return to;
}

#define CALL(number, ...) raw_call((number), (const long[6]){ __VA_ARGS__ })

static _Noreturn void leave(int status)
{
	for (;;)
		CALL(__NR_exit_group, status);
}

/* --- text ------------------------------------------------------------------------------------- */

enum { STDIN, STDOUT, STDERR };

/* A line that is being put together; what is too long is cut. */
struct line {
	size_t n;
	char p[480];
};

static bool equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void add(struct line *l, const char *text)
{
	for (; *text && l->n < sizeof(l->p); text++)
		l->p[l->n++] = *text;
}

static void add_number(struct line *l, unsigned long number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;
	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	add(l, digits + at);
}

static void put(int file, const char *text, size_t n)
{
	CALL(__NR_write, file, (long)text, (long)n);
}

/* "onggi-init: text: number" */
static void say(const char *text, const char *name, unsigned long number)
{
	struct line l;
	l.n = 0;
	add(&l, "onggi-init: ");
	add(&l, text);
	add(&l, name);
	if (number)
		add_number(&l, number);
	add(&l, "\n");
	put(STDERR, l.p, l.n);
}

/* The number that @text is, or -1. */
static int number_of(const char *text)
{
	int number = 0;
	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || number > 999)
			return -1;
		number = number * 10 + *text - '0';
	}
	return number;
}

/* --- options ------------------------------------------------------------------------------------
 */

enum { STATUSES = 256, SIGNALS = 64 };

struct options {
	bool group;     /* signals go to the program's process group */
	bool subreaper; /* orphans come to us even if we are not process 1 */
	bool warn;      /* tell about each orphan */
	int verbosity;
	int parent_death;       /* the signal we get when our parent ends; 0 for none */
	bool as_zero[STATUSES]; /* exit statuses that are passed on as 0 */
	char **program;         /* its arguments, NULL at the end; element -1 may be overwritten */
};

static const char usage[] =
	"usage: onggi-init [options] [--] program [argument...]\n"
	"\n"
	"Runs the program as a child, passes signals on to it, reaps orphaned processes,\n"
	"and exits with the program's status.\n"
	"\n"
	"  -g         pass signals on to the program's whole process group\n"
	"  -s         be the subreaper: get orphans without being process 1\n"
	"  -p SIGNAL  get this signal when the parent process ends\n"
	"  -e CODE    exit with 0 where the program exits with CODE; may be repeated\n"
	"  -w         warn about every orphan that is reaped\n"
	"  -v         say more; may be repeated\n"
	"  -h         this help\n"
	"  --version  the version\n";

static const char version[] = "onggi-init version " ONGGI_VERSION "\n";
static const char license[] = "onggi-init is free software under the Apache License 2.0\n";

#define PUT(file, text) put((file), (text), sizeof(text) - 1)

static _Noreturn void refuse(const char *why, const char *what)
{
	say(why, what, 0);
	PUT(STDERR, usage);
	leave(1);
}

#define SIGNAL(name)                                                                               \
	{                                                                                          \
#name, SIG##name                                                                   \
	}
static const struct signal_name {
	char name[7];
	uint8_t number;
} signal_names[] = {
	SIGNAL(HUP),
	SIGNAL(INT),
	SIGNAL(QUIT),
	SIGNAL(ILL),
	SIGNAL(TRAP),
	SIGNAL(ABRT),
	SIGNAL(BUS),
	SIGNAL(FPE),
	SIGNAL(KILL),
	SIGNAL(USR1),
	SIGNAL(SEGV),
	SIGNAL(USR2),
	SIGNAL(PIPE),
	SIGNAL(ALRM),
	SIGNAL(TERM),
	SIGNAL(STKFLT),
	SIGNAL(CHLD),
	SIGNAL(CONT),
	SIGNAL(STOP),
	SIGNAL(TSTP),
	SIGNAL(TTIN),
	SIGNAL(TTOU),
	SIGNAL(URG),
	SIGNAL(XCPU),
	SIGNAL(XFSZ),
	SIGNAL(VTALRM),
	SIGNAL(PROF),
	SIGNAL(WINCH),
	SIGNAL(POLL),
	SIGNAL(PWR),
	SIGNAL(SYS),
};

/* "SIGTERM", "TERM" or "15". */
static int signal_of(const char *text)
{
	int number = number_of(text);
	if (number > 0 && number <= SIGNALS)
		return number;
	const char *name = text;
	if (text[0] == 'S' && text[1] == 'I' && text[2] == 'G')
		name += 3;
	for (size_t i = 0; i < ARRAY_LEN(signal_names); i++)
		if (equal(signal_names[i].name, name))
			return signal_names[i].number;
	refuse("no such signal: ", text);
}

static void set_zero(struct options *o, const char *text)
{
	int status = number_of(text);
	if (status < 0 || status >= STATUSES)
		refuse("not an exit status: ", text);
	o->as_zero[status] = true;
}

static _Noreturn void answer(const char *text, size_t n)
{
	put(STDOUT, text, n);
	leave(0);
}

/* One letter of a bundle; false if it is none of ours. */
static bool set_flag(struct options *o, char letter)
{
	switch (letter) {
	case 'g':
		o->group = true;
		return true;
	case 's':
		o->subreaper = true;
		return true;
	case 'w':
		o->warn = true;
		return true;
	case 'v':
		o->verbosity++;
		return true;
	case 'h':
		answer(usage, sizeof(usage) - 1);
	case 'l':
	case 'L':
		answer(license, sizeof(license) - 1);
	case 'V':
		answer(version, sizeof(version) - 1);
	default:
		return false;
	}
}

/* "-gv", "-pTERM", "-p TERM". Returns the last argument used. */
static char **read_bundle(struct options *o, char **arg)
{
	for (const char *p = *arg + 1; *p; p++) {
		if (set_flag(o, *p))
			continue;
		bool is_signal = *p == 'p';
		if (!is_signal && *p != 'e')
			refuse("unknown option: ", *arg);
		const char *value = p[1] ? p + 1 : *++arg;
		if (!value)
			refuse("an option lacks its value: ", *--arg);
		if (is_signal)
			o->parent_death = signal_of(value);
		else
			set_zero(o, value);
		break;
	}
	return arg;
}

/* "program -- argument" is how tini's help writes it: without the dashes in between. */
static char **skip_inner_dashes(char **program)
{
	if (!program[0] || !program[1] || !equal(program[1], "--"))
		return program;
	program[1] = program[0];
	return program + 1;
}

static void read_options(struct options *o, char **argv)
{
	char **arg = argv + 1;
	for (; *arg && (*arg)[0] == '-' && (*arg)[1] && !equal(*arg, "--"); arg++) {
		if (equal(*arg, "--version"))
			answer(version, sizeof(version) - 1);
		if (equal(*arg, "--help"))
			answer(usage, sizeof(usage) - 1);
		if ((*arg)[1] == '-')
			refuse("unknown option: ", *arg);
		arg = read_bundle(o, arg);
	}
	o->program = *arg && equal(*arg, "--") ? arg + 1 : skip_inner_dashes(arg);
	if (!*o->program)
		refuse("no program was named", "");
}

/* The value of @name in the environment, or NULL. */
static const char *variable(char *const *env, const char *name)
{
	for (; *env; env++) {
		const char *p = *env, *q = name;
		while (*q && *p == *q) {
			p++;
			q++;
		}
		if (!*q && *p == '=')
			return p + 1;
	}
	return NULL;
}

static void read_environment(struct options *o, char *const *env)
{
	const char *verbosity = variable(env, "TINI_VERBOSITY");
	o->group = variable(env, "TINI_KILL_PROCESS_GROUP") != NULL;
	o->subreaper = variable(env, "TINI_SUBREAPER") != NULL;
	o->verbosity = 1;
	if (verbosity && number_of(verbosity) >= 0)
		o->verbosity = number_of(verbosity);
}

/* --- the program
 * ---------------------------------------------------------------------------------- */

/* Words for what goes wrong with execve(2). */
static const char *reason(long error)
{
	switch (error) {
	case ENOENT:
		return "no such file or directory";
	case EACCES:
		return "permission denied";
	case ENOEXEC:
		return "exec format error";
	default:
		return "cannot be executed";
	}
}

/* A file that the kernel can't execute may be a script without a first line: execvp(3). */
static long try(const char *path, char **argv, char *const *env)
{
	long r = CALL(__NR_execve, (long)path, (long)argv, (long)env);
	if (r != -ENOEXEC)
		return r;
	static const char shell[] = "/bin/sh";
	union {
		const char *text;
		char *word;
	} sh = { shell }, script = { path };
	argv[-1] = sh.word;
	argv[0] = script.word;
	return CALL(__NR_execve, (long)shell, (long)(argv - 1), (long)env);
}

/* Puts "directory/name" into @out; false if there is no room. @path moves behind its directory. */
static bool next_candidate(const char **path, const char *name, char *out, size_t room)
{
	size_t n = 0;
	const char *p = *path;
	for (; *p && *p != ':' && n < room; p++)
		out[n++] = *p;
	*path = *p ? p + 1 : NULL;
	if (n && n < room)
		out[n++] = '/';
	for (; *name && n < room; name++)
		out[n++] = *name;
	if (n >= room)
		return false;
	out[n] = '\0';
	return true;
}

static bool has_slash(const char *name)
{
	while (*name && *name != '/')
		name++;
	return *name == '/';
}

static long execute(char **argv, char *const *env)
{
	char candidate[4096];
	const char *path = variable(env, "PATH"), *name = argv[0];
	long result = -ENOENT;
	if (has_slash(name))
		return try(name, argv, env);
	if (!path)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	while (path && *name) {
		if (!next_candidate(&path, name, candidate, sizeof(candidate)))
			continue;
		long r = try(candidate, argv, env);
		if (r != -ENOENT && r != -ENOTDIR && r != -EACCES)
			return r;
		result = r == -EACCES ? r : result;
	}
	return result;
}

static void set_disposition(int signal, long disposition)
{
	const long action[4] = { disposition };
	CALL(__NR_rt_sigaction, signal, (long)action, 0, sizeof(uint64_t));
}

static void set_mask(uint64_t mask)
{
	CALL(__NR_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof(mask));
}

/*
 * The program gets a process group of its own, and the terminal if there is one: Ctrl-C then
 * reaches it and not us. A background process may take the terminal while it ignores SIGTTOU.
 */
static _Noreturn void become(const struct options *o, char *const *env, uint64_t mask)
{
	int own = (int)CALL(__NR_getpid);
	CALL(__NR_setpgid, 0, 0);
	CALL(__NR_ioctl, STDIN, TIOCSPGRP, (long)&own);
	set_disposition(SIGTTOU, (long)SIG_DFL);
	set_disposition(SIGTTIN, (long)SIG_DFL);
	set_mask(mask);
	const char *name = o->program[0];
	long error = -execute(o->program, env);
	struct line l;
	l.n = 0;
	add(&l, "onggi-init: exec: ");
	add(&l, name);
	add(&l, ": ");
	add(&l, reason(error));
	add(&l, "\n");
	put(STDERR, l.p, l.n);
	leave(error == ENOENT ? 127 : 126);
}

/* --- the rest of its life --------------------------------------------------------------------- */

enum { STILL_RUNNING = -1 };

static int exit_status(const struct options *o, int status)
{
	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return o->as_zero[code] ? 0 : code;
}

/* Reaps all there is; the program's exit status, if it was among them. */
static int reap(const struct options *o, long child)
{
	int result = STILL_RUNNING;
	for (;;) {
		int status = 0;
		long pid = CALL(__NR_wait4, -1, (long)&status, WNOHANG, 0);
		if (pid <= 0)
			return result;
		if (pid == child)
			result = exit_status(o, status);
		else if (o->warn || o->verbosity > 2)
			say("reaped orphan ", "", (unsigned long)pid);
	}
}

static void forward(const struct options *o, long child, long signal)
{
	if (o->verbosity > 2)
		say("passing on signal ", "", (unsigned long)signal);
	CALL(__NR_kill, o->group ? -child : child, signal);
}

static _Noreturn void serve(const struct options *o, long child, uint64_t all)
{
	for (;;) {
		long signal = CALL(__NR_rt_sigtimedwait, (long)&all, 0, 0, sizeof(all));
		int status = STILL_RUNNING;
		if (signal == SIGCHLD)
			status = reap(o, child);
		else if (signal > 0)
			forward(o, child, signal);
		if (status != STILL_RUNNING)
			leave(status);
	}
}

static uint64_t bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* All but those that the processor raises: who blocks them loops. */
static uint64_t blocked_signals(void)
{
	return ~(bit(SIGFPE) | bit(SIGILL) | bit(SIGSEGV) | bit(SIGBUS) | bit(SIGABRT) |
		 bit(SIGTRAP) | bit(SIGSYS));
}

static void become_reaper(const struct options *o)
{
	if (o->subreaper && CALL(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		say("can't become the subreaper", "", 0);
	else if (!o->subreaper && o->verbosity > 0 && CALL(__NR_getpid) != 1)
		say("neither process 1 nor a subreaper (-s): orphans go elsewhere", "", 0);
}

_Noreturn void init_main(long *stack);

/* The stack begins with argc, argv, NULL, env, NULL. */
_Noreturn void init_main(long *stack)
{
	char **argv = (char **)(stack + 1);
	char *const *env = argv + stack[0] + 1;
	struct options o = {};
	uint64_t all = blocked_signals(), before = 0;
	read_environment(&o, env);
	read_options(&o, argv);
	if (o.parent_death)
		CALL(__NR_prctl, PR_SET_PDEATHSIG, o.parent_death, 0, 0, 0);
	become_reaper(&o);
	CALL(__NR_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof(all));
	set_disposition(SIGTTOU, (long)SIG_IGN);
	set_disposition(SIGTTIN, (long)SIG_IGN);

	long child = CALL(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (child < 0) {
		say("no process can be made: error ", "", (unsigned long)-child);
		leave(1);
	}
	if (child == 0)
		become(&o, env, before);
	CALL(__NR_setpgid, child, child); /* whoever of us is first: no signal misses the group */
	if (o.verbosity > 1)
		say("the program is process ", "", (unsigned long)child);
	serve(&o, child, all);
}
