#include "cli/commands.h"
#include "cli/images.h"
#include "image/transfer.h"
#include <fcntl.h>

struct load_args {
	const char *input;
	bool quiet;
};

static void show_loaded(const struct image *image, struct arena *a, struct buf *out)
{
	for (size_t i = 0; i < image->names.n; i++)
		buf_add(out, "Loaded image: %s\n", image_short_name(image->names.items[i], a));
	if (!image->names.n)
		buf_add(out, "Loaded image ID: %s\n", image->id);
}

static struct err *run(struct cmd_call *call)
{
	const struct load_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	cleanup(fd_close) struct fd file = {};
	cleanup(buf_done) struct buf out = {};
	struct list images = {};
	bool piped = !args->input || strcmp(args->input, "-") == 0;
	if (piped && isatty(STDIN_FILENO))
		return err_hint(err_new(ERR_USAGE, "requested load from stdin, but stdin is empty"),
			"name an archive: onggi load --input FILE");
	struct err *e = piped ? NULL : fd_open(&file, AT_FDCWD, args->input, O_RDONLY);
	if (!e)
		e = images_open(call, &store);
	if (!e)
		e = image_load(&store, piped ? STDIN_FILENO : fd_num(file), call->arena, &images);
	for (list_each(const struct image, image, images))
		show_loaded(image, call->arena, &out);
	struct err *unsaid = fd_write_all(STDOUT_FILENO, out.p, out.n);
	if (!e)
		return unsaid;
	err_free(&unsaid);
	return err_wrap(e, "load");
}

static const struct opt options[] = {
	{ "input", 'i', OPT_TEXT, offsetof(struct load_args, input), "file",
		"read the archive from a file instead of standard input" },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct load_args, quiet), NULL,
		"show no progress (there is none yet)" },
};

#define LOAD(word)                                                                                 \
	{                                                                                          \
		.name = word, .summary = "Load images from an archive",                            \
		OPTS(struct load_args, options), .run = run, .failure = 1,                         \
		.about = "Reads what `onggi save`, `docker save` and other tools write: docker\n"  \
			 "archives and OCI layouts as tar, of any compression.",                   \
	}
const struct cmd cmd_load = LOAD("load"), cmd_image_load = LOAD("load");
