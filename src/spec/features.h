/*
 * features.h - what this runtime supports, as the document that `features` prints: written from the
 * same tables it works by. Source: OCI runtime-spec 1.3, features.md and features-linux.md.
 */
#pragma once
#include "base/json_write.h"

/* Appends the document and a line break. Asks the kernel for what depends on it: the flags of
 * seccomp filters. */
void features_write(enum json_style style, struct buf *out);
