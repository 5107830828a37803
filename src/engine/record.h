/*
 * record.h - a container as the engine keeps it: containers/<id>/record.json and exit.json.
 *
 * The record says what was asked and what came of it; it changes only by rename, update and the
 * restart counter, each time whole. What the container is doing is asked of the kernel
 * (engine/container.h).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "engine/request.h"

struct container_record {
	const char *id;                    /* 64 hex digits */
	const char *name;                  /* also names/<name> */
	const char *created;               /* RFC 3339 */
	const char *started;               /* the last start; NULL: never */
	const char *image_id, *image_name; /* "sha256:..."; NULL with --rootfs */
	struct text_list layers;           /* directories, lowest first */
	struct container_request request;  /* as asked, defaults of the image merged in */
	struct text_list args;             /* entrypoint and command, resolved */
	struct text_list anonymous;        /* names of the volumes that go with it */
	int64_t restarts;
	bool stopped_by_user; /* restart policies leave it alone */
};

/* How it ended; written by the monitor before anything is undone. */
struct exit_record {
	const char *finished; /* RFC 3339 */
	int64_t code;         /* 128+n for signals */
	int64_t signal;
	bool oom_killed, timed_out;
	bool stopping;  /* the host went down: no restart policy applies before the next boot */
	bool unhealthy; /* it was ended because of its health check */
	bool unknown;   /* nobody saw its end: the code is 255 */
	int64_t oom_kills, memory_peak;
	const char *error; /* what kept it from starting, or NULL */
};

/* Reads record.json of the directory @dir; ERR_NOT_FOUND if there is none. */
[[nodiscard]] struct err *container_record_read(
	int dir, struct arena *a, struct container_record *out);
/* Replaces it. */
[[nodiscard]] struct err *container_record_write(int dir, const struct container_record *r);

/* The same for exit.json; *@there is false if it has not ended since its last start. */
[[nodiscard]] struct err *exit_record_read(
	int dir, struct arena *a, struct exit_record *out, bool *there);
[[nodiscard]] struct err *exit_record_write(int dir, const struct exit_record *r);
