#include "oci/commands.h"
#include "oci/globals.h"

struct delete_args {
	bool force;
};

static struct err *delete_container(struct cmd_call *call)
{
	const struct delete_args *args = call->args;
	cleanup(state_root_close) struct state_root root = {};
	struct err *e = globals_root(call, false, &root);
	return e ? e : container_delete(&root, call->operands[0], args->force, call->arena);
}

static const struct opt options[] = {
	{ "force", 'f', OPT_FLAG, offsetof(struct delete_args, force), NULL,
		"kill it first if it runs; remove what is left of a damaged one; one that is not "
		"there is fine" },
};

const struct cmd cmd_delete = {
	.name = "delete",
	.operands = "container",
	.summary = "Remove a container and everything its creation made",
	OPTS(struct delete_args, options),
	.min = 1,
	.max = 1,
	.run = delete_container,
	.complete = "list --quiet",
};
