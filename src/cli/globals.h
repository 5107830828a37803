/* globals.h - options of the program itself, which every command may look at. */
#pragma once
#include "base/cmd.h"
#include "engine/container.h"

struct globals {
	bool version, systemd_cgroup;
	const char *root, *run_root;
};

/* Opens the engine as the program's options have it, and puts right what killed commands left. */
[[nodiscard]] struct err *globals_engine(struct cmd_call *call, struct engine *out);

/* Does something to each container that the operands name, and prints what they called it; goes on
 * after a failure. @about is the command's own. */
[[nodiscard]] struct err *globals_each(
	struct cmd_call *call, struct err *(*act)(const struct engine *e,
				       struct engine_container *c, struct cmd_call *call));

/* Prints text and a line break. */
[[nodiscard]] struct err *globals_print(const char *text);
