#include "cli/commands.h"
#include "cli/images.h"
#include "image/transfer.h"
#include <fcntl.h>

struct save_args {
	const char *output;
};

/* By name, an image is saved under that name; by id, under none, as Docker does. */
static struct err *choose(
	const struct image_store *s, const char *text, struct arena *a, struct image_export *out)
{
	struct image *image = anew(a, struct image, 1);
	struct err *e = image_find(s, text, a, image);
	if (e)
		return e;
	*out = (struct image_export){ .image = image };
	struct ref r = {};
	e = ref_parse(str_of(text), a, &r);
	const char *name = e || r.digest ? NULL : ref_name(&r, a);
	err_free(&e);
	for (size_t i = 0; name && i < image->names.n; i++)
		if (strcmp(image->names.items[i], name) == 0)
			text_list_add(&out->names, a, name);
	return NULL;
}

/* Names of one image go together. */
static void add_export(struct list *exports, struct arena *a, const struct image_export *x)
{
	struct image_export *all = exports->items;
	for (size_t i = 0; i < exports->n; i++) {
		if (strcmp(all[i].image->digest, x->image->digest) != 0)
			continue;
		for (size_t k = 0; k < x->names.n; k++)
			text_list_add(&all[i].names, a, x->names.items[k]);
		return;
	}
	all[exports->n++] = *x;
}

static struct err *save_to(
	const struct image_store *s, const struct list *exports, const char *path, struct arena *a)
{
	if (!path)
		return image_save(s, exports, STDOUT_FILENO, a);
	const char *beside = arena_fmt(a, "%s.part", path);
	cleanup(fd_close) struct fd file =
		fd_own(open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	if (!fd_valid(file))
		return err_sys(errno, "create %s", path);
	struct err *e = image_save(s, exports, fd_num(file), a);
	if (!e && rename(beside, path) < 0)
		e = err_sys(errno, "rename %s", beside);
	if (e)
		unlink(beside);
	return e;
}

static struct err *run(struct cmd_call *call)
{
	const struct save_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	struct list exports = { anew(call->arena, struct image_export, (size_t)call->n_operands),
		0 };
	if (!args->output && isatty(STDOUT_FILENO))
		return err_new(ERR_USAGE,
			"cowardly refusing to save to a terminal. Use the -o flag or redirect");
	struct err *e = images_open(call, &store);
	for (int i = 0; !e && i < call->n_operands; i++) {
		struct image_export one;
		e = choose(&store, call->operands[i], call->arena, &one);
		if (!e)
			add_export(&exports, call->arena, &one);
	}
	return e ? e : save_to(&store, &exports, args->output, call->arena);
}

static const struct opt options[] = {
	{ "output", 'o', OPT_TEXT, offsetof(struct save_args, output), "file",
		"write to a file instead of standard output" },
};

#define SAVE(word)                                                                                 \
	{                                                                                          \
		.name = word, .operands = "image...", .summary = "Save images to an archive",      \
		OPTS(struct save_args, options), .run = run, .failure = 1, .min = 1,               \
		.max = CMD_ANY, .complete = "images --format names",                               \
		.about = "The archive is an OCI layout and what `docker load` reads, at once.\n"   \
			 "The same images make the same archive, byte for byte.",                  \
	}
const struct cmd cmd_save = SAVE("save"), cmd_image_save = SAVE("save");
