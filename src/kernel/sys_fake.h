/*
 * sys_fake.h - a kernel that does nothing: for tests of plans and of what happens when a call
 * fails.
 */
#pragma once
#include "base/buf.h"
#include "kernel/sys.h"

/* Records each call as one line, "openat2(5, \"dev/null\", ...)"; call number @fail_at (from 1; 0
 * for never) returns -@fail_with. Calls that make a descriptor return 100, 101, ... */
struct sys_fake {
	struct sys sys;
	struct buf *log; /* borrowed */
	int calls, fail_at, fail_with, next_fd;
	/* What the kernel would have written through pointers, and returned: @result is what the
	 * fake returns by itself. Not asked for a call that is to fail. NULL leaves all as it is.
	 */
	long (*answer)(void *ctx, enum sys_call call, const struct sys_args *args, long result);
	void *ctx; /* for @answer */
};

/* A fake that appends to @log, which must outlive it, and fails nothing until told to. */
struct sys_fake sys_fake(struct buf *log);
