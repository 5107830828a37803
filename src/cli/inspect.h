/* inspect.h - a container in the shape in which Docker's `inspect` has it: scripts read it. */
#pragma once
#include "base/json_write.h"
#include "engine/find.h"

/* Writes the members of its object. What has no meaning here is there and empty. */
void inspect_container(struct json_writer *w, const struct engine *e,
	const struct engine_container *c, struct arena *a);
