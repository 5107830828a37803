/*
 * document.h - the state document that hooks and seccomp listeners get.
 * Source: OCI runtime-spec, runtime.md "State" and config-linux.md "Container Process State".
 */
#pragma once
#include "base/buf.h"
#include "base/list.h"
#include <sys/types.h>

struct document {
	const char *oci_version, *id, *status, *bundle;
	pid_t pid; /* 0 leaves it out */
	const struct text_map *annotations;
};

/* Appends it as JSON. */
void document_write(const struct document *d, struct buf *out);
