/* Cleaning a path is final, and what it says about "below" agrees with the components. */
#include "base/path.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	if (n && memchr(data, 0, n))
		return 0;
	struct str clean = str_of(path_clean(&a, (struct str){ (const char *)data, n }));
	HOLDS(clean.n && str_eq(str_of(path_clean(&a, clean)), clean));
	HOLDS((n && data[0] == '/') == (clean.p[0] == '/'));
	HOLDS(!strstr(clean.p, "//") && !strstr(clean.p, "/./"));
	HOLDS(clean.p[0] != '/' || !strstr(clean.p, "/../"));
	struct str dir = path_dir(clean), base = path_base(clean);
	HOLDS(dir.n && base.n && !path_is_below(clean, clean));
	HOLDS(clean.p[0] != '/' || clean.n == 1 || path_is_below(clean, dir));
	return 0;
}
