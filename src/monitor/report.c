#include "monitor/report.h"
#include "base/json_write.h"
#include "base/num.h"
#include "base/time.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include <string.h>
#include <sys/wait.h>

int ending_code(const struct ending *e)
{
	return e->unknown ? 255 : proc_exit_code(e->status);
}

/* Only what is true and what is known is written. */
static void put_yes(struct json_writer *w, const char *key, bool yes)
{
	if (yes)
		json_bool(w, key, yes);
}

static void put_number(struct json_writer *w, const char *key, int64_t n)
{
	if (n)
		json_int(w, key, n);
}

static void show(const struct ending *e, struct buf *out)
{
	struct json_writer w = { .out = out, .style = JSON_INDENTED };
	cleanup(buf_done) struct buf now = {};
	time_show(time_now(), &now);
	json_open(&w, NULL, '{');
	json_text(&w, "finished", now.p);
	json_int(&w, "code", ending_code(e));
	put_yes(&w, "unknown", e->unknown);
	put_number(&w, "signal", !e->unknown && WIFSIGNALED(e->status) ? WTERMSIG(e->status) : 0);
	put_yes(&w, "oomKilled", e->oom_kills > 0);
	put_number(&w, "oomKills", e->oom_kills);
	put_number(&w, "memoryPeak", e->memory_peak);
	put_yes(&w, "timedOut", e->timed_out);
	put_yes(&w, "stopping", e->stopping);
	put_yes(&w, "unhealthy", e->unhealthy);
	put_number(&w, "logLost", e->log_lost);
	if (e->log_lost)
		json_text(&w, "logError", errno_text(e->log_error).p);
	json_close(&w, '}');
	buf_add(out, "\n");
}

struct err *report_write(int dir, const struct ending *e, bool durably)
{
	cleanup(buf_done) struct buf text = {};
	show(e, &text);
	struct bytes data = { text.p, text.n };
	return durably ? file_replace_durably(dir, "exit.json", 0644, data)
	               : file_replace(dir, "exit.json", 0644, data);
}

/* The content of a file of the kernel, from its beginning; empty if it cannot be read. */
static struct str read_file(int file, char *room, size_t size)
{
	ssize_t n = file < 0 ? 0 : pread(file, room, size, 0);
	return (struct str){ room, n > 0 ? (size_t)n : 0 };
}

static int64_t number_in(struct str text)
{
	int64_t n = 0;
	struct err *e = num_range(text, 0, INT64_MAX, &n);
	err_free(&e); /* what is no number is not known */
	return n;
}

int64_t report_oom_kills(int events)
{
	char room[512];
	struct str rest = read_file(events, room, sizeof(room));
	while (rest.n) {
		struct str value = str_cut(&rest, '\n');
		if (str_eq(str_cut(&value, ' '), STR("oom_kill")))
			return number_in(value);
	}
	return 0;
}

int64_t report_memory_peak(int peak)
{
	char room[64];
	struct str text = read_file(peak, room, sizeof(room));
	return number_in(str_cut(&text, '\n'));
}
