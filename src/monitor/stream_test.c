#include "base/test.h"
#include "monitor/protocol.h"
#include "monitor/stream.h"
#include <fcntl.h>
#include <stdlib.h>

/* A stream from a pipe into a log in memory of k8s-file's form; its times are cut off. */
struct rig {
	struct stream stream;
	struct fd writer, dir;
	struct log_settings settings;
	struct logfile log;
	char path[64];
};

static struct rig *rig_make(void)
{
	static struct rig r;
	int ends[2];
	snprintf(r.path, sizeof(r.path), "/tmp/onggi-stream-XXXXXX");
	CHECK(mkdtemp(r.path) && pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
	r.stream.fd = fd_own(ends[0]);
	r.stream.name = "stdout";
	r.writer = fd_own(ends[1]);
	r.settings = (struct log_settings){ .form = LOG_FORM_K8S, .file = "log", .files = 1 };
	CHECK(!fd_open(&r.dir, AT_FDCWD, r.path, O_RDONLY | O_DIRECTORY));
	CHECK(!logfile_open(&r.log, &r.settings, fd_num(r.dir)));
	return &r;
}

static void rig_done(struct rig *r)
{
	unlinkat(fd_num(r->dir), "log", 0);
	rmdir(r->path);
	logfile_close(&r->log);
	fd_close(&r->stream.fd);
	fd_close(&r->writer);
	fd_close(&r->dir);
}

/* Writes @text to the pipe; the stream reads, logs and settles. */
static void feed(struct rig *r, const char *text, size_t n)
{
	CHECK(write(fd_num(r->writer), text, n) == (ssize_t)n);
	while (stream_read(&r->stream, 0)) {
		stream_log(&r->stream, &r->log);
		stream_settle(&r->stream);
	}
}

/* "F hello|P wor|", of what the log holds; long texts as their length. */
static const char *logged(struct rig *r)
{
	static char out[4096];
	static char text[1 << 20];
	cleanup(fd_close) struct fd file = {};
	CHECK(!fd_open(&file, fd_num(r->dir), "log", O_RDONLY));
	ssize_t n = read(fd_num(file), text, sizeof(text));
	struct str rest = { text, n > 0 ? (size_t)n : 0 };
	size_t used = 0;
	out[0] = 0;
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		str_cut(&line, ' ');
		str_cut(&line, ' ');
		if (line.n > 40)
			used += (size_t)snprintf(out + used, 64, "%c %zu|", *line.p, line.n - 2);
		else
			used += (size_t)snprintf(out + used, 64, STR_FMT "|", STR_ARG(line));
	}
	return out;
}

TEST(lines_are_logged_when_they_are_whole)
{
	struct rig *r = rig_make();
	feed(r, "one\ntwo\nth", 10);
	CHECK_TEXT(logged(r), "F one|F two|");
	feed(r, "ree\n\n", 5);
	CHECK_TEXT(logged(r), "F one|F two|F three|F |");
	feed(r, "end", 3);
	fd_close(&r->writer);
	CHECK(!stream_read(&r->stream, 0) && !fd_valid(r->stream.fd));
	stream_log(&r->stream, &r->log);
	CHECK_TEXT(logged(r), "F one|F two|F three|F |P end|");
	stream_settle(&r->stream);
	stream_log(&r->stream, &r->log);
	CHECK_TEXT(logged(r), "F one|F two|F three|F |P end|");
	rig_done(r);
}

TEST(long_lines_are_cut_between_characters)
{
	struct rig *r = rig_make();
	static char text[40000];
	memset(text, 'x', sizeof(text));
	memcpy(text + LOG_TEXT_MAX - 2, "\xed\x95\x9c", 3);
	text[39999] = '\n';
	feed(r, text, sizeof(text));
	CHECK_TEXT(logged(r), "P 16382|P 16384|F 7233|");
	rig_done(r);
}

TEST(bytes_that_are_no_characters_are_cut_anywhere)
{
	struct rig *r = rig_make();
	static char text[20000];
	memset(text, '\x80', sizeof(text));
	text[19999] = '\n';
	feed(r, text, sizeof(text));
	CHECK_TEXT(logged(r), "P 16384|F 3615|");
	rig_done(r);
}

TEST(nothing_is_read_before_the_last_chunk_is_settled)
{
	struct rig *r = rig_make();
	CHECK(write(fd_num(r->writer), "one", 3) == 3);
	CHECK(stream_read(&r->stream, 0));
	CHECK(write(fd_num(r->writer), "two", 3) == 3);
	CHECK(!stream_read(&r->stream, 0));
	CHECK(str_eq(stream_fresh(&r->stream), STR("one")));
	stream_log(&r->stream, &r->log);
	stream_settle(&r->stream);
	CHECK(stream_read(&r->stream, 0));
	CHECK(str_eq(stream_fresh(&r->stream), STR("two")));
	rig_done(r);
}
