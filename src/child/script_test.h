/*
 * script_test.h - for tests: plans for the child program, of a few operations with what every plan
 * needs around them, that end with busybox running a line of shell.
 */
#pragma once
#include "child/launch_test.h"
#include <errno.h>
#include <string.h>

struct script {
	struct arena arena;
	struct plan_builder b;
	struct scene scene;
	uint64_t namespaces; /* for clone3: mount, pid, uts and ipc unless changed */
};

/* Begins with mounts of its own and the root. Skips the test where that can't be done. */
void script_begin(struct script *s);
/* Adds an operation. */
void script_add(struct script *s, struct op op);
/* Adds a procfs on /proc; an empty /dev with null and zero; only null and zero; the two masks. */
void script_proc(struct script *s);
void script_dev(struct script *s);
void script_null_and_zero(struct script *s);
void script_masks(struct script *s);
/* Makes a symbolic link in the root. */
void script_link(struct script *s, const char *text, const char *path);
/* Runs a shell on the host in the root's directory, to prepare it. */
void script_shell(struct script *s, const char *line);

/* Leaves the old root. */
void script_pivot(struct script *s);
/* Ends the plan with @shell as the command, and executes it. */
void script_exec(struct script *s, const char *shell);
/* Both. */
void script_finish(struct script *s, const char *shell);
/* Executes what has been added. */
void script_run(struct script *s);
/* What the shell wrote, and that it ended well. */
void script_check(struct script *s, const char *want);
/* That an operation of this kind failed so. */
void script_check_fault(struct script *s, enum op_kind kind, int num);
void script_end(struct script *s);
