#include "base/fd.h"
#include "oci/commands.h"
#include "spec/features.h"

static struct err *features(struct cmd_call *)
{
	cleanup(buf_done) struct buf out = {};
	features_write(JSON_INDENTED, &out);
	return fd_write_all(STDOUT_FILENO, out.p, out.n);
}

const struct cmd cmd_features = {
	.name = "features",
	.summary = "Tell what this runtime supports, as JSON",
	.run = features,
};
