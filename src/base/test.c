#include "base/test.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the four headers above first. */
#include <cmocka.h>

enum { SKIPPED = 77, SECONDS = 120 };

extern const struct test *const __start_onggi_tests[], *const __stop_onggi_tests[];

void test_failed(const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void test_same_text(const char *file, int line, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		test_failed(file, line, "texts differ\n--- want\n%s\n--- got\n%s", want, got);
}

void test_skipped(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	exit(SKIPPED);
}

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;
	if (!dir)
		return -1;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void in_child(const struct test *t)
{
	alarm(SECONDS);
	int before = open_descriptors();
	t->run();
	if (open_descriptors() != before)
		test_failed(t->file, 0, "%s leaks a descriptor", t->name);
	exit(0);
}

static void run_one(void **state)
{
	const struct test *t = *state;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		in_child(t);
	int status = -1;
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	size_t n = (size_t)(__stop_onggi_tests - __start_onggi_tests), chosen = 0;
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	for (size_t i = 0; tests && i < n; i++) {
		const struct test *t = __start_onggi_tests[i];
		if (argc > 1 && !strstr(t->name, argv[1]) && !strstr(t->file, argv[1]))
			continue;
		tests[chosen++] = (struct CMUnitTest){ .name = t->name,
			.test_func = run_one,
			.initial_state = (void *)(uintptr_t)t };
	}
	int failed = _cmocka_run_group_tests("unit", tests, chosen, NULL, NULL);
	free(tests);
	return failed != 0;
}
