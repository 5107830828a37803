/*
 * start.h - lets a created container go on to its command.
 */
#pragma once
#include "runtime/state.h"

/* Lets a created container go on and returns when its command is executed: startContainer hooks
 * before, poststart hooks after; a failure of one ends the container. The caller holds the lock
 * and knows that it is created. */
[[nodiscard]] struct err *start_container(const struct state *s, struct arena *a);
