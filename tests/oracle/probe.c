/*
 * probe [QUESTION...]: what a container really got, as JSON on standard output.
 *
 * Static and small, so that it runs in any root file system. It reports what the kernel says, raw;
 * inside.py reads it. Always: the files and links below, and the answers of system calls that /proc
 * does not show. Questions ask for more:
 *
 *	read:PATH    the content, or the error
 *	link:PATH    where a symbolic link points
 *	stat:PATH    type, mode, owner, device numbers
 *	open:PATH    the error of opening it for reading, 0 if none
 *	write:PATH   the error of opening it for writing, 0 if none
 *	list:PATH    the names in a directory
 *	call:NUMBER,ARGUMENT,...  the error of a system call, 0 if none
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *const files[] = {
	"/proc/self/status",
	"/proc/self/limits",
	"/proc/self/mountinfo",
	"/proc/self/cgroup",
	"/proc/self/uid_map",
	"/proc/self/gid_map",
	"/proc/self/setgroups",
	"/proc/self/oom_score_adj",
	"/proc/self/stat",
	"/proc/self/timens_offsets",
	"/proc/self/attr/current",
	"/proc/keys",
	"/proc/1/cmdline",
	"/proc/net/dev",
	"/proc/uptime",
};
static const char *const namespaces[] = {
	"cgroup",
	"ipc",
	"mnt",
	"net",
	"pid",
	"time",
	"user",
	"uts",
};

/* Comma, key and value are separated by what was printed before. */
static const char *separator = "";

static void text(const char *s, size_t n)
{
	putchar('"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void key(const char *name)
{
	printf("%s\n", separator);
	text(name, strlen(name));
	printf(": ");
	separator = ",";
}

static void open_object(const char *name)
{
	key(name);
	printf("{");
	separator = "";
}

static void close_object(void)
{
	printf("}");
	separator = ",";
}

static void number(const char *name, long long value)
{
	key(name);
	printf("%lld", value);
}

/* The result of a call that fails with -1: the value, or the negative errno. */
static long long result(long long r)
{
	return r < 0 ? -errno : r;
}

static void content(const char *path)
{
	static char room[1 << 18];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = 0, all = 0;
	if (fd < 0) {
		printf("{\"error\": %d}", errno);
		return;
	}
	while (all < (ssize_t)sizeof(room) &&
		(n = read(fd, room + all, sizeof(room) - (size_t)all)) > 0)
		all += n;
	if (n < 0)
		printf("{\"error\": %d}", errno);
	else
		text(room, (size_t)all);
	close(fd);
}

static void target(const char *path)
{
	char room[4096];
	ssize_t n = readlink(path, room, sizeof(room));
	if (n < 0)
		printf("{\"error\": %d}", errno);
	else
		text(room, (size_t)n);
}

static void status_of(const char *path)
{
	struct stat st;
	if (lstat(path, &st) < 0) {
		printf("{\"error\": %d}", errno);
		return;
	}
	printf("{\"mode\": %u, \"uid\": %u, \"gid\": %u, \"major\": %u, \"minor\": %u, "
	       "\"size\": %lld, \"dev\": %llu}",
		st.st_mode, st.st_uid, st.st_gid, major(st.st_rdev), minor(st.st_rdev),
		(long long)st.st_size, (unsigned long long)st.st_dev);
}

static void opening(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
	printf("%d", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
}

static void reading(const char *path)
{
	opening(path, O_RDONLY);
}

static void writing(const char *path)
{
	opening(path, O_WRONLY);
}

/* "NUMBER,ARGUMENT,...": up to six arguments, zero where there is none. */
static void calling(const char *numbers)
{
	long args[7] = { 0 };
	char *at = (char *)numbers;
	for (size_t i = 0; i < 7; i++) {
		args[i] = (long)strtoull(at, &at, 0);
		if (*at++ != ',')
			break;
	}
	long r = syscall(args[0], args[1], args[2], args[3], args[4], args[5], args[6]);
	printf("%d", r < 0 ? errno : 0);
}

static void names_in(const char *path)
{
	DIR *dir = opendir(path);
	const char *comma = "";
	if (!dir) {
		printf("{\"error\": %d}", errno);
		return;
	}
	printf("[");
	for (struct dirent *e; (e = readdir(dir));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		printf("%s", comma);
		text(e->d_name, strlen(e->d_name));
		comma = ", ";
	}
	printf("]");
	closedir(dir);
}

static const struct question {
	const char *word;
	void (*answer)(const char *of);
} questions[] = {
	{ "read:", content },
	{ "link:", target },
	{ "stat:", status_of },
	{ "open:", reading },
	{ "write:", writing },
	{ "list:", names_in },
	{ "call:", calling },
};

static void answer(const char *question)
{
	key(question);
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		size_t n = strlen(questions[i].word);
		if (strncmp(question, questions[i].word, n) == 0) {
			questions[i].answer(question + n);
			return;
		}
	}
	printf("null");
}

/* Which descriptors are open, and on what. */
static void descriptors(void)
{
	open_object("descriptors");
	for (int fd = 0; fd < 1024; fd++) {
		char path[32], name[16];
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(name, sizeof(name), "%d", fd);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		key(name);
		target(path);
	}
	close_object();
}

static void scheduling(void)
{
	struct {
		unsigned size, policy;
		unsigned long long flags;
		int nice;
		unsigned priority;
		unsigned long long runtime, deadline, period;
		unsigned util_min, util_max;
	} a = { .size = sizeof(a) };
	cpu_set_t set;
	int mode = -1;
	unsigned long nodes[16] = { 0 };

	open_object("scheduling");
	number("getattr", result(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0)));
	number("policy", a.policy);
	number("nice", a.nice);
	number("priority", a.priority);
	number("flags", (long long)a.flags);
	number("runtime", (long long)a.runtime);
	number("io_priority", result(syscall(SYS_ioprio_get, 1, 0)));
	CPU_ZERO(&set);
	number("processors",
		sched_getaffinity(0, sizeof(set), &set) < 0 ? -errno : CPU_COUNT(&set));
	number("first_processor", CPU_ISSET(0, &set));
	number("get_mempolicy", result(syscall(SYS_get_mempolicy, &mode, nodes, 1024, 0, 0)));
	number("memory_mode", mode);
	number("memory_nodes", (long long)nodes[0]);
	close_object();
}

static void terminal(void)
{
	struct winsize size = { 0 };
	open_object("terminal");
	number("isatty", isatty(0));
	number("size", ioctl(0, TIOCGWINSZ, &size) < 0 ? -errno : 0);
	number("rows", size.ws_row);
	number("columns", size.ws_col);
	key("name");
	target("/proc/self/fd/0");
	close_object();
}

static void identity(void)
{
	struct utsname uts;
	char cwd[4096];
	unsigned mask = umask(0);
	umask(mask);
	uname(&uts);
	number("umask", mask);
	number("personality", personality(0xffffffff));
	number("pid", getpid());
	number("parent", getppid());
	number("session", getsid(0));
	number("group", getpgrp());
	number("securebits", result(prctl(PR_GET_SECUREBITS)));
	number("dumpable", result(prctl(PR_GET_DUMPABLE)));
	number("keyring", result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0)));
	key("hostname");
	text(uts.nodename, strlen(uts.nodename));
	key("domainname");
	text(uts.domainname, strlen(uts.domainname));
	key("cwd");
	if (getcwd(cwd, sizeof(cwd)))
		text(cwd, strlen(cwd));
	else
		printf("{\"error\": %d}", errno);
}

static void list(const char *name, char **words)
{
	key(name);
	printf("[");
	for (size_t i = 0; words[i]; i++) {
		printf("%s", i ? ", " : "");
		text(words[i], strlen(words[i]));
	}
	printf("]");
}

int main(int argc, char **argv, char **env)
{
	printf("{");
	descriptors();
	identity();
	scheduling();
	terminal();
	list("argv", argv);
	list("env", env);
	open_object("namespaces");
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/ns/%s", namespaces[i]);
		key(namespaces[i]);
		target(path);
	}
	close_object();
	open_object("files");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		key(files[i]);
		content(files[i]);
	}
	close_object();
	open_object("answers");
	for (int i = 1; i < argc; i++)
		answer(argv[i]);
	close_object();
	printf("\n}\n");
	return 0;
}
