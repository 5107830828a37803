/* An annotation's property name, then its value: what systemd's helper is asked then is one line,
 * and the helper reads that line as what was meant. */
#include "base/buf.h"
#include "fuzz.h"
#include "spec/scope_annotation.h"
#include "systemd/request.h"

static void read_back(const char *property, struct arena *a)
{
	struct request r;
	const char *text = arena_fmt(a, "start x.scope\nproperty %s\n", property);
	cleanup(err_free) struct err *e = request_parse(str_of(text), a, &r);
	HOLDS(!e && r.properties.n == 1 && !strchr(property, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct str value = { (const char *)data, n }, name = str_cut(&value, '\n');
	const char *key = arena_fmt(&a, "org.systemd.property." STR_FMT, STR_ARG(name));
	const char *property = NULL;
	struct request r;
	cleanup(err_free) struct err *e =
		scope_annotation(key, arena_str(&a, value), &a, &property);
	if (!e && property)
		read_back(property, &a);
	cleanup(err_free) struct err *f =
		request_parse((struct str){ (const char *)data, n }, &a, &r);
	return 0;
}
