/*
 * guard.h - the lock of one container: held by who changes it. Readers take none.
 */
#pragma once
#include "engine/find.h"

struct guard {
	struct fd dir; /* the container's directory; carries the lock */
};

/* Takes it and reads the container again, as it is now. ERR_NOT_FOUND if it is gone by then. */
[[nodiscard]] struct err *guard_take(
	const struct engine *e, struct engine_container *c, struct arena *a, struct guard *out);
void guard_release(struct guard *g);
