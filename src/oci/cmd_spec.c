#include "base/fd.h"
#include "oci/commands.h"
#include "oci/globals.h"
#include "spec/profile.h"
#include <fcntl.h>

struct spec_args {
	const char *bundle;
	bool rootless;
};

static struct err *write_new(int dir, const struct buf *text)
{
	cleanup(fd_close) struct fd file =
		fd_own(openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
	if (!fd_valid(file) && errno == EEXIST)
		return err_new(ERR_CONFLICT, "File config.json exists. Remove it first");
	if (!fd_valid(file))
		return err_sys(errno, "create config.json");
	return fd_write_all(fd_num(file), text->p, text->n);
}

static struct err *spec(struct cmd_call *call)
{
	const struct spec_args *args = call->args;
	cleanup(fd_close) struct fd dir = {};
	cleanup(buf_done) struct buf text = {};
	struct cgroup_host host = {};
	struct err *e = fd_open(&dir, AT_FDCWD, args->bundle, O_RDONLY | O_DIRECTORY);
	if (!e)
		e = cgroup_host_read(call->arena, &host);
	if (e)
		return e;
	profile_write(&(struct profile_request){ .cgroup_v2 = host.mode == CGROUP_V2,
			      .rootless = args->rootless,
			      .uid = getuid(),
			      .gid = getgid() },
		&text);
	return write_new(fd_num(dir), &text);
}

static const struct opt options[] = {
	{ "bundle", 'b', OPT_TEXT, offsetof(struct spec_args, bundle), "dir",
		"directory that gets the file", .preset = "." },
	{ "rootless", 0, OPT_FLAG, offsetof(struct spec_args, rootless), NULL,
		"for a container of a user without root's rights" },
};

const struct cmd cmd_spec = {
	.name = "spec",
	.summary = "Write a config.json to begin with",
	.about = "It describes a shell on a terminal. An existing file is not touched.",
	OPTS(struct spec_args, options),
	.run = spec,
};
