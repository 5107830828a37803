/*
 * ns.h - the kinds of namespaces: their names in config.json, in /proc/<pid>/ns and in clone(2).
 */
#pragma once
#include "base/str.h"
#include <stddef.h>
#include <stdint.h>

struct ns_kind {
	const char *type;   /* config.json: "network" */
	const char *proc;   /* /proc/<pid>/ns: "net" */
	uint64_t flag;      /* CLONE_NEWNET */
	const char *why;    /* what a new one is good for: "own network" */
	const char *shared; /* what joining another's means: "another's network" */
};

enum { NS_KINDS = 8 };
extern const struct ns_kind ns_kinds[NS_KINDS];

/* The kind called @type in config.json, or NULL. */
const struct ns_kind *ns_by_type(const char *type);
/* The kind with that CLONE_NEW* flag, or NULL. */
const struct ns_kind *ns_by_flag(uint64_t flag);
