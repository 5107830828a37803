/*
 * logfile.h - the log file of a container: entries in, rotated by size.
 *
 * Entries are collected and written together, each within one file. When the disk is full or the
 * file cannot be written, entries are lost, and counted; the container goes on. What was half
 * written is cut off again, so that a file consists of whole entries whatever happens (but for a
 * power cut). Files that are full are renamed, NAME to NAME.1, NAME.1 to NAME.2; the oldest goes.
 *
 * Allocates at the start and never after.
 */
#pragma once
#include "base/fd.h"
#include "monitor/entry.h"
#include "monitor/settings.h"

struct logfile {
	const struct log_settings *settings; /* borrowed */
	int dir;                             /* borrowed: what the file's name is relative to */
	struct fd file;                      /* empty: no log, or it could not be made again */
	int64_t size;                        /* of the file */
	struct buf batch;                    /* whole entries, not written yet */
	int64_t collected;                   /* how many */
	struct buf time;                     /* of the batch, as text */
	int64_t lost;                        /* entries that could not be written */
	int error;                           /* errno of the last of them */
};

/* The longest text of an entry. */
enum { LOG_TEXT_MAX = 16384 };

/* Opens the file, which may exist from an earlier start, and makes all the room there will be. */
[[nodiscard]] struct err *logfile_open(struct logfile *l, const struct log_settings *s, int dir);

/* Takes the time for the entries that come. */
void logfile_now(struct logfile *l);

/* Adds an entry of at most LOG_TEXT_MAX bytes from "stdout" or "stderr". @whole: a line break
 * follows the text. */
void logfile_put(struct logfile *l, const char *stream, struct str text, bool whole);

/* Writes what was collected. */
void logfile_flush(struct logfile *l);

void logfile_close(struct logfile *l);
