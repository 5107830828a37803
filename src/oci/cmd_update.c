#include "kernel/file.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "runtime/update.h"
#include <fcntl.h>

struct update_args {
	const char *file, *l3_cache, *mem_bw;
	struct spec_resources resources;
	struct opt_int gone;
};

static struct err *read_file(const char *path, struct arena *a, struct spec_resources *out)
{
	cleanup(buf_done) struct buf text = {};
	bool stdin_wanted = strcmp(path, "-") == 0;
	struct err *e = file_read(AT_FDCWD, stdin_wanted ? "/dev/stdin" : path, 1 << 20, &text);
	const char *name = stdin_wanted ? "standard input" : path;
	if (!e)
		e = spec_parse_resources(buf_text(&text), text.n, name, a, out);
	return e ? err_wrap(e, "--resources") : NULL;
}

static struct err *update(struct cmd_call *call)
{
	const struct update_args *args = call->args;
	cleanup(chosen_close) struct chosen c = {};
	struct spec_resources resources = args->resources;
	struct err *e = args->file ? read_file(args->file, call->arena, &resources) : NULL;
	if (!e)
		e = chosen_open(call, true, &c);
	if (!e)
		e = container_update(&c.container, &resources, call->arena);
	if (e || args->file)
		return e;
	return container_update_rdt(&c.container, args->l3_cache, args->mem_bw, call->arena);
}

#define GONE       "Linux has no such limit any more"
#define AT(member) offsetof(struct update_args, member)
static const struct opt options[] = {
	{ "resources", 'r', OPT_TEXT, AT(file), "file",
		"JSON with the limits, as in linux.resources; - reads standard input. The other "
		"flags are not looked at then" },
	{ "blkio-weight", 0, OPT_MAYBE_INT, AT(resources.block_io.weight), "weight",
		"share of disk time, from 10 to 1000" },
	{ "cpu-period", 0, OPT_MAYBE_INT, AT(resources.cpu.period), "us",
		"the time in which the quota may be used" },
	{ "cpu-quota", 0, OPT_MAYBE_INT, AT(resources.cpu.quota), "us",
		"processor time in each period; -1 for no limit" },
	{ "cpu-burst", 0, OPT_MAYBE_INT, AT(resources.cpu.burst), "us",
		"unused processor time that may be kept for later" },
	{ "cpu-share", 0, OPT_MAYBE_INT, AT(resources.cpu.shares), "shares",
		"weight against other containers" },
	{ "cpu-rt-period", 0, OPT_MAYBE_INT, AT(resources.cpu.realtime_period), "us",
		"period of the real-time quota (v1)" },
	{ "cpu-rt-runtime", 0, OPT_MAYBE_INT, AT(resources.cpu.realtime_runtime), "us",
		"real-time quota in each period (v1)" },
	{ "cpu-idle", 0, OPT_MAYBE_INT, AT(resources.cpu.idle), "0|1",
		"run only when nothing else wants to" },
	{ "cpuset-cpus", 0, OPT_TEXT, AT(resources.cpu.cpus), "list", "processors: 0-2,5" },
	{ "cpuset-mems", 0, OPT_TEXT, AT(resources.cpu.mems), "list", "memory nodes" },
	{ "memory", 0, OPT_MAYBE_SIZE, AT(resources.memory.limit), "size",
		"memory; -1 for no limit" },
	{ "memory-reservation", 0, OPT_MAYBE_SIZE, AT(resources.memory.reservation), "size",
		"memory that is kept for it when memory is short" },
	{ "memory-swap", 0, OPT_MAYBE_SIZE, AT(resources.memory.swap), "size",
		"memory and swap together; -1 for no limit" },
	{ "kernel-memory", 0, OPT_MAYBE_SIZE, AT(gone), "size", "kernel memory", .ignored = GONE },
	{ "kernel-memory-tcp", 0, OPT_MAYBE_SIZE, AT(gone), "size", "memory of TCP buffers",
		.ignored = GONE },
	{ "pids-limit", 0, OPT_MAYBE_INT, AT(resources.pids_limit), "number",
		"processes and threads; -1 for no limit" },
	{ "l3-cache-schema", 0, OPT_TEXT, AT(l3_cache), "schema", "Intel RDT: the level 3 cache" },
	{ "mem-bw-schema", 0, OPT_TEXT, AT(mem_bw), "schema", "Intel RDT: memory bandwidth" },
};

const struct cmd cmd_update = {
	.name = "update",
	.operands = "container",
	.summary = "Change the limits of a container",
	.about = "What is not given stays as it is.",
	OPTS(struct update_args, options),
	.min = 1,
	.max = 1,
	.run = update,
	.complete = "list --quiet",
};
