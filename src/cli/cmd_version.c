#include "base/fd.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "config.h"
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct version_args {
	const char *format;
};

/* As images call architectures. */
static const char *architecture(const char *machine)
{
	static const struct {
		const char *kernel, *image;
	} rows[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "i686", "386" },
		{ "armv7l", "arm" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].kernel, machine) == 0)
			return rows[i].image;
	return machine;
}

/* Client and server are one program, and Docker's templates ask for either. */
static void write_side(struct json_writer *w, const char *key, const struct utsname *host)
{
	json_open(w, key, '{');
	json_text(w, "Version", ONGGI_VERSION);
	json_text(w, "Os", "linux");
	json_text(w, "Arch", architecture(host->machine));
	json_text(w, "KernelVersion", host->release);
	json_close(w, '}');
}

static const char text[] = "Version:        {{.Client.Version}}\n"
			   "OS/Arch:        {{.Client.Os}}/{{.Client.Arch}}\n"
			   "Kernel version: {{.Client.KernelVersion}}";

static struct err *version(struct cmd_call *call)
{
	const struct version_args *args = call->args;
	static const struct format form = {};
	cleanup(format_rows_done) struct format_rows rows = { .arena = call->arena };
	cleanup(buf_done) struct buf out = {};
	struct utsname host;
	if (uname(&host) < 0)
		return err_sys(errno, "uname");
	struct json_writer *w = format_row(&rows);
	write_side(w, "Client", &host);
	write_side(w, "Server", &host);
	bool asked = args->format && *args->format;
	struct err *e = format_print(&form, &rows, asked ? args->format : text, false, &out);
	return e ? e : fd_write_all(STDOUT_FILENO, out.p, out.n);
}

static const struct opt options[] = {
	{ "format", 'f', OPT_TEXT, offsetof(struct version_args, format), "form",
		"json, or a Go template: '{{.Server.Version}}'" },
};

const struct cmd cmd_version = {
	.name = "version",
	.summary = "Show the version of the program and of the kernel",
	OPTS(struct version_args, options),
	.run = version,
	.failure = 1,
};
