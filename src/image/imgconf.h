/*
 * imgconf.h - an image's configuration, by schema: what a container of it runs, and how the image
 * came about. Source: the OCI image specification, config.md, and Docker's additions to it.
 */
#pragma once
#include "base/decode.h"
#include "base/encode.h"

/* A member of an object whose values say nothing: {"80/tcp": {}}. */
struct imgconf_key {
	const char *name;
};

/* "Healthcheck"; times are nanoseconds. */
struct imgconf_health {
	bool present;
	struct text_list test; /* "NONE"; "CMD", ...; "CMD-SHELL", line */
	int64_t interval, timeout, start_period, start_interval, retries;
};

/* "config": defaults of containers. */
struct imgconf_run {
	const char *user, *working_dir, *stop_signal;
	struct text_list env, entrypoint, cmd, shell, on_build;
	struct text_map labels;
	struct list exposed_ports, volumes; /* of struct imgconf_key */
	struct imgconf_health health;
	bool args_escaped;
};

struct imgconf_history {
	const char *created, *created_by, *author, *comment;
	bool empty_layer;
};

struct imgconf_rootfs {
	const char *type; /* "layers" */
	struct text_list diff_ids;
};

struct imgconf {
	const char *created, *author, *architecture, *variant, *os, *os_version;
	struct imgconf_run config;
	struct imgconf_rootfs rootfs;
	struct list history; /* of struct imgconf_history, the oldest first */
};

/* The same tables read and write. */
extern const struct schema imgconf_schema, imgconf_run_schema;

/* Reads and checks: layers of a type that is known, digests that are digests. The texts are the
 * arena's. */
[[nodiscard]] struct err *imgconf_read(struct str text, struct arena *a, struct imgconf *out);
