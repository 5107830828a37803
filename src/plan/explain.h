/*
 * explain.h - a launch told to people and programs, from the plans that will be executed.
 *
 * Both halves appear in one list, in an order in which they can run (plan/handshake.h), numbered
 * from 1. The plans have been proved to meet; those that do not are told as far as they go.
 */
#pragma once
#include "plan/plan.h"

struct explain_request {
	const struct launch_plan *plan;
	const char *id;          /* the container's name */
	const char *bundle;      /* absolute; for the state that hooks read */
	const char *oci_version; /* the same */
	const char *annotations; /* the same: a JSON object, or NULL */
};

/*
 * For reading: each operation with its purpose, its side, the kernel's calls with their arguments
 * by name, and the command that does the same.
 */
void plan_text(const struct explain_request *r, struct buf *out);

/*
 * For programs: a list of objects with the members number, side ("parent", "child"), operation,
 * title, why, mayFail, arguments (an object: names as in op.h), calls (a list of texts), shell.
 */
void plan_json(const struct explain_request *r, struct buf *out);

/*
 * A script for a POSIX shell that builds the same container by hand: run as root, with util-linux
 * (2.38), iproute2 and coreutils. It ends as the container's command ends, and removes what it
 * made. What no command can do (a system call filter, a device filter of v2) it leaves out, and
 * says so in its place.
 */
void plan_script(const struct explain_request *r, struct buf *out);
