#include "spec/sysctl.h"
#include "base/attr.h"
#include "kernel/compat.h"

/* A name that ends in a slash stands for all below it. */
static const struct owner {
	const char *path;
	uint64_t flag;
} owners[] = {
	{ "sys/kernel/msgmax", CLONE_NEWIPC },
	{ "sys/kernel/msgmnb", CLONE_NEWIPC },
	{ "sys/kernel/msgmni", CLONE_NEWIPC },
	{ "sys/kernel/sem", CLONE_NEWIPC },
	{ "sys/kernel/shmall", CLONE_NEWIPC },
	{ "sys/kernel/shmmax", CLONE_NEWIPC },
	{ "sys/kernel/shmmni", CLONE_NEWIPC },
	{ "sys/kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ "sys/fs/mqueue/", CLONE_NEWIPC },
	{ "sys/net/", CLONE_NEWNET },
	{ "sys/kernel/domainname", CLONE_NEWUTS },
	{ "sys/kernel/hostname", CLONE_NEWUTS },
};

/* The separator that comes first is the one that separates; the other is part of a name. */
static char *to_path(const char *key, struct arena *a)
{
	char *path = arena_fmt(a, "sys/%s", key);
	if (key[strcspn(key, "./")] != '.')
		return path;
	for (char *c = path + strlen("sys/"); *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return path;
}

static bool is_plain(struct str name)
{
	return name.n && !str_eq(name, STR(".")) && !str_eq(name, STR(".."));
}

struct err *sysctl_path(const char *key, struct arena *a, const char **out)
{
	const char *path = to_path(key, a);
	size_t n = strlen(path);
	bool plain = path[n - 1] != '/';
	for (struct str rest = { path, n }; plain && rest.n;)
		plain = is_plain(str_cut(&rest, '/'));
	if (!plain)
		return err_new(ERR_USAGE, "'%s' is not the name of a kernel setting", key);
	*out = path;
	return NULL;
}

uint64_t sysctl_owner(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(owners); i++) {
		size_t n = strlen(owners[i].path);
		bool below = owners[i].path[n - 1] == '/' && strncmp(path, owners[i].path, n) == 0;
		if (below || strcmp(path, owners[i].path) == 0)
			return owners[i].flag;
	}
	return 0;
}

/* Words for what a setting would need; the beginnings are those other runtimes use. */
struct err *sysctl_foreign(const char *key, uint64_t owner)
{
	switch (owner) {
	case CLONE_NEWIPC:
		return err_new(
			ERR_USAGE, "sysctl \"%s\" is not allowed in the hosts ipc namespace", key);
	case CLONE_NEWNET:
		return err_new(
			ERR_USAGE, "sysctl \"%s\" not allowed in host network namespace", key);
	default:
		return err_new(
			ERR_USAGE, "sysctl \"%s\" is not in a separate kernel namespace", key);
	}
}
