/*
 * report.h - how the container ended: exit.json (protocol.h has its keys).
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct ending {
	int status;          /* as wait(2) has it */
	bool unknown;        /* nobody can know the status */
	bool timed_out;      /* killed because of its time limit */
	bool stopping;       /* the monitor was told to end */
	bool unhealthy;      /* ended because of its health check */
	int64_t oom_kills;   /* processes of its group that were killed for memory */
	int64_t memory_peak; /* bytes; 0: unknown */
	int64_t log_lost;    /* entries that could not be written */
	int log_error;       /* why: errno */
};

/* 128+n for signals; 255 if it is not known. */
int ending_code(const struct ending *e);

/* Writes exit.json into @dir, with the time of now. @durably: it survives a power cut. */
[[nodiscard]] struct err *report_write(int dir, const struct ending *e, bool durably);

/* What the kernel counted in the group: oom_kill in the open file memory.events or
 * memory.oom_control; 0 if @events is -1 or does not tell. */
int64_t report_oom_kills(int events);

/* The number in the open file memory.peak; 0 if it does not tell. */
int64_t report_memory_peak(int peak);
