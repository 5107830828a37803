#include "cli/commands.h"
#include "cli/images.h"
#include "image/transfer.h"
#include <fcntl.h>

struct import_args {
	struct text_list changes;
	const char *message;
};

static struct err *run(struct cmd_call *call)
{
	const struct import_args *args = call->args;
	const char *path = call->operands[0];
	cleanup(image_store_close) struct image_store store = {};
	cleanup(fd_close) struct fd file = {};
	struct image image;
	bool piped = strcmp(path, "-") == 0;
	if (strstr(path, "://"))
		return err_hint(err_new(ERR_USAGE, "import from a URL is not supported"),
			"pipe it in: curl URL | onggi import - NAME");
	struct err *e = piped ? NULL : fd_open(&file, AT_FDCWD, path, O_RDONLY);
	struct import_request request = { .fd = piped ? STDIN_FILENO : fd_num(file),
		.name = call->operands[1],
		.message = args->message,
		.changes = args->changes,
		.source = path };
	if (!e)
		e = images_open(call, &store);
	if (!e)
		e = image_import(&store, &request, call->arena, &image);
	if (e)
		return err_wrap(e, "import");
	const char *line = arena_fmt(call->arena, "%s\n", image.id);
	return fd_write_all(STDOUT_FILENO, line, strlen(line));
}

static const struct opt options[] = {
	{ "change", 'c', OPT_TEXTS, offsetof(struct import_args, changes), "instruction",
		"apply a Dockerfile instruction to the image" },
	{ "message", 'm', OPT_TEXT, offsetof(struct import_args, message), "text",
		"message for the image's history" },
};

#define IMPORT(word)                                                                               \
	{                                                                                          \
		.name = word, .operands = "file|- [name]",                                         \
		.summary = "Make an image of a root file system",                                  \
		OPTS(struct import_args, options), .run = run, .failure = 1, .min = 1, .max = 2,   \
		.about = "The root file system is a tar archive, plain or compressed with gzip,\n" \
			 "zstd, xz or bzip2; - is standard input.",                                \
	}
const struct cmd cmd_import = IMPORT("import"), cmd_image_import = IMPORT("import");
