/* The words of a mount, separated by commas. */
#include "spec/mount_opts.h"
#include "fuzz.h"
#include "kernel/compat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct str rest = { (const char *)data, n };
	struct text_list words = { anew(&a, const char *, n + 2), 0 };
	while (rest.n)
		words.items[words.n++] = arena_str(&a, str_cut(&rest, ','));
	struct mount_opts o = {};
	struct text_list known;
	mount_opts_words(&a, &known);
	cleanup(err_free) struct err *e = mount_opts_parse(&words, &a, &o);
	if (e)
		return 0;
	(void)mount_opts_has(&o, "mode");
	HOLDS(!(o.set & o.clear & ~(uint64_t)MOUNT_ATTR__ATIME) &&
		o.params.n + o.idle.n <= words.n + 4);
	for (size_t i = 0; i < o.params.n; i++)
		HOLDS(strlen(o.params.items[i]) > 0 && !strchr(o.params.items[i], ','));
	return 0;
}
