#include "cli/commands.h"
#include "cli/images.h"
#include <stdio.h>

/* --- exists --------------------------------------------------------------------------------- */

static struct err *exists(struct cmd_call *call)
{
	cleanup(image_store_close) struct image_store store = {};
	struct image image;
	struct err *e = images_open(call, &store);
	if (!e)
		e = image_find(&store, call->operands[0], call->arena, &image);
	if (!e || e->kind != ERR_NOT_FOUND)
		return e;
	err_free(&e);
	call->status = 1;
	return NULL;
}

static const struct cmd cmd_image_exists = {
	.name = "exists",
	.operands = "image",
	.summary = "Tell by the exit status whether there is an image",
	.min = 1,
	.max = 1,
	.complete = "images --format names",
	.run = exists,
	.failure = 1,
};

/* --- prune ---------------------------------------------------------------------------------- */

struct prune_args {
	bool all, force;
};

static bool confirmed(bool all)
{
	char answer[16] = "";
	fprintf(stderr, "WARNING! This will remove %s.\nAre you sure you want to continue? [y/N] ",
		all ? "all images without at least one container associated to them"
		    : "all dangling images");
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static void show_removed(const struct image_removal *r, struct arena *a, struct buf *out)
{
	if (r->untagged.n || r->deleted.n)
		buf_add(out, "Deleted Images:\n");
	for (size_t i = 0; i < r->untagged.n; i++)
		buf_add(out, "untagged: %s\n", r->untagged.items[i]);
	for (size_t i = 0; i < r->deleted.n; i++)
		buf_add(out, "deleted: %s\n", r->deleted.items[i]);
	buf_add(out, "%sTotal reclaimed space: %s\n", r->untagged.n || r->deleted.n ? "\n" : "",
		show_size(r->freed, a));
}

static struct err *prune(struct cmd_call *call)
{
	const struct prune_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	cleanup(buf_done) struct buf out = {};
	struct images_in_use use;
	struct image_removal done = {};
	if (!args->force && !confirmed(args->all))
		return NULL;
	struct err *e = images_open(call, &store);
	if (!e)
		e = images_in_use(&store, call->arena, &use);
	if (!e)
		e = image_prune(&store, args->all, &(struct image_users){ images_user, &use },
			call->arena, &done);
	if (e)
		return e;
	show_removed(&done, call->arena, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static const struct opt prune_options[] = {
	{ "all", 'a', OPT_FLAG, offsetof(struct prune_args, all), NULL,
		"remove all images that no container uses, not just those without a name" },
	{ "force", 'f', OPT_FLAG, offsetof(struct prune_args, force), NULL, "do not ask" },
};

static const struct cmd cmd_image_prune = {
	.name = "prune",
	.summary = "Remove images that are not used",
	OPTS(struct prune_args, prune_options),
	.run = prune,
	.failure = 1,
};

/* --- the group ------------------------------------------------------------------------------ */

static const struct cmd *const subs[] = {
	&cmd_image_ls,
	&cmd_image_inspect,
	&cmd_image_history,
	&cmd_image_load,
	&cmd_image_save,
	&cmd_image_import,
	&cmd_image_tag,
	&cmd_image_rm,
	&cmd_image_prune,
	&cmd_image_exists,
};

const struct cmd cmd_image = {
	.name = "image",
	.summary = "Manage images",
	SUBS(subs),
};
