/* health.h - what a container's monitor has found out by its health check. */
#pragma once
#include "base/json_write.h"
#include "engine/find.h"

/* "starting", "healthy", "unhealthy"; "none" without a health check. */
const char *health_status(const struct engine_container *c, struct arena *a);

/* Writes it as the member "Health"; without a health check one for templates alone, null, so that
 * they may ask whether there is one. */
void health_write(struct json_writer *w, const struct engine_container *c, struct arena *a);
