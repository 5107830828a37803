/*
 * unit.h - what is asked of systemd about one unit.
 */
#pragma once
#include "systemd/bus.h"
#include "systemd/request.h"

/* Makes the transient unit of @r, with process @pid in it if it is a scope, and waits until it
 * is there. A failed one of that name is forgotten first. *@group, in the arena, is the control
 * group. */
[[nodiscard]] struct err *unit_start(
	struct bus *b, const struct request *r, pid_t pid, struct arena *a, const char **group);

/* Changes properties until the next boot. */
[[nodiscard]] struct err *unit_set(struct bus *b, const struct request *r);

/* Stops a unit, waits until that is done and forgets it if it failed; one that is gone is fine. */
[[nodiscard]] struct err *unit_stop(struct bus *b, const struct request *r);
