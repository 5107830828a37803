#include "base/fd.h"
#include "cli/commands.h"
#include "cli/images.h"
#include "image/pack.h"
#include "image/transfer.h"
#include "kernel/tree.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

struct pack_args {
	const char *output, *tag;
	bool list;
};

/* "14 files", "6.2 MB": for people. */
static struct err *report(const struct packed *p, const struct pack_args *args)
{
	cleanup(buf_done) struct buf text = {};
	for (size_t i = 0; args->list && i < p->paths.n; i++)
		buf_add(&text, "%s\n", p->paths.items[i]);
	if (!args->list)
		buf_add(&text, "%s: %llu files, %.1f MB\n", args->output,
			(unsigned long long)p->files, (double)p->bytes / 1e6);
	return fd_write_all(STDOUT_FILENO, text.p, text.n);
}

static struct err *pack_into(struct cmd_call *call, const char *dir, struct packed *out)
{
	const char *path = getenv("PATH");
	struct pack_request request = { .path = path ? path : "/usr/sbin:/usr/bin:/sbin:/bin",
		.term = getenv("TERM"),
		.dir = dir };
	for (int i = 0; i < call->n_operands; i++)
		text_list_add(&request.programs, call->arena, call->operands[i]);
	return pack(&request, call->arena, out);
}

/* The image's command is the first program. */
static struct err *import_tree(struct cmd_call *call, const char *dir, const char *tag)
{
	cleanup(image_store_close) struct image_store store = {};
	cleanup(fd_close) struct fd tree = {};
	cleanup(buf_done) struct buf cmd = {};
	struct image image;
	struct err *e = images_open(call, &store);
	if (!e)
		e = fd_open(&tree, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
	if (e)
		return e;
	struct import_request r = {
		.fd = fd_num(tree), .tree = true, .name = tag, .source = "onggi pack"
	};
	buf_add(&cmd, "CMD [");
	json_quote(&cmd, call->operands[0]);
	buf_add(&cmd, "]");
	text_list_add(&r.changes, call->arena, cmd.p);
	text_list_add(&r.changes, call->arena,
		"ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	e = image_import(&store, &r, call->arena, &image);
	return e ? e
	         : fd_write_all(STDOUT_FILENO, arena_fmt(call->arena, "%s\n", image.id),
			   strlen(image.id) + 1);
}

/* The tree lies in a directory of its own until it is a layer. */
static struct err *pack_image(struct cmd_call *call, const struct pack_args *args)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_fmt(call->arena, "%s/onggi-pack-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct packed packed;
	if (!mkdtemp(dir))
		return err_sys(errno, "make %s", dir);
	struct err *e = chmod(dir, 0755) < 0 ? err_sys(errno, "chmod %s", dir) : NULL;
	if (!e)
		e = pack_into(call, dir, &packed);
	if (!e && args->list)
		e = report(&packed, args);
	if (!e)
		e = import_tree(call, dir, args->tag);
	struct err *left = tree_remove(AT_FDCWD, dir);
	if (!e)
		return left;
	err_free(&left);
	return e;
}

static struct err *run(struct cmd_call *call)
{
	const struct pack_args *args = call->args;
	struct packed packed;
	if (!args->output == !args->tag)
		return err_hint(err_new(ERR_USAGE, "pack: say where it goes"),
			"to a directory: --output DIR, or to an image: --tag NAME");
	struct err *e = args->tag ? pack_image(call, args) : pack_into(call, args->output, &packed);
	if (!e && !args->tag)
		e = report(&packed, args);
	return e ? err_wrap(e, "pack") : NULL;
}

static const struct opt options[] = {
	{ "output", 'o', OPT_TEXT, offsetof(struct pack_args, output), "dir",
		"the directory that becomes the root file system" },
	{ "tag", 't', OPT_TEXT, offsetof(struct pack_args, tag), "name",
		"make an image of it instead, whose command is the first program" },
	{ "list", 0, OPT_FLAG, offsetof(struct pack_args, list), NULL,
		"print the programs and libraries that were packed" },
};

static const char about[] =
	"The programs, their interpreters and the shared libraries they need are found by\n"
	"reading the files, and copied to the same paths below the directory, with the\n"
	"symbolic links that lead there. What a program opens by itself later (plugins, data,\n"
	"modules of a language) is not seen. Setuid bits stay behind.";

const struct cmd cmd_pack = {
	.name = "pack",
	.operands = "program...",
	.summary = "Make a root file system from programs of this system",
	.about = about,
	OPTS(struct pack_args, options),
	.min = 1,
	.max = CMD_ANY,
	.run = run,
};
