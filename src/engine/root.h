/*
 * root.h - the root file system of a container, for who looks into it or launches it.
 *
 * In layers it is an overlay. The container's own is mounted in its mount namespace alone; a view
 * of one that doesn't run is a detached mount that ends with its descriptor.
 */
#pragma once
#include "engine/find.h"
#include "planner/launch_request.h"

/* The layers of @c as a launch wants them; NULL if its root is a plain directory. */
const struct launch_overlay *root_overlay(const struct engine_container *c, struct arena *a);

/* Makes the directories that the overlay needs. */
[[nodiscard]] struct err *root_make(const struct engine_container *c);

/* Opens the root directory: of a running one as it sees it, else a view of the layers, which is
 * read-only unless @writable. */
[[nodiscard]] struct err *root_open(
	const struct engine_container *c, bool writable, struct arena *a, struct fd *out);
