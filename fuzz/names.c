/* Texts that name something: settings, processors, ids, signals, capabilities. */
#include "base/bitlist.h"
#include "fuzz.h"
#include "kernel/cap.h"
#include "kernel/signal.h"
#include "runtime/state.h"
#include "spec/sysctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	const char *text = arena_str(&a, (struct str){ (const char *)data, n });
	const char *path = "";
	struct bytes mask = {};
	cleanup(err_free) struct err *e = sysctl_path(text, &a, &path);
	HOLDS(e || (strncmp(path, "sys/", 4) == 0 && !strstr(path, "//") && !strstr(path, "/../")));
	cleanup(err_free) struct err *h = sysctl_foreign(text, sysctl_owner(path));
	HOLDS(h);
	cleanup(err_free) struct err *f = bitlist_parse(str_of(text), &a, &mask);
	HOLDS(f || mask.n <= (BITLIST_MAX + 1) / 8);
	cleanup(err_free) struct err *g = state_check_id(text);
	HOLDS(g || (!strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0));
	HOLDS(signal_number(text) < 65 && cap_number(text) < 64);
	return 0;
}
