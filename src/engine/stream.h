/*
 * stream.h - connects a person to a container: keys go in, output comes out, signals are passed on.
 */
#pragma once
#include "engine/container.h"

struct stream {
	const struct engine *engine;
	const struct engine_container *container;
	struct arena *arena;
	int attach;              /* a connection to the monitor that has said hello */
	bool terminal;           /* the container has one */
	bool input;              /* ours is passed on */
	bool proxy;              /* signals are passed on */
	bool until_gone;         /* --rm: stays until the container is removed */
	const char *detach_keys; /* NULL: "ctrl-p,ctrl-q" */
};

/* Stays until the container ends or the detach keys are typed (*@detached). *@code is how it
 * ended. */
[[nodiscard]] struct err *stream_run(const struct stream *s, int *code, bool *detached);

/* "ctrl-p,ctrl-q" as bytes; ERR_USAGE for what is no key. */
[[nodiscard]] struct err *stream_keys(const char *text, unsigned char *out, size_t room, size_t *n);
