#include "kernel/lsm.h"

/* The first words are those that clients know from runc. */
static struct err *refuse(const char *words, const char *label)
{
	return err_hint(err_new(ERR_SYSTEM, "%s (%s)", words, label),
		"leave the label out, or boot a kernel with that security module");
}

static struct err *no_selinux(const char *label)
{
	return refuse("selinux label is specified in config, but selinux is disabled or not "
		      "supported",
		label);
}

struct err *lsm_apparmor_exec(
	const struct host_facts *host, const char *profile, struct arena *a, struct lsm_write *out)
{
	if (!host->apparmor)
		return refuse("apparmor: config provided but apparmor not supported", profile);
	*out = (struct lsm_write){ "self/attr/apparmor/exec", arena_fmt(a, "exec %s", profile) };
	return NULL;
}

static struct err *selinux_write(const struct host_facts *host, const char *label, const char *path,
	struct arena *a, struct lsm_write *out)
{
	if (!host->selinux)
		return no_selinux(label);
	*out = (struct lsm_write){ path, arena_str(a, str_of(label)) };
	return NULL;
}

struct err *lsm_selinux_exec(
	const struct host_facts *host, const char *label, struct arena *a, struct lsm_write *out)
{
	return selinux_write(host, label, "self/attr/exec", a, out);
}

struct err *lsm_selinux_key(
	const struct host_facts *host, const char *label, struct arena *a, struct lsm_write *out)
{
	return selinux_write(host, label, "self/attr/keycreate", a, out);
}

struct err *lsm_selinux_mount(
	const struct host_facts *host, const char *label, struct arena *a, const char **option)
{
	if (!host->selinux)
		return no_selinux(label);
	*option = arena_fmt(a, "context=%s", label);
	return NULL;
}
