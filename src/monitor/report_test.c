#include "base/decode.h"
#include "base/test.h"
#include "kernel/file.h"
#include "monitor/report.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

static int file_with(const char *text)
{
	int file = memfd_create("counter", MFD_CLOEXEC);
	CHECK(write(file, text, strlen(text)) == (ssize_t)strlen(text));
	return file;
}

TEST(counters_of_the_kernel)
{
	static const struct {
		const char *text;
		int64_t kills;
	} rows[] = {
		{ "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n", 2 },
		{ "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", 7 },
		{ "low 0\n", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup(fd_close) struct fd file = fd_own(file_with(rows[i].text));
		CHECK(report_oom_kills(fd_num(file)) == rows[i].kills);
	}
	cleanup(fd_close) struct fd peak = fd_own(file_with("1048576\n"));
	CHECK(report_memory_peak(fd_num(peak)) == 1048576);
	CHECK(report_memory_peak(-1) == 0 && report_oom_kills(-1) == 0);
}

static const char *report(const struct ending *e)
{
	static struct buf text;
	char path[] = "/tmp/onggi-report-XXXXXX";
	cleanup(fd_close) struct fd dir = {};
	CHECK(mkdtemp(path) && !fd_open(&dir, AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
	CHECK(!report_write(fd_num(dir), e, true));
	buf_done(&text);
	CHECK(!file_read(fd_num(dir), "exit.json", 4096, &text));
	CHECK(unlinkat(fd_num(dir), "exit.json", 0) == 0 && rmdir(path) == 0);
	char *line = strchr(text.p, '\n') + 1; /* without "finished" */
	return strchr(line, '\n') + 1;
}

TEST(only_what_is_true_is_in_the_record)
{
	CHECK_TEXT(report(&(struct ending){ .status = W_EXITCODE(3, 0) }), "\t\"code\": 3\n}\n");
	CHECK_TEXT(report(&(struct ending){ .unknown = true, .stopping = true }),
		"\t\"code\": 255,\n\t\"unknown\": true,\n\t\"stopping\": true\n}\n");
	CHECK_TEXT(report(&(struct ending){ .status = 9,
			   .oom_kills = 2,
			   .memory_peak = 5,
			   .timed_out = true,
			   .log_lost = 1,
			   .log_error = ENOSPC }),
		"\t\"code\": 137,\n\t\"signal\": 9,\n\t\"oomKilled\": true,\n\t\"oomKills\": 2,\n"
		"\t\"memoryPeak\": 5,\n\t\"timedOut\": true,\n\t\"logLost\": 1,\n"
		"\t\"logError\": \"no space left on device\"\n}\n");
}
