#include "image/imgconf.h"
#include "image/digest.h"

#define KEY(member) MEMBER(struct imgconf_key, member)
static const struct schema key_schema = { .size = sizeof(struct imgconf_key),
	.key_at = offsetof(struct imgconf_key, name) };

#define HEALTH(member) MEMBER(struct imgconf_health, member)
static const struct field health_fields[] = {
	{ "Test", HEALTH(test) },
	{ "Interval", HEALTH(interval) },
	{ "Timeout", HEALTH(timeout) },
	{ "StartPeriod", HEALTH(start_period) },
	{ "StartInterval", HEALTH(start_interval) },
	{ "Retries", HEALTH(retries) },
};
static const struct schema health_schema = { SCHEMA(struct imgconf_health, health_fields),
	.present = true };

#define RUN(member) MEMBER(struct imgconf_run, member)
static const struct field run_fields[] = {
	{ "User", RUN(user) },
	{ "ExposedPorts", FIELD_MAP, offsetof(struct imgconf_run, exposed_ports),
		.of = &key_schema },
	{ "Env", RUN(env) },
	{ "Entrypoint", RUN(entrypoint) },
	{ "Cmd", RUN(cmd) },
	{ "Healthcheck", RUN(health), .of = &health_schema },
	{ "ArgsEscaped", RUN(args_escaped) },
	{ "Volumes", FIELD_MAP, offsetof(struct imgconf_run, volumes), .of = &key_schema },
	{ "WorkingDir", RUN(working_dir) },
	{ "Labels", RUN(labels) },
	{ "StopSignal", RUN(stop_signal) },
	{ "OnBuild", RUN(on_build) },
	{ "Shell", RUN(shell) },
};
const struct schema imgconf_run_schema = { SCHEMA(struct imgconf_run, run_fields) };

#define HISTORY(member) MEMBER(struct imgconf_history, member)
static const struct field history_fields[] = {
	{ "created", HISTORY(created) },
	{ "created_by", HISTORY(created_by) },
	{ "author", HISTORY(author) },
	{ "comment", HISTORY(comment) },
	{ "empty_layer", HISTORY(empty_layer) },
};
static const struct schema history_schema = { SCHEMA(struct imgconf_history, history_fields) };

#define ROOTFS(member) MEMBER(struct imgconf_rootfs, member)
static const struct field rootfs_fields[] = {
	{ "type", ROOTFS(type), .required = true },
	{ "diff_ids", ROOTFS(diff_ids), .always = true },
};
static const struct schema rootfs_schema = { SCHEMA(struct imgconf_rootfs, rootfs_fields) };

#define AT(member) MEMBER(struct imgconf, member)
static const struct field fields[] = {
	{ "created", AT(created) },
	{ "author", AT(author) },
	{ "architecture", AT(architecture) },
	{ "variant", AT(variant) },
	{ "os", AT(os) },
	{ "os.version", AT(os_version) },
	{ "config", AT(config), .of = &imgconf_run_schema, .always = true },
	{ "rootfs", AT(rootfs), .of = &rootfs_schema, .required = true },
	{ "history", AT(history), .of = &history_schema },
};
const struct schema imgconf_schema = { SCHEMA(struct imgconf, fields) };

struct err *imgconf_read(struct str text, struct arena *a, struct imgconf *out)
{
	struct imgconf c = {};
	struct err *e = decode_text(text, "image configuration", &imgconf_schema, &c, a);
	if (!e && strcmp(c.rootfs.type, "layers") != 0)
		e = err_new(ERR_USAGE, "image configuration: rootfs.type: '%s' is not known",
			c.rootfs.type);
	for (size_t i = 0; !e && i < c.rootfs.diff_ids.n; i++)
		e = digest_check(str_of(c.rootfs.diff_ids.items[i]));
	if (!e)
		*out = c;
	return e;
}
