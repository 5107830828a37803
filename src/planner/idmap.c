#include "planner/idmap.h"
#include "base/buf.h"
#include "spec/spec.h"

bool idmap_to_host(const struct list *map, int64_t id, uint32_t *out)
{
	for (list_each(const struct spec_idmap, r, *map)) {
		if (id < r->container || id >= r->container + r->size)
			continue;
		*out = (uint32_t)(r->host + (id - r->container));
		return true;
	}
	return false;
}

const char *idmap_text(const struct list *map, struct arena *a)
{
	cleanup(buf_done) struct buf text = {};
	for (list_each(const struct spec_idmap, r, *map))
		buf_add(&text, "%lld %lld %lld\n", (long long)r->container, (long long)r->host,
			(long long)r->size);
	return arena_str(a, str_of(buf_text(&text)));
}
