/* Not supported yet; the options are there, so that clients can ask for their names. */
#include "oci/commands.h"

struct checkpoint_args {
	const char *text;
	int64_t number;
	struct text_list texts;
	bool flag;
};

static struct err *refuse(struct cmd_call *call)
{
	return err_new(ERR_USAGE, "%s is not supported yet", call->cmd->name);
}

#define TEXT(name, value, help)                                                                    \
	{                                                                                          \
		name, 0, OPT_TEXT, offsetof(struct checkpoint_args, text), value, help             \
	}
#define FLAG(name, help)                                                                           \
	{                                                                                          \
		name, 0, OPT_FLAG, offsetof(struct checkpoint_args, flag), NULL, help              \
	}

static const struct opt checkpoint_options[] = {
	TEXT("image-path", "dir", "where the images go"),
	TEXT("work-path", "dir", "where work files and logs go"),
	TEXT("parent-path", "dir", "images of a pre-dump, relative to image-path"),
	FLAG("leave-running", "let the container run on"),
	FLAG("tcp-established", "allow open TCP connections"),
	FLAG("tcp-skip-in-flight", "skip TCP connections that are being made"),
	FLAG("ext-unix-sk", "allow unix sockets of others"),
	FLAG("shell-job", "allow jobs of a shell"),
	FLAG("lazy-pages", "let memory be fetched later"),
	{ "status-fd", 0, OPT_INT, offsetof(struct checkpoint_args, number), "fd",
		"gets a byte when lazy pages can be fetched", .preset = "-1" },
	TEXT("page-server", "address:port", "where memory is sent"),
	FLAG("file-locks", "allow file locks"),
	FLAG("pre-dump", "dump memory alone and let the container run on"),
	TEXT("manage-cgroups-mode", "mode", "what happens to control groups"),
	{ "empty-ns", 0, OPT_TEXTS, offsetof(struct checkpoint_args, texts), "type",
		"a namespace whose properties are not kept" },
	FLAG("auto-dedup", "drop what a pre-dump has already"),
	FLAG("link-remap", "allow open files that have no name any more"),
};

static const struct opt restore_options[] = {
	TEXT("console-socket", "socket", "gets the terminal"),
	TEXT("image-path", "dir", "where the images are"),
	TEXT("work-path", "dir", "where work files and logs go"),
	FLAG("tcp-established", "allow open TCP connections"),
	FLAG("tcp-close", "close TCP connections"),
	FLAG("ext-unix-sk", "allow unix sockets of others"),
	FLAG("shell-job", "allow jobs of a shell"),
	FLAG("file-locks", "allow file locks"),
	TEXT("manage-cgroups-mode", "mode", "what happens to control groups"),
	{ "bundle", 'b', OPT_TEXT, offsetof(struct checkpoint_args, text), "dir", "the bundle" },
	{ "detach", 'd', OPT_FLAG, offsetof(struct checkpoint_args, flag), NULL,
		"do not stay with the container" },
	TEXT("pid-file", "file", "gets the process id"),
	FLAG("no-subreaper", "do not become the parent of orphans"),
	FLAG("no-pivot", "change the root without pivot_root"),
	{ "empty-ns", 0, OPT_TEXTS, offsetof(struct checkpoint_args, texts), "type",
		"a namespace whose properties are not restored" },
	FLAG("auto-dedup", "drop images once they are used"),
	FLAG("lazy-pages", "let memory be fetched later"),
	TEXT("lsm-profile", "type:name", "the security profile"),
	TEXT("lsm-mount-context", "context", "the security context of mounts"),
};

const struct cmd cmd_checkpoint = {
	.name = "checkpoint",
	.operands = "container",
	.summary = "Not supported yet: write a running container to files",
	OPTS(struct checkpoint_args, checkpoint_options),
	.min = 1,
	.max = 1,
	.run = refuse,
	.complete = "list --quiet",
};

const struct cmd cmd_restore = {
	.name = "restore",
	.operands = "container",
	.summary = "Not supported yet: make a container from such files",
	OPTS(struct checkpoint_args, restore_options),
	.min = 1,
	.max = 1,
	.run = refuse,
};
