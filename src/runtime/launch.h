/*
 * launch.h - executes a launch: runs the parent's plan, makes the child, collects its fault.
 *
 * The child is a program of its own (src/child), kept inside this one and executed from a sealed
 * file in memory, so that nothing inside a container ever has the runtime's own file open. Its
 * plan travels in the same way. On any failure the child is killed and reaped; undoing the rest is
 * the caller's, by the record.
 */
#pragma once
#include "runtime/order.h"

/* Releases the descriptors; the process goes on. */
void launched_done(struct launched *l);

/* Runs both plans. Returns when the child waits at its gate, or has executed its command. */
[[nodiscard]] struct err *launch_run(const struct launch_order *r, struct launched *out);
