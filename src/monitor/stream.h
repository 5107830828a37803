/*
 * stream.h - one stream of a container's output: a chunk at a time, for the log and for clients.
 *
 * What was read last is "fresh" until everybody has it: nothing more is read before, so that the
 * container waits in its pipe for whoever is slow. A line that has not ended stays in front of what
 * is read next; the log gets it when it is whole, or as long as an entry can be.
 */
#pragma once
#include "base/fd.h"
#include "monitor/logfile.h"

struct stream {
	struct fd fd;                /* empty: the stream has ended */
	const char *name;            /* "stdout", "stderr" */
	uint8_t packet;              /* enum monitor_packet */
	uint8_t flag;                /* HELLO_OUTPUT, HELLO_ERRORS: who wants it */
	bool terminal;               /* the master of one: can be empty-handed and come back */
	int64_t again;               /* a terminal that nobody has open is looked at then; 0: now */
	size_t n;                    /* bytes in text */
	size_t fresh;                /* the last so many of them are not with all clients yet */
	size_t logged;               /* the first so many of them are in the log */
	char text[LOG_TEXT_MAX + 1]; /* one more, for NUL */
};

/* Reads once, if nothing is fresh; false if there was nothing. At the end of the stream its
 * descriptor is closed. @now is of the steady clock. */
bool stream_read(struct stream *s, int64_t now);

/* Puts what is new into the log: whole lines, and at the end of the stream what is left. */
void stream_log(struct stream *s, struct logfile *l);

/* What is fresh. */
struct str stream_fresh(const struct stream *s);

/* Everybody has it. */
void stream_settle(struct stream *s);
