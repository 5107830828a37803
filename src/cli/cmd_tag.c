#include "cli/commands.h"
#include "cli/images.h"

static struct err *run(struct cmd_call *call)
{
	cleanup(image_store_close) struct image_store store = {};
	struct image image;
	struct err *e = images_open(call, &store);
	if (!e)
		e = image_find(&store, call->operands[0], call->arena, &image);
	return e ? e : image_tag(&store, &image, call->operands[1], call->arena);
}

#define TAG                                                                                        \
	{                                                                                          \
		.name = "tag", .operands = "image name", .summary = "Give an image one more name", \
		.run = run, .failure = 1, .min = 2, .max = 2, .complete = "images --format names", \
	}
const struct cmd cmd_tag = TAG, cmd_image_tag = TAG;
