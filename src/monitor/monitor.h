/*
 * monitor.h - the supervisor of one container: from its start to the end of the container.
 *
 * One loop over poll(2). Nothing is allocated while it runs, nothing waits but poll itself; what
 * clients, the log and the container are owed is bounded by the buffers below.
 */
#pragma once
#include "monitor/clients.h"
#include "monitor/health.h"
#include "monitor/input.h"
#include "monitor/logfile.h"
#include "monitor/report.h"
#include "monitor/self.h"
#include "monitor/settings.h"
#include "monitor/stream.h"

enum { STREAM_OUTPUT, STREAM_ERRORS, STREAMS };

struct monitor {
	struct settings settings;
	struct self self;
	struct fd process;  /* pidfd of the container's process */
	pid_t pid;          /* its number */
	struct fd listener; /* of the socket for clients */
	struct fd directory;
	struct fd memory_events, memory_peak; /* of its group; empty if not told */
	struct stream streams[STREAMS];
	struct input input;
	struct clients clients;
	struct logfile log;
	struct health health;
	struct ending ending;
	bool had_input;          /* there was a client with HELLO_INPUT */
	bool holding;            /* no output is read before somebody wants it */
	int64_t hold_end;        /* but no longer than this; all times are of the steady clock */
	int64_t time_over;       /* when the container is killed; 0: never */
	int64_t kill_at;         /* when one that was told to end is killed; 0: never */
	int64_t ended;           /* when the container's process had ended; 0: it runs */
	bool reported;           /* exit.json is there */
	char packet[PACKET_MAX]; /* the last one of a client: input may lie here for a while */
};

/* Takes the descriptors (protocol.h) and gets ready. */
[[nodiscard]] struct err *monitor_begin(struct monitor *m, char **words);

/* Until the container has ended, is recorded, and all clients know. */
void monitor_run(struct monitor *m);

/* Becomes the program for the end; returns only if that cannot be executed. */
[[nodiscard]] struct err *monitor_become(struct monitor *m);
