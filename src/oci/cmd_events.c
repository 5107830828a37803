#include "base/fd.h"
#include "base/log.h"
#include "base/time.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "runtime/usage.h"
#include <poll.h>

struct events_args {
	int64_t interval;
	bool stats;
};

static struct err *print_event(const struct container *c, const char *type, const struct usage *u)
{
	cleanup(buf_done) struct buf out = {};
	struct json_writer w = { .out = &out, .style = JSON_COMPACT };
	json_open(&w, NULL, '{');
	json_text(&w, "type", type);
	json_text(&w, "id", c->state.id);
	if (u)
		usage_write(u, "data", &w);
	json_close(&w, '}');
	buf_add(&out, "\n");
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static struct err *print_stats(const struct container *c)
{
	cleanup(arena_done) struct arena a = {};
	struct usage u = {};
	struct err *e = usage_read(&c->record.cgroup, &a, &u);
	if (!e)
		e = usage_read_interfaces(c->process.pid, &a, &u);
	return e ? e : print_event(c, "stats", &u);
}

/* The kernel says that memory ran out before it counts whom it killed: the counter is looked at
 * again this often, and this long, after that. */
enum { RECHECK_NS = 10 * 1000 * 1000, RECHECKS = 100 };

/* What a stream of events waits for. */
struct watch {
	const struct container *container;
	struct fd process, oom;
	int64_t interval, next; /* ns, on the steady clock */
	int64_t kills;          /* by the kernel's OOM killer, so far */
	int rechecks;           /* how often the counter of kills is still looked at */
};

static void watch_done(struct watch *w)
{
	fd_close(&w->process);
	fd_close(&w->oom);
}

static void hear_oom(struct watch *w)
{
	char drained[4096];
	while (read(fd_num(w->oom), drained, sizeof(drained)) > 0)
		;
	w->rechecks = RECHECKS;
}

/* What the watch tells may be several kills in one, or none: the counter decides. */
static struct err *tell_kills(struct watch *w)
{
	int64_t kills = cgroup_oom_kills(&w->container->record.cgroup);
	struct err *e = NULL;
	w->rechecks -= w->rechecks > 0;
	for (; !e && w->kills < kills; w->kills++) {
		w->rechecks = 0;
		e = print_event(w->container, "oom", NULL);
	}
	return e;
}

static struct timespec until_next(const struct watch *w)
{
	int64_t left = w->next - time_steady();
	left = w->rechecks && left > RECHECK_NS ? RECHECK_NS : left > 0 ? left : 0;
	return (struct timespec){ .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };
}

/* Waits for the next thing to tell and tells it; *@ended when the container's process has. */
static struct err *tell_next(struct watch *w, bool *ended)
{
	struct timespec timeout = until_next(w);
	struct pollfd polled[] = { { .fd = fd_num(w->process), .events = POLLIN },
		{ .fd = fd_num(w->oom), .events = POLLIN } };
	int n = ppoll(polled, ARRAY_LEN(polled), &timeout, NULL);
	if (n < 0)
		return errno == EINTR ? NULL : err_sys(errno, "wait for events");
	if (polled[1].revents)
		hear_oom(w);
	bool due = time_steady() >= w->next;
	struct err *e = w->rechecks || due || polled[0].revents ? tell_kills(w) : NULL;
	*ended = polled[0].revents != 0;
	if (e || *ended || !due)
		return e;
	w->next += w->interval;
	return print_stats(w->container);
}

/* Statistics are worth having where nobody tells of memory that ran out: no such controller, or no
 * group at all. */
static void watch_oom(struct watch *w)
{
	cleanup(buf_done) struct buf text = {};
	cleanup(err_free) struct err *e = cgroup_oom_watch(&w->container->record.cgroup, &w->oom);
	if (!e)
		return;
	err_show(e, &text);
	log_warn("no events of type oom: %s", buf_text(&text));
}

static struct err *stream(const struct container *c, int64_t interval)
{
	cleanup(watch_done) struct watch w = { .container = c,
		.interval = interval,
		.next = time_steady() + interval,
		.kills = cgroup_oom_kills(&c->record.cgroup) };
	bool ended = false;
	struct err *e = container_process(c, &w.process);
	if (!e)
		watch_oom(&w);
	while (!e && !ended)
		e = tell_next(&w, &ended);
	return e;
}

static struct err *events(struct cmd_call *call)
{
	const struct events_args *args = call->args;
	cleanup(chosen_close) struct chosen c = {};
	enum container_status status;
	if (args->interval <= 0)
		return err_new(ERR_USAGE, "duration interval must be greater than 0");
	struct err *e = chosen_open(call, false, &c);
	if (!e)
		e = container_status(&c.container, &status);
	if (!e && status == STATUS_STOPPED)
		e = err_new(ERR_CONFLICT, "container with id %s is not running", call->operands[0]);
	if (e)
		return e;
	return args->stats ? print_stats(&c.container) : stream(&c.container, args->interval);
}

static const struct opt options[] = {
	{ "interval", 0, OPT_DURATION, offsetof(struct events_args, interval), "time",
		"how often statistics are printed", .preset = "5s" },
	{ "stats", 0, OPT_FLAG, offsetof(struct events_args, stats), NULL,
		"print statistics once and exit" },
};

const struct cmd cmd_events = {
	.name = "events",
	.operands = "container",
	.summary = "Show what a container uses, and when memory runs out",
	.about = "Prints one JSON object a line, until the container ends.",
	OPTS(struct events_args, options),
	.min = 1,
	.max = 1,
	.run = events,
	.complete = "list --quiet",
};
