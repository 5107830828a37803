#include "base/test.h"
#include "monitor/logfile.h"
#include "monitor/reader.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A log with one entry for each second since 1970-01-01T00:00:00Z, "0", "1", ... */
static struct fd dir;
static char path[64];
static struct log_settings settings;

static void make(int64_t form, int64_t size, int64_t files)
{
	snprintf(path, sizeof(path), "/tmp/onggi-reader-XXXXXX");
	CHECK(mkdtemp(path) && !fd_open(&dir, AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
	settings =
		(struct log_settings){ .form = form, .file = "log", .size = size, .files = files };
}

static void write_entries(struct logfile *l, int from, int to)
{
	for (int i = from; i < to; i++) {
		char text[32];
		snprintf(text, sizeof(text), "%d", i);
		l->time.n = 0;
		time_show((struct moment){ i, 0 }, &l->time);
		logfile_put(l, i % 2 ? "stderr" : "stdout", str_of(text), true);
	}
	logfile_flush(l);
}

static void fill(int n)
{
	struct logfile l;
	CHECK(!logfile_open(&l, &settings, fd_num(dir)));
	write_entries(&l, 0, n);
	CHECK(l.lost == 0);
	logfile_close(&l);
}

static void done(void)
{
	for (int i = 0; i < 1000; i++) {
		char name[32];
		snprintf(name, sizeof(name), i ? "log.%d" : "log", i);
		if (unlinkat(fd_num(dir), name, 0) < 0)
			break;
	}
	CHECK(rmdir(path) == 0);
	fd_close(&dir);
}

/* What was taken: the first, the last, how many; and each one after the one before. */
struct taken {
	int first, last, n, stop_at;
	bool in_order;
};

static struct err *take(void *to, const struct entry_read *entry)
{
	struct taken *t = to;
	char text[32];
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(entry->text));
	int number = atoi(text);
	t->in_order = entry->whole && entry->errors == (number % 2 == 1) &&
	              (t->n == 0 || (t->in_order && number == t->last + 1));
	if (t->n++ == 0)
		t->first = number;
	t->last = number;
	return number == t->stop_at ? err_new(ERR_USAGE, "enough") : NULL;
}

static struct taken ask(int64_t tail, int since, int until)
{
	struct taken t = { .stop_at = -1 };
	struct moment from = { since, 0 }, to = { until, 0 };
	struct log_ask a = { .dir = fd_num(dir),
		.name = "log",
		.k8s = settings.form == LOG_FORM_K8S,
		.tail = tail,
		.since = since >= 0 ? &from : NULL,
		.until = until >= 0 ? &to : NULL,
		.take = take,
		.to = &t,
		.stop = -1 };
	CHECK(!log_read(&a));
	CHECK(t.n == 0 || t.in_order);
	return t;
}

#define CHECK_TAKEN(t, a, b)                                                                       \
	do {                                                                                       \
		struct taken got = (t);                                                            \
		if (got.n != (b) - (a) || (got.n && (got.first != (a) || got.last != (b)-1)))      \
			test_failed(__FILE__, __LINE__, "got %d entries, %d to %d", got.n,         \
				got.first, got.last);                                              \
	} while (0)

static void check_all(int n)
{
	CHECK_TAKEN(ask(-1, -1, -1), 0, n);
	for (int tail = 0; tail <= n + 3; tail += 1 + tail / 3)
		CHECK_TAKEN(ask(tail, -1, -1), tail < n ? n - tail : 0, n);
	for (int since = 0; since < n; since += 1 + since / 4)
		CHECK_TAKEN(ask(-1, since, -1), since, n);
	CHECK_TAKEN(ask(-1, n + 5, -1), n, n);
	CHECK_TAKEN(ask(-1, 3, 7), 3, 8);
	CHECK_TAKEN(ask(5, 3, -1), n - 5, n);
	CHECK_TAKEN(ask(n, n - 2, -1), n - 2, n);
}

TEST(one_file_is_read_from_everywhere)
{
	make(LOG_FORM_JSON, 0, 1);
	fill(20000); /* some 1.3 MB: bisection has something to do */
	check_all(20000);
	done();
}

TEST(many_files_are_one_log)
{
	make(LOG_FORM_K8S, 3000, 500);
	fill(20000);
	check_all(20000);
	done();
}

TEST(an_empty_log_has_nothing)
{
	make(LOG_FORM_JSON, 0, 1);
	fill(0);
	CHECK_TAKEN(ask(-1, -1, -1), 0, 0);
	CHECK_TAKEN(ask(7, 5, 9), 0, 0);
	done();
}

TEST(a_log_that_is_not_there)
{
	make(LOG_FORM_JSON, 0, 1);
	struct log_ask a = { .dir = fd_num(dir), .name = "log", .tail = -1, .stop = -1 };
	cleanup(err_free) struct err *e = log_read(&a);
	CHECK(e && e->kind == ERR_NOT_FOUND);
	done();
}

TEST(what_is_no_entry_is_passed_over)
{
	make(LOG_FORM_JSON, 0, 1);
	fill(100);
	int file = openat(fd_num(dir), "log", O_WRONLY | O_APPEND | O_CLOEXEC);
	static const char rubbish[] =
		"\0\0\0\n{\"log\":\"half\n\n{}\n{\"log\":\"x\",\"time\":\"y\"}\n";
	CHECK(write(file, rubbish, sizeof(rubbish) - 1) == sizeof(rubbish) - 1);
	close(file);
	CHECK_TAKEN(ask(-1, -1, -1), 0, 100);
	CHECK_TAKEN(ask(-1, 60, -1), 60, 100);
	done();
}

TEST(what_takes_can_end_it)
{
	make(LOG_FORM_JSON, 0, 1);
	fill(100);
	struct taken t = { .stop_at = 41 };
	struct log_ask a = {
		.dir = fd_num(dir), .name = "log", .tail = -1, .stop = -1, .take = take, .to = &t
	};
	cleanup(err_free) struct err *e = log_read(&a);
	CHECK(e && t.last == 41);
	done();
}

/* A writer in another process rotates under the reader, and then says that there is no more. */
static void follow(int64_t size, int64_t files, int n)
{
	int ends[2];
	make(LOG_FORM_JSON, size, files);
	fill(10);
	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct logfile l;
		CHECK(!logfile_open(&l, &settings, fd_num(dir)));
		for (int i = 10; i < n; i += 50) {
			write_entries(&l, i, i + 50 < n ? i + 50 : n);
			poll(NULL, 0, 1);
		}
		_exit(l.lost != 0);
	}
	close(ends[1]);
	struct taken t = { .stop_at = -1 };
	struct log_ask a = { .dir = fd_num(dir),
		.name = "log",
		.tail = -1,
		.take = take,
		.to = &t,
		.stop = ends[0] };
	CHECK(!log_read(&a));
	int status;
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_TAKEN(t, 0, n);
	CHECK(t.in_order);
	close(ends[0]);
	done();
}

TEST(following_a_file)
{
	follow(0, 1, 5000);
}

TEST(following_over_rotations)
{
	follow(20000, 50, 5000);
}
