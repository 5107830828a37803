/* show_state.h - what `state` and `list` tell of a container. */
#pragma once
#include "base/json_write.h"
#include "runtime/container.h"

struct shown {
	const char *oci_version, *id, *status, *bundle, *rootfs, *created, *owner;
	int64_t pid; /* 0 unless it has a process */
	struct text_map annotations;
};

/* Asks the kernel and fills @out; the texts are the container's. The owner stays empty. */
[[nodiscard]] struct err *shown_of(const struct container *c, struct shown *out);

/* Writes it as an object, with the members of runc and in their order. */
void shown_write(const struct shown *s, struct json_writer *w);

/* The name of user @uid, from /etc/passwd; the number as text if there is none. */
const char *shown_owner(int64_t uid, struct arena *a);
