/* Spec to operations: device nodes and links in /dev. */
#include "planner/draft.h"

#include "base/path.h"
#include "kernel/compat.h"
#include <sys/stat.h>

/* What every container has: OCI runtime-spec, config-linux.md "Default Devices". */
static const struct spec_device defaults[] = {
	{ .path = "/dev/null", .type = "c", .major = 1, .minor = 3 },
	{ .path = "/dev/zero", .type = "c", .major = 1, .minor = 5 },
	{ .path = "/dev/full", .type = "c", .major = 1, .minor = 7 },
	{ .path = "/dev/random", .type = "c", .major = 1, .minor = 8 },
	{ .path = "/dev/urandom", .type = "c", .major = 1, .minor = 9 },
	{ .path = "/dev/tty", .type = "c", .major = 5, .minor = 0 },
};

static const char *clean(const struct draft *d, const char *path)
{
	return path_join(d->arena, "/", path);
}

/* The kernel lets only the system's own user namespace make nodes; others get the host's. */
static void bind_device(struct draft *d, const char *path)
{
	struct op op = { OP_SOURCE, .why = "a device of the host" };
	op.source.host = path;
	op.source.slot = draft_slot(d);
	op.source.userns = NO_SLOT;
	op.source.propagation = MS_SLAVE;
	draft_source(d, op);
	draft_child(d, (struct op){ OP_ATTACH, .why = "a device it may use",
			       .attach = { op.source.slot, path + 1, 0 } });
}

static uint32_t node_type(const struct spec_device *dev)
{
	switch (dev->type[0]) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default:
		return S_IFCHR;
	}
}

static void make_device(struct draft *d, const struct spec_device *dev, const char *path)
{
	int64_t mode = dev->file_mode.set ? dev->file_mode.value : 0666;
	struct op op = { OP_DEVICE, .why = "a device it may use" };
	op.device.path = path + 1;
	op.device.mode = node_type(dev) | ((uint32_t)mode & 07777);
	op.device.major = (uint32_t)dev->major;
	op.device.minor = (uint32_t)dev->minor;
	op.device.uid = (uint32_t)dev->uid.value;
	op.device.gid = (uint32_t)dev->gid.value;
	draft_child(d, op);
}

static void add_device(struct draft *d, const struct spec_device *dev)
{
	const char *path = clean(d, dev->path);
	bool may_make = d->host->initial_userns && !d->userns;
	if (strcmp(path, "/dev/ptmx") == 0)
		return; /* a link, below */
	if (may_make || node_type(dev) == S_IFIFO)
		make_device(d, dev, path);
	else
		bind_device(d, path);
}

static bool in_spec(const struct draft *d, const char *path)
{
	for (list_each(const struct spec_device, dev, d->spec->linux.devices))
		if (strcmp(clean(d, dev->path), path) == 0)
			return true;
	return false;
}

static void add_link(struct draft *d, const char *path, const char *text)
{
	draft_child(d, (struct op){ OP_SYMLINK, .why = "where programs look for it",
			       .symlink = { path, text } });
}

void plan_devices(struct draft *d)
{
	if (!plan_makes_dev(d))
		return;
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if (!in_spec(d, defaults[i].path))
			add_device(d, &defaults[i]);
	for (list_each(const struct spec_device, dev, d->spec->linux.devices))
		add_device(d, dev);
	add_link(d, "dev/ptmx", "pts/ptmx");
	add_link(d, "dev/fd", "/proc/self/fd");
	add_link(d, "dev/stdin", "/proc/self/fd/0");
	add_link(d, "dev/stdout", "/proc/self/fd/1");
	add_link(d, "dev/stderr", "/proc/self/fd/2");
	if (d->host->kcore)
		add_link(d, "dev/core", "/proc/kcore");
}
