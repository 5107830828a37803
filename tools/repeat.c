/*
 * repeat - runs a command again and again and prints how long each run took.
 *
 *	repeat [-n RUNS] [-w MS] [-j AT_ONCE] -- COMMAND [ARGUMENT...]
 *
 * One line a run: nanoseconds from vfork to the end of the program, and its peak memory in KiB.
 * "%" in an argument becomes the number of the run. -w waits before each run. With -j runs are
 * started side by side and one line tells what all of them took together. Ends with 1 at the first
 * run that fails.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static struct {
	long runs, wait_ms, at_once;
	char **argv;
	posix_spawn_file_actions_t quiet;
} job = { .runs = 1, .at_once = 1 };

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* The argument with the first "%" replaced; the caller frees it. */
static char *numbered(const char *arg, long n)
{
	const char *at = strchr(arg, '%');
	char *out;
	if (!at)
		return strdup(arg);
	if (asprintf(&out, "%.*s%ld%s", (int)(at - arg), arg, n, at + 1) < 0)
		exit(2);
	return out;
}

static pid_t start(long n)
{
	char *argv[128] = { NULL };
	pid_t pid = -1;
	for (size_t i = 0; job.argv[i] && i < 127; i++)
		argv[i] = numbered(job.argv[i], n);
	if (posix_spawn(&pid, argv[0], &job.quiet, NULL, argv, environ) != 0)
		perror(argv[0]);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return pid;
}

/* Waits for one run; its peak memory goes to @kib. True if it was a success. */
static int ended(pid_t pid, long *kib)
{
	struct rusage usage;
	int status;
	if (wait4(pid, &status, 0, &usage) < 0)
		return 0;
	*kib = usage.ru_maxrss;
	if (status != 0)
		fprintf(stderr, "repeat: %s ended with %d\n", job.argv[0], status);
	return status == 0;
}

static int one_by_one(void)
{
	for (long i = 0; i < job.runs; i++) {
		if (job.wait_ms)
			usleep((useconds_t)job.wait_ms * 1000);
		long kib = 0, begin = now();
		pid_t pid = start(i);
		if (pid < 0 || !ended(pid, &kib))
			return 1;
		printf("%ld %ld\n", now() - begin, kib);
	}
	return 0;
}

static int side_by_side(void)
{
	long begin = now(), running = 0, next = 0, kib = 0;
	while (next < job.runs || running > 0) {
		if (next < job.runs && running < job.at_once) {
			if (start(next++) < 0)
				return 1;
			running++;
		} else {
			if (!ended(-1, &kib))
				return 1;
			running--;
		}
	}
	printf("%ld %ld\n", now() - begin, kib);
	return 0;
}

int main(int argc, char **argv)
{
	int c;
	while ((c = getopt(argc, argv, "+n:w:j:")) != -1) {
		if (c == 'n')
			job.runs = atol(optarg);
		else if (c == 'w')
			job.wait_ms = atol(optarg);
		else if (c == 'j')
			job.at_once = atol(optarg);
		else
			return 2;
	}
	if (optind == argc)
		return 2;
	job.argv = argv + optind;
	posix_spawn_file_actions_init(&job.quiet);
	posix_spawn_file_actions_addopen(&job.quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&job.quiet, 1, "/dev/null", O_WRONLY, 0);
	return job.at_once > 1 ? side_by_side() : one_by_one();
}
