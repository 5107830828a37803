/*
 * profile.h - the spec that `onggi-runtime spec` writes: a shell on a terminal with little beyond
 * what it needs. It has the content that users of runc know, so that it can be edited by the same
 * recipes.
 */
#pragma once
#include "spec/spec.h"
#include <sys/types.h>

struct profile_request {
	bool cgroup_v2; /* a control group namespace of its own as well */
	bool rootless;  /* for a user without root: a user namespace, and nothing that needs more */
	uid_t uid;      /* with rootless: who becomes root inside */
	gid_t gid;
};

/* The versions of the OCI runtime specification that are understood; the newest is written. */
#define SPEC_VERSION_MIN "1.0.0"
#define SPEC_VERSION_MAX "1.3.0"

/* The default spec. */
void profile_spec(const struct profile_request *r, struct arena *a, struct spec *out);

/* The same as the text of a config.json. */
void profile_write(const struct profile_request *r, struct buf *out);
