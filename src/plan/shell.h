/*
 * shell.h - operations as commands that a person would type: util-linux, iproute2, coreutils.
 *
 * Three kinds of rows. Most operations are commands of their own. What a process can only do to
 * itself (identity, limits, namespaces) is done by a tool that then executes the next one:
 * `setpriv --reuid 1000 COMMAND`. And some cannot be done from a shell, or need not be: for these
 * there is a sentence that says so.
 *
 * The texts use variables of the script (plan/script.h): $root is the root file system, $work a
 * directory for what is prepared, $pid the container's process; and in scripts its functions.
 */
#pragma once
#include "plan/plan.h"

/* Tools that execute what follows them, in the order in which a script chains them. */
enum shell_tool {
	TOOL_NONE,
	TOOL_NSENTER,
	TOOL_UNSHARE,
	TOOL_SETSID,
	TOOL_CHRT,
	TOOL_IONICE,
	TOOL_TASKSET,
	TOOL_SETARCH,
	TOOL_PRLIMIT,
	TOOL_SETPRIV,
	TOOL_ENV,
	SHELL_TOOLS,
};

struct shell {
	const struct launch_plan *plan; /* where slots are looked up; NULL: they stay names */
	bool script; /* paths beneath the root go through the script's functions */
};

/* The tool that does @kind; TOOL_NONE for commands and sentences. */
enum shell_tool shell_tool_of(enum op_kind kind);
/* Its command name. */
const char *shell_tool_name(enum shell_tool tool);
/* Why no command does @kind; NULL if one does. */
const char *shell_note(enum op_kind kind);

/* Appends the commands of @op, a line each; or the tool's arguments, separated by blanks. Nothing
 * for an operation with a note. */
void shell_add(const struct shell *s, const struct op *op, struct buf *out);

/* The same for reading one operation alone: "setpriv --reuid 1000 COMMAND", "# note". */
void shell_show(const struct shell *s, const struct op *op, struct buf *out);

/* Appends @text as one word of a shell, quoted where it has to be. */
void shell_quote(const char *text, struct buf *out);
/* A path beneath the container's root, as a word: "$root/tmp". */
void shell_inside(const struct shell *s, const char *path, struct buf *out);
/* What stands for a descriptor, as a word: the path that was opened, or where it is prepared. */
void shell_slot(const struct shell *s, int slot, struct buf *out);
/* MOUNT_ATTR_* as options of mount(8): "ro,nosuid". */
void shell_attrs(uint64_t set, uint64_t clear, struct buf *out);
/* Appends each of @words, which may be NULL, with a blank before it. */
void shell_words(const char *const *words, struct buf *out);
/* True if the plan gives the container a terminal. */
bool shell_has_terminal(const struct shell *s);
/* True for the OP_PROC_WRITE that sets the clocks of a new time namespace; its arguments for
 * unshare(1), each with a blank before it. unshare knows whole seconds only. */
bool shell_sets_clocks(const struct op *op);
void shell_clocks(const struct op *op, struct buf *out);
