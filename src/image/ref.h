/*
 * ref.h - the grammar of image references: "web", "web:2", "example.org:5000/team/web@sha256:...".
 *
 * Short names are completed as Docker does: no host is docker.io, a single word there is
 * library/word, no tag is "latest". Lists show the short form again.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* A complete reference. Texts are an arena's. */
struct ref {
	const char *domain; /* "docker.io" */
	const char *path;   /* "library/web" */
	const char *tag;    /* NULL if only a digest was given */
	const char *digest; /* or NULL */
};

/* Reads a reference as people write it. */
[[nodiscard]] struct err *ref_parse(struct str text, struct arena *a, struct ref *out);

/* "docker.io/library/web:latest": what the store calls an image. The digest is not part of it. */
const char *ref_name(const struct ref *r, struct arena *a);

/* The repository as people know it: "web", "team/web", "example.org/web". */
const char *ref_short(const struct ref *r, struct arena *a);
