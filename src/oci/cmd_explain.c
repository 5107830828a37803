#include "base/fd.h"
#include "base/json_write.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "plan/explain.h"

struct explain_args {
	const char *bundle, *config, *format;
	int64_t preserve_fds;
	bool no_pivot, no_new_keyring;
};

static const struct form {
	const char *name;
	void (*write)(const struct explain_request *r, struct buf *out);
} forms[] = {
	{ "text", plan_text },
	{ "json", plan_json },
	{ "sh", plan_script },
};

static const char *annotations_of(const struct text_map *map, struct buf *out)
{
	struct json_writer w = { .out = out, .style = JSON_COMPACT };
	json_open(&w, NULL, '{');
	for (size_t i = 0; i < map->n; i++)
		json_text(&w, map->items[i].key, map->items[i].value);
	json_close(&w, '}');
	return buf_text(out);
}

static struct err *print(
	const struct launch_options *o, const struct prepared *p, const char *format)
{
	cleanup(buf_done) struct buf out = {}, annotations = {};
	const struct explain_request r = { .plan = &p->plan,
		.id = o->id,
		.bundle = p->bundle,
		.oci_version = p->spec.oci_version,
		.annotations = annotations_of(&p->spec.annotations, &annotations) };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (strcmp(forms[i].name, format) == 0)
			forms[i].write(&r, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

/* The directory that `create` would make is only named: nothing is done here. */
static struct err *explain(struct cmd_call *call)
{
	const struct explain_args *args = call->args;
	const struct globals *g = call->global;
	cleanup(prepared_done) struct prepared p = {};
	const char *root = g->root;
	struct launch_options o = { .id = call->n_operands ? call->operands[0] : "example",
		.bundle = args->bundle,
		.config = args->config,
		.cgroup_manager = globals_cgroup_manager(g),
		.preserve_fds = (int)args->preserve_fds,
		.no_pivot = args->no_pivot,
		.no_new_keyring = args->no_new_keyring };
	struct err *e = state_check_id(o.id);
	if (!e && !root)
		e = state_default_root(call->arena, &root);
	if (!e)
		e = globals_absolute(call, root, &root);
	if (!e)
		e = globals_rootless(g, &o.rootless);
	o.state_dir = e ? NULL : arena_fmt(call->arena, "%s/%s", root, o.id);
	if (!e)
		e = prepare_launch(&o, call->arena, &p);
	return e ? e : print(&o, &p, args->format);
}

#define AT(member) offsetof(struct explain_args, member)
static const struct opt options[] = {
	{ "bundle", 'b', OPT_TEXT, AT(bundle), "dir", "directory with config.json and the root",
		.preset = "." },
	{ "config", 0, OPT_TEXT, AT(config), "file", "use this file instead of config.json" },
	{ "format", 'f', OPT_TEXT, AT(format), "form",
		"for reading, for programs, or as a script that does the same", .preset = "text",
		.words = "text json sh" },
	{ "no-pivot", 0, OPT_FLAG, AT(no_pivot), NULL, "as with create" },
	{ "no-new-keyring", 0, OPT_FLAG, AT(no_new_keyring), NULL, "as with create" },
	{ "preserve-fds", 0, OPT_INT, AT(preserve_fds), "number", "as with create" },
};

const struct cmd cmd_explain = {
	.name = "explain",
	.operands = "[container]",
	.summary = "Show what run would do, and do nothing",
	.about =
		"The list is the plan that run executes: every operation with its purpose, the\n"
		"system calls and a command that does the same. --format sh is a script that, run\n"
		"as root, builds the same container by hand.",
	OPTS(struct explain_args, options),
	.max = 1,
	.run = explain,
};
