#include "cli/commands.h"
#include "cli/images.h"

struct rmi_args {
	bool force;
};

static struct err *say(const struct image_removal *r)
{
	cleanup(buf_done) struct buf out = {};
	for (size_t i = 0; i < r->untagged.n; i++)
		buf_add(&out, "Untagged: %s\n", r->untagged.items[i]);
	for (size_t i = 0; i < r->deleted.n; i++)
		buf_add(&out, "Deleted: %s\n", r->deleted.items[i]);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

/* With --force, what is not there is no failure. */
static struct err *remove_one(const struct image_store *s, const char *name, bool force,
	const struct image_users *users, struct arena *a)
{
	struct image_removal done = {};
	struct err *e = image_remove(s, name, force, users, a, &done);
	if (e && force && e->kind == ERR_NOT_FOUND)
		err_free(&e);
	return e ? e : say(&done);
}

static struct err *run(struct cmd_call *call)
{
	const struct rmi_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	struct images_in_use use;
	struct err *e = images_open(call, &store);
	if (!e)
		e = images_in_use(&store, call->arena, &use);
	const struct image_users users = { images_user, &use };
	/* One that can't be removed doesn't keep the others. */
	for (int i = 0; i < call->n_operands && fd_valid(store.layers); i++) {
		struct err *one =
			remove_one(&store, call->operands[i], args->force, &users, call->arena);
		if (one && e) {
			err_print(e, stderr, "onggi");
			err_free(&e);
		}
		e = one ? one : e;
	}
	return e;
}

static const struct opt options[] = {
	{ "force", 'f', OPT_FLAG, offsetof(struct rmi_args, force), NULL,
		"remove all names of an id; leave an image in use without a name" },
};

#define RMI(word)                                                                                  \
	{                                                                                          \
		.name = word, .operands = "image...", .summary = "Remove images",                  \
		OPTS(struct rmi_args, options), .run = run, .failure = 1, .min = 1,                \
		.max = CMD_ANY, .complete = "images --format names",                               \
	}
const struct cmd cmd_rmi = RMI("rmi"), cmd_image_rm = RMI("rm");
