#include "monitor/health.h"
#include "base/json_write.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include <signal.h>
#include <string.h>

static const char *const names[] = {
	[HEALTH_STARTING] = "starting",
	[HEALTH_HEALTHY] = "healthy",
	[HEALTH_UNHEALTHY] = "unhealthy",
};
_Static_assert(ARRAY_LEN(names) == HEALTH_STATUSES, "every status has its name");

/* What holds where the settings say 0. */
static const int64_t default_timeout = 30'000'000'000, default_start_interval = 5'000'000'000;
enum { DEFAULT_RETRIES = 3 };

static void put_time(struct json_writer *w, const char *key, struct moment t)
{
	cleanup(buf_done) struct buf text = {};
	time_show(t, &text);
	json_text(w, key, text.p);
}

static void put_check(struct json_writer *w, const struct health_check *c)
{
	json_open(w, NULL, '{');
	put_time(w, "Start", c->start);
	put_time(w, "End", c->end);
	json_int(w, "ExitCode", c->code);
	json_text(w, "Output", c->output);
	json_close(w, '}');
}

/* What cannot be written is seen as it was; the container goes on. */
static void write_down(struct health *h)
{
	struct json_writer w = { .out = &h->text, .style = JSON_COMPACT };
	h->text.n = 0;
	json_open(&w, NULL, '{');
	json_text(&w, "Status", names[h->status]);
	json_int(&w, "FailingStreak", h->streak);
	json_open(&w, "Log", '[');
	size_t first = h->checks > HEALTH_LOG ? h->checks - HEALTH_LOG : 0;
	for (size_t i = first; i < h->checks; i++)
		put_check(&w, &h->log[i % HEALTH_LOG]);
	json_close(&w, ']');
	json_close(&w, '}');
	buf_add(&h->text, "\n");
	struct bytes data = { h->text.p, h->text.n };
	struct err *e = file_replace(h->dir, "health.json", 0644, data);
	err_free(&e);
}

static bool in_start_period(const struct health *h, int64_t now)
{
	return h->status == HEALTH_STARTING && now - h->begun < h->settings->start_period;
}

static int64_t next_due(const struct health *h, int64_t now)
{
	const struct health_settings *s = h->settings;
	int64_t early = s->start_interval ? s->start_interval : default_start_interval;
	bool often = in_start_period(h, now) && early < s->interval;
	return now + (often ? early : s->interval);
}

void health_begin(struct health *h, const struct health_settings *settings, char **command,
	const struct self *self, int dir, int64_t now)
{
	h->settings = settings;
	h->command = command;
	h->self = self;
	h->dir = dir;
	h->begun = now;
	if (!settings->interval)
		return;
	buf_room(&h->text, HEALTH_LOG * (6 * MONITOR_HEALTH_OUTPUT + 256));
	h->due = next_due(h, now);
	write_down(h);
}

static struct health_check *current(struct health *h)
{
	return &h->log[h->checks % HEALTH_LOG];
}

static int64_t time_limit(const struct health *h)
{
	return h->settings->timeout ? h->settings->timeout : default_timeout;
}

static void start(struct health *h, int64_t now)
{
	struct health_check *c = current(h);
	c->start = time_now();
	c->n = 0;
	h->overtime = false;
	h->deadline = now + time_limit(h);
	h->pid = self_spawn(h->self, h->command, &h->out);
	h->due = h->pid > 0 ? 0 : now + h->settings->interval; /* no process to be had: later */
	h->pid = h->pid > 0 ? h->pid : 0;
}

int64_t health_keep_time(struct health *h, int64_t now)
{
	if (h->due && h->due <= now)
		start(h, now);
	if (h->pid && !h->overtime && h->deadline <= now) {
		h->overtime = true;
		kill(-h->pid, SIGKILL);
		kill(h->pid, SIGKILL);
	}
	return h->due ? h->due : h->pid && !h->overtime ? h->deadline : 0;
}

void health_read(struct health *h)
{
	struct health_check *c = current(h);
	char rest[512];
	while (fd_valid(h->out)) {
		size_t room = MONITOR_HEALTH_OUTPUT - c->n;
		ssize_t n = read(
			fd_num(h->out), room ? c->output + c->n : rest, room ? room : sizeof(rest));
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			fd_close(&h->out);
		else if (room)
			c->n += (size_t)n;
	}
}

/* Text for JSON, without U+0000. */
static void end_output(struct health *h, struct health_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->output[i])
			c->output[i] = ' ';
	c->output[c->n] = 0;
	if (h->overtime)
		snprintf(c->output, sizeof(c->output), "Health check exceeded timeout (%g s)",
			(double)time_limit(h) / 1e9);
}

bool health_reaped(struct health *h, int status, int64_t now)
{
	struct health_check *c = current(h);
	int64_t retries = h->settings->retries ? h->settings->retries : DEFAULT_RETRIES;
	bool early = in_start_period(h, now);
	health_read(h);
	fd_close(&h->out); /* whoever else has its other end is not listened to */
	h->pid = 0;
	c->end = time_now();
	c->code = h->overtime ? -1 : proc_exit_code(status);
	end_output(h, c);
	h->checks++;
	if (c->code == 0) {
		h->streak = 0;
		h->status = HEALTH_HEALTHY;
	} else if (!early) {
		h->streak++;
	}
	bool turned = h->streak >= retries && h->status != HEALTH_UNHEALTHY;
	if (turned)
		h->status = HEALTH_UNHEALTHY;
	h->due = next_due(h, now);
	write_down(h);
	return turned;
}

void health_end(struct health *h)
{
	if (h->pid) {
		kill(-h->pid, SIGKILL);
		kill(h->pid, SIGKILL);
	}
	fd_close(&h->out);
	h->due = 0;
	buf_done(&h->text);
}
