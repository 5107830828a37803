#include "cli/globals.h"
#include <string.h>

struct err *globals_engine(struct cmd_call *call, struct engine *out)
{
	const struct globals *g = call->global;
	struct engine_options o = {
		.root = g->root, .run_root = g->run_root, .systemd_cgroup = g->systemd_cgroup
	};
	struct err *e = engine_open(&o, call->arena, out);
	return e ? e : container_recover_all(out, call->arena);
}

struct err *globals_print(const char *text)
{
	cleanup(buf_done) struct buf line = {};
	buf_add(&line, "%s\n", text);
	return fd_write_all(STDOUT_FILENO, line.p, line.n);
}

struct err *globals_each(
	struct cmd_call *call, struct err *(*act)(const struct engine *e,
				       struct engine_container *c, struct cmd_call *call))
{
	cleanup(engine_close) struct engine eng = {};
	struct err *bad = globals_engine(call, &eng), *last = NULL;
	if (bad)
		return bad;
	for (int i = 0; i < call->n_operands; i++) {
		struct engine_container c;
		bad = container_find(&eng, call->operands[i], call->arena, &c);
		if (!bad)
			bad = act(&eng, &c, call);
		if (!bad)
			bad = globals_print(call->operands[i]);
		if (bad && last)
			err_print(last, stderr, "onggi");
		if (bad)
			err_free(&last);
		last = bad ? bad : last;
	}
	return last;
}
