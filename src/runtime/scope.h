/*
 * scope.h - a container's group kept by systemd: a transient scope unit.
 *
 * D-Bus lives in a program of its own, onggi-systemd; this is the runtime's side. A scope needs a
 * process to begin with and ends with its last one, so the helper puts itself into it and stays
 * until scope_release(): by then the container must be inside. Every call ends within a deadline,
 *even if systemd or the bus hangs.
 *
 * One request a process, lines of text on standard input, ended by an empty line; the first line
 * names the request, the following ones "key value":
 *
 *	start onggi-web.scope              set ...                   stop onggi-web.scope
 *	user 1                             user 0
 *	seconds 10
 *	slice system.slice                 property MemoryMax=t 1048576
 *	description onggi container web
 *	property MemoryMax=t 1048576
 *
 * A property is NAME=TYPE VALUE with the type of D-Bus: b, i, u, t, s, or "as", "ay", "a(st)",
 * "a(ss)", whose items are separated by blanks. The answer is one line: "ok /system.slice/..." with
 * the unit's control group, or "error KIND TEXT" with the kind of
 * error: system, usage, not-found, conflict, denied.
 */
#pragma once
#include "base/err.h"
#include "base/fd.h"
#include <stdbool.h>
#include <sys/types.h>

struct scope_order {
	const char *unit, *slice, *description;
	const char *const *properties; /* NULL-terminated, or NULL */
	const char *path;              /* where the plan expects it; elsewhere is an error */
	bool user;                     /* the user's systemd */
	int seconds;                   /* the deadline; 0: 10 */
};

/* The placeholder in a scope under construction; zeroed: none. */
struct scope {
	pid_t helper;
	struct fd input;
};

/* Makes the scope. A failed unit of the same name that systemd still remembers is forgotten first.
 */
[[nodiscard]] struct err *scope_start(const struct scope_order *o, struct scope *out);

/* Lets the placeholder go, once the container is inside or when it will never be. Fits cleanup().
 */
void scope_release(struct scope *s);

/* Changes properties of a unit at run time. */
[[nodiscard]] struct err *scope_set(const char *unit, bool user, const char *const *properties);

/* Stops a unit, kills what is in it and makes systemd forget it; one that is gone is fine. */
[[nodiscard]] struct err *scope_stop(const char *unit, bool user);
