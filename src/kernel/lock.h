/*
 * lock.h - advisory locks on files and directories: flock(2).
 *
 * A lock belongs to an open file description: it is gone when the last descriptor of it is closed,
 * also by the death of the process. Programs that are executed don't inherit it, as all descriptors
 * of ours close on exec.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>

/* Locks @fd (no O_PATH) exclusively. Waits up to @milliseconds; 0 does not wait, -1 waits for
 * ever. *@taken says whether it is ours now. */
[[nodiscard]] struct err *lock_take(int fd, int milliseconds, bool *taken);

/* Gives the lock up before its descriptor is closed. */
void lock_release(int fd);
