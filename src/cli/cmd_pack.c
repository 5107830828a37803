#include "base/fd.h"
#include "cli/commands.h"
#include "image/pack.h"
#include <stdlib.h>

struct pack_args {
	const char *output;
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

static struct err *run(struct cmd_call *call)
{
	const struct pack_args *args = call->args;
	const char *path = getenv("PATH");
	if (!args->output)
		return err_hint(err_new(ERR_USAGE, "pack: no directory was named"),
			"say where the root file system goes: --output DIR");
	struct pack_request request = { .path = path ? path : "/usr/sbin:/usr/bin:/sbin:/bin",
		.term = getenv("TERM"),
		.dir = args->output };
	for (int i = 0; i < call->n_operands; i++)
		text_list_add(&request.programs, call->arena, call->operands[i]);
	struct packed packed;
	struct err *e = pack(&request, call->arena, &packed);
	return e ? err_wrap(e, "pack") : report(&packed, args);
}

static const struct opt options[] = {
	{ "output", 'o', OPT_TEXT, offsetof(struct pack_args, output), "dir",
		"the directory that becomes the root file system" },
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
