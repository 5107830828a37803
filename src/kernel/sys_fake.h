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
};

/* A fake that appends to @log, which must outlive it, and fails nothing until told to. */
struct sys_fake sys_fake(struct buf *log);
