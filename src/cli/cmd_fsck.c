#include "cli/commands.h"
#include "cli/images.h"
#include "image/fsck.h"

struct fsck_args {
	bool repair;
};

static struct err *run(struct cmd_call *call)
{
	const struct fsck_args *args = call->args;
	cleanup(image_store_close) struct image_store store = {};
	cleanup(buf_done) struct buf out = {};
	struct images_in_use use = {};
	struct fsck_result result = {};
	struct err *e = images_open(call, &store);
	if (!e)
		e = images_in_use(&store, call->arena, &use);
	if (!e)
		e = image_fsck(&store, args->repair, &use.layers, call->arena, &result);
	for (size_t i = 0; i < result.problems.n; i++)
		buf_add(&out, "%s\n", result.problems.items[i]);
	if (result.problems.n)
		buf_add(&out, "%zu problems, %lld repaired\n", result.problems.n,
			(long long)result.repaired);
	call->status = (int64_t)result.problems.n > result.repaired;
	struct err *unsaid = fd_write_all(STDOUT_FILENO, out.p, out.n);
	if (!e)
		return unsaid;
	err_free(&unsaid);
	return e;
}

static const struct opt options[] = {
	{ "repair", 0, OPT_FLAG, offsetof(struct fsck_args, repair), NULL,
		"remove what is left over, unpack layers again, remove images that are damaged" },
};

static const char about[] =
	"Reads every blob of every image and compares its digest; looks whether each layer is\n"
	"unpacked, and for what no image has. The exit status is 1 while something is wrong.\n"
	"What is younger than ten minutes may belong to a command at work and is left alone.";

const struct cmd cmd_fsck = {
	.name = "fsck",
	.summary = "Check the image store, after a power cut",
	.about = about,
	OPTS(struct fsck_args, options),
	.run = run,
	.failure = 1,
};
