/*
 * health.h - the health check of a container: run again and again, its results in health.json.
 *
 * The first check comes an interval after the start. As long as the container is starting, failures
 * within the start period do not count; the first success ends that. It is unhealthy after so many
 * failures in a row. A check that takes too long is killed and has failed.
 */
#pragma once
#include "base/buf.h"
#include "base/time.h"
#include "monitor/protocol.h"
#include "monitor/self.h"
#include "monitor/settings.h"

enum health_status { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY, HEALTH_STATUSES };
enum { HEALTH_LOG = 5 };

struct health_check {
	struct moment start, end;
	int code;
	size_t n;
	char output[MONITOR_HEALTH_OUTPUT + 1];
};

struct health {
	const struct health_settings *settings; /* borrowed, like all that is pointed to */
	const struct self *self;
	char **command;
	int dir;
	enum health_status status;
	int64_t begun;    /* steady clock, like all times here */
	int64_t due;      /* when the next check starts; 0: one runs, or there are none */
	int64_t deadline; /* of the one that runs */
	bool overtime;    /* it was killed */
	pid_t pid;        /* of the one that runs; 0: none */
	struct fd out;    /* what it says */
	int64_t streak;   /* failures in a row */
	size_t checks;    /* so far */
	struct health_check log[HEALTH_LOG]; /* check number n is at n % HEALTH_LOG */
	struct buf text;
};

/* Gets ready; @h is zero. Without an interval there are no checks. */
void health_begin(struct health *h, const struct health_settings *settings, char **command,
	const struct self *self, int dir, int64_t now);

/* Starts what is due, kills what is late; when there is something to do next, 0 if never. */
int64_t health_keep_time(struct health *h, int64_t now);

/* Takes what the check says. */
void health_read(struct health *h);

/* Its process has ended. True if with that the container has become unhealthy. */
bool health_reaped(struct health *h, int status, int64_t now);

/* No more checks; one that runs is killed. */
void health_end(struct health *h);
