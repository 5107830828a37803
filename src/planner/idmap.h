/* idmap.h - arithmetic on id maps: lists of struct spec_idmap. */
#pragma once
#include "base/arena.h"
#include "base/list.h"

/* The id outside that @id is inside; false if it is not mapped. */
bool idmap_to_host(const struct list *map, int64_t id, uint32_t *out);

/* The map as the kernel takes it: a line "inside outside count" for each range. */
const char *idmap_text(const struct list *map, struct arena *a);
