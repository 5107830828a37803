#include "base/test.h"
#include "monitor/logfile.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char path[64];
static struct fd dir;

static void open_log(struct logfile *l, struct log_settings *s)
{
	if (!fd_valid(dir)) {
		snprintf(path, sizeof(path), "/tmp/onggi-log-XXXXXX");
		CHECK(mkdtemp(path) && !fd_open(&dir, AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
	}
	s->form = LOG_FORM_K8S;
	s->file = "log";
	CHECK(!logfile_open(l, s, fd_num(dir)));
	l->time.n = 0;
	buf_put(&l->time, "T", 1); /* "T stdout F text\n" */
}

static void done(struct logfile *l)
{
	static const char *const names[] = { "log", "log.1", "log.2", "log.3" };
	logfile_close(l);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unlinkat(fd_num(dir), names[i], 0);
	rmdir(path);
	fd_close(&dir);
}

static const char *content(const char *name)
{
	static char text[4096];
	int file = openat(fd_num(dir), name, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	if (file < 0)
		return "none";
	close(file);
	return text;
}

static void put(struct logfile *l, const char *text)
{
	logfile_put(l, "stdout", str_of(text), true);
}

TEST(full_files_are_renamed_and_the_oldest_goes)
{
	struct logfile l;
	struct log_settings s = { .size = 30, .files = 3 }; /* an entry has 15 bytes */
	open_log(&l, &s);
	static const char *const texts[] = { "1", "2", "3", "4", "5", "6", "7" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		put(&l, texts[i]);
	logfile_flush(&l);
	CHECK_TEXT(content("log"), "T stdout F 7\n");
	CHECK_TEXT(content("log.1"), "T stdout F 5\nT stdout F 6\n");
	CHECK_TEXT(content("log.2"), "T stdout F 3\nT stdout F 4\n");
	CHECK_TEXT(content("log.3"), "none");
	CHECK(l.lost == 0);
	done(&l);
}

TEST(a_single_file_starts_anew)
{
	struct logfile l;
	struct log_settings s = { .size = 30, .files = 1 };
	open_log(&l, &s);
	put(&l, "1");
	put(&l, "2");
	put(&l, "3");
	logfile_flush(&l);
	CHECK_TEXT(content("log"), "T stdout F 3\n");
	CHECK_TEXT(content("log.1"), "none");
	done(&l);
}

TEST(an_entry_larger_than_a_file_is_alone_in_one)
{
	struct logfile l;
	struct log_settings s = { .size = 30, .files = 2 };
	open_log(&l, &s);
	put(&l, "1");
	put(&l, "a text that is longer than thirty bytes");
	put(&l, "2");
	logfile_flush(&l);
	CHECK_TEXT(content("log"), "T stdout F 2\n");
	CHECK_TEXT(content("log.1"), "T stdout F a text that is longer than thirty bytes\n");
	done(&l);
}

TEST(an_older_log_is_continued)
{
	struct logfile l;
	struct log_settings s = { .size = 30, .files = 2 };
	open_log(&l, &s);
	put(&l, "1");
	logfile_close(&l);
	open_log(&l, &s);
	put(&l, "2");
	put(&l, "3");
	logfile_flush(&l);
	CHECK_TEXT(content("log.1"), "T stdout F 1\nT stdout F 2\n");
	CHECK_TEXT(content("log"), "T stdout F 3\n");
	done(&l);
}

/* A limit on the file's size stands for a full disk: a write is cut short, the next one fails. */
TEST(what_cannot_be_written_is_lost_whole_and_counted)
{
	struct logfile l;
	struct log_settings s = { .files = 1 };
	struct rlimit limit = { 50, RLIM_INFINITY };
	open_log(&l, &s);
	signal(SIGXFSZ, SIG_IGN);
	put(&l, "1");
	put(&l, "2");
	logfile_flush(&l);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	put(&l, "3");
	put(&l, "4");
	logfile_flush(&l);
	CHECK_TEXT(content("log"), "T stdout F 1\nT stdout F 2\n");
	CHECK(l.lost == 2 && l.error == EFBIG);
	limit.rlim_cur = RLIM_INFINITY;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	put(&l, "5");
	logfile_flush(&l);
	CHECK_TEXT(content("log"), "T stdout F 1\nT stdout F 2\nT stdout F 5\n");
	CHECK(l.lost == 2);
	done(&l);
}

TEST(a_link_in_the_place_of_a_log_is_not_followed)
{
	struct logfile l;
	struct log_settings s = { .files = 1 };
	open_log(&l, &s);
	logfile_close(&l);
	unlinkat(fd_num(dir), "log", 0);
	CHECK(symlinkat("/tmp/onggi-no-such-file", fd_num(dir), "log") == 0);
	cleanup(err_free) struct err *e = logfile_open(&l, &s, fd_num(dir));
	CHECK(e);
	done(&l);
}
