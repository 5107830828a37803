/*
 * world_test.h - for tests: a kernel that pretends, in which every slot holds a descriptor and
 * every file is what the operations of plan/samples.h expect.
 */
#pragma once
#include "base/test.h"
#include "child/child.h"
#include "kernel/sys_fake.h"
#include "plan/plan.h"

enum { WORLD_SLOTS = SLOT_FREE + 8, WORLD_FDS = 400 };

struct world {
	struct sys front; /* what operations run on: counts, then asks @fake */
	struct sys_fake fake;
	struct buf log;
	int slots[WORLD_SLOTS];   /* slot i holds 10 + i */
	bool open[WORLD_FDS];     /* descriptors that are open */
	enum sys_call calls[400]; /* those made, in order */
	int n_calls;
	uint16_t mode; /* what statx() says of every file ... */
	uint32_t major, minor;
	long file_system;     /* ... and fstatfs() */
	char stage;           /* what arrives on sockets: MESSAGE_STAGE with this stage */
	uint8_t message;      /* or this kind of message */
	const char *missing;  /* a path that openat2() does not find */
	const char *link;     /* what readlinkat() says; NULL: it is no link */
	const char *text;     /* what read() returns first, instead of a message */
	int connections_lost; /* so many connections send nothing */
	long clone;           /* what clone3() returns */
};

/* A world in which an operation of @kind works as in plan/samples.h. */
void world_make(struct world *w, enum op_kind kind);
/* Executes one operation. */
struct fault world_run(struct world *w, const struct op *op);
/* Ends the test if a descriptor is open that no slot holds, or a slot holds one that is closed. */
void world_check_descriptors(const struct world *w);
/* Releases the log. */
void world_done(struct world *w);
