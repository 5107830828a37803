/*
 * script.h - a script under construction: its parts, and how the child's half is cut.
 *
 * The parent's half is the script itself. The child's half is a chain of shells in one process: a
 * shell can't change its namespaces, but it can execute nsenter(1) or unshare(1), which execute the
 * next shell. Each shell reads a piece, a file of its own. What a process can only do to itself
 * (identity, capabilities, limits) is a chain of tools, too, behind which stands the last shell.
 * That one has nothing left to do but to wait until the root has been changed, which the parent's
 * half does, as the tools lie in the old root; and to execute the command.
 *
 * So the order is that of the plans, but: host trees are mounted where the child has mounts of its
 * own; ids are mapped in a namespace that is made beforehand; pivoting comes last.
 */
#pragma once
#include "plan/explain.h"
#include "plan/handshake.h"
#include "plan/shell.h"

/* script.sh: what both halves use. */
extern const char script_functions[];

struct script {
	const struct explain_request *request;
	struct shell shell;
	size_t number; /* of the operation that is being told */
	/* The parent's half: before the process is made; while that waits for its id maps; when its
	 * number is known. */
	struct buf ahead, maps, after;
	struct buf trees;              /* host trees, which the child mounts */
	struct buf child;              /* the child's pieces, as here documents */
	struct buf last;               /* the last shell */
	struct buf tools[SHELL_TOOLS]; /* their arguments, before the last shell */
	const struct op *exec;
	bool placed;   /* the child's plan is past its pivot */
	bool changing; /* and the last shell waits to be told that it has happened */

	/* Of the pieces. */
	const char *end;     /* the line that ends each; no other line of theirs is like it */
	size_t piece;        /* the number of the one being written */
	size_t entries_left; /* operations that change namespaces still to come */
	bool trees_mounted;
	/* The change of namespaces that is being collected: arguments of nsenter, CLONE_NEW*. */
	struct buf join;
	struct buf clocks; /* arguments of unshare */
	uint64_t make;
	bool forks, enters_userns, makes_userns;
};

/* Appends a comment that begins with @first, of several lines where it is long. */
void script_text(const char *first, const char *text, struct buf *out);
/* Makes blanks of the line ends that a document's texts may hold: they would end a comment. */
void script_flatten(struct buf *b);
/* Tells one operation, in the part where it belongs. */
void script_step(struct script *s, const struct turn *turn);

/* Tells the last shell that the root has been changed, if that has just been done. */
void script_settle(struct script *s);

/* True for the operations that change the process's namespaces, OP_CLONE included. */
bool piece_is_entry(enum op_kind kind);
/* Begins with the first piece. */
void piece_first(struct script *s);
/* Collects an operation that changes namespaces. */
void piece_enter(struct script *s, const struct op *op);
/* Makes the collected change, if there is one: ends the piece and begins the next. To be called
 * before anything that has to be done with the new namespaces. */
void piece_arrive(struct script *s);
/* Mounts the host trees, once. */
void piece_mount_trees(struct script *s);
/* Ends the last piece with the chain of tools and the last shell. */
void piece_end(struct script *s);
