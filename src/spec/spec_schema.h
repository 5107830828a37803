/*
 * spec_schema.h - the description of every member of struct spec, for decode() and encode().
 *
 * Ranges are those of the kernel interface that the number ends in, so that a value which the
 * kernel would cut off is refused with its place. Source: OCI runtime-spec 1.3.
 */
#pragma once
#include "base/decode.h"

/* struct spec (spec.c). */
extern const struct schema spec_schema;
/* struct spec_hooks (spec.c). */
extern const struct schema spec_hooks_schema;
/* struct spec_process (spec_process.c). */
extern const struct schema spec_process_schema;
/* struct spec_linux (spec_linux.c). */
extern const struct schema spec_linux_schema;
/* struct spec_resources (spec_resources.c). */
extern const struct schema spec_resources_schema;
/* struct spec_seccomp (spec_seccomp.c); a profile in a file of its own has this form too. */
extern const struct schema spec_seccomp_schema;
/* struct spec_idmap (spec_linux.c). */
extern const struct schema spec_idmap_schema;

/* Device numbers, as the kernel holds them: 12 and 20 bits. */
enum { MAJOR_MAX = 0xfff, MINOR_MAX = 0xfffff };

/* User and group ids: the highest number means "unchanged" to the kernel and is nobody's. */
#define ID_MAX (INT64_C(0xffffffff) - 1)
