#include "cli/flags.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/path.h"
#include "kernel/file.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>

static struct err *invalid(const char *what, const char *text)
{
	return err_new(ERR_USAGE, "invalid %s: '%s'", what, text);
}

/* --- mounts -------------------------------------------------------------------------------------
 */

static struct err *volume_option(struct str word, struct mount_request *m, struct arena *a)
{
	static const char propagations[] = "rprivate private rshared shared rslave slave";
	const char *text = arena_str(a, word);
	if (str_lists(str_of(propagations), ' ', word))
		m->propagation = text;
	else if (str_eq(word, STR("ro")))
		m->read_only = true;
	else if (str_eq(word, STR("nocopy")))
		m->no_copy = true;
	else if (str_eq(word, STR("U")))
		m->chown = true;
	else if (!str_lists(STR("rw z Z consistent cached delegated"), ' ', word))
		return err_new(ERR_USAGE, "invalid mode: %s", text);
	return NULL;
}

struct err *flag_volume(const char *text, struct arena *a, struct mount_request *out)
{
	struct str rest = str_of(text), first = str_cut(&rest, ':'), second = str_cut(&rest, ':');
	struct mount_request m = { .type = "volume" };
	if (!second.n) {
		m.target = arena_str(a, first);
	} else if (second.p[0] != '/' && !rest.n) {
		m.target = arena_str(a, first);
		rest = second;
	} else {
		m.source = arena_str(a, first);
		m.target = arena_str(a, second);
	}
	if (*m.target != '/' || (m.source && !*m.source))
		return err_new(ERR_USAGE, "invalid volume specification: '%s'", text);
	if (m.source && strchr("/.~", *m.source)) {
		if (*m.source == '.' || *m.source == '~') {
			char cwd[4096];
			if (!getcwd(cwd, sizeof(cwd)))
				return err_sys(errno, "getcwd");
			m.source = path_join(a, cwd, m.source);
		}
		m.type = "bind";
		m.create_source = true;
	}
	while (rest.n) {
		struct err *e = volume_option(str_cut(&rest, ','), &m, a);
		if (e)
			return e;
	}
	*out = m;
	return NULL;
}

struct mount_key {
	const char *names; /* separated by spaces */
	struct err *(*set)(struct mount_request *m, const char *value);
};

static struct err *set_type(struct mount_request *m, const char *value)
{
	m->type = value;
	return NULL;
}

static struct err *set_source(struct mount_request *m, const char *value)
{
	m->source = value;
	return NULL;
}

static struct err *set_target(struct mount_request *m, const char *value)
{
	m->target = value;
	return NULL;
}

static struct err *set_read_only(struct mount_request *m, const char *value)
{
	return num_truth(str_of(*value ? value : "true"), &m->read_only);
}

static struct err *set_propagation(struct mount_request *m, const char *value)
{
	m->propagation = value;
	return NULL;
}

static struct err *set_no_copy(struct mount_request *m, const char *value)
{
	return num_truth(str_of(*value ? value : "true"), &m->no_copy);
}

static struct err *set_subpath(struct mount_request *m, const char *value)
{
	m->subpath = value;
	return NULL;
}

static struct err *set_size(struct mount_request *m, const char *value)
{
	return num_size(str_of(value), &m->tmpfs_size);
}

static struct err *octal(const char *value, struct opt_int *out)
{
	int64_t mode = 0;
	for (const char *c = value; *c; c++) {
		if (*c < '0' || *c > '7' || mode > 0777)
			return invalid("mode", value);
		mode = mode * 8 + (*c - '0');
	}
	*out = (struct opt_int){ true, mode };
	return *value ? NULL : invalid("mode", value);
}

static struct err *set_mode(struct mount_request *m, const char *value)
{
	return octal(value, &m->tmpfs_mode);
}

static const struct mount_key mount_keys[] = {
	{ "type", set_type },
	{ "source src", set_source },
	{ "target destination dst", set_target },
	{ "readonly ro", set_read_only },
	{ "bind-propagation", set_propagation },
	{ "volume-nocopy", set_no_copy },
	{ "volume-subpath", set_subpath },
	{ "tmpfs-size", set_size },
	{ "tmpfs-mode", set_mode },
};

static struct err *set_key(struct str key, const char *value, struct mount_request *m)
{
	for (size_t i = 0; i < ARRAY_LEN(mount_keys); i++)
		if (str_lists(str_of(mount_keys[i].names), ' ', key))
			return mount_keys[i].set(m, value);
	return err_new(ERR_USAGE, "unexpected key '" STR_FMT "'", STR_ARG(key));
}

struct err *flag_mount(const char *text, struct arena *a, struct mount_request *out)
{
	struct mount_request m = { .type = "volume" };
	struct err *e = NULL;
	for (struct str rest = str_of(text); rest.n && !e;) {
		struct str value = str_cut(&rest, ','), key = str_cut(&value, '=');
		e = set_key(key, arena_str(a, value), &m);
	}
	if (!e && (!m.target || *m.target != '/'))
		e = err_new(ERR_USAGE, "target is required");
	if (!e && strcmp(m.type, "bind") == 0 && !m.source)
		e = err_new(ERR_USAGE, "source is required for a bind mount");
	if (!e && strcmp(m.type, "tmpfs") == 0 && m.source)
		e = err_new(ERR_USAGE, "a tmpfs has no source");
	if (e)
		return err_wrap(e, "invalid argument \"%s\" for \"--mount\"", text);
	*out = m;
	return NULL;
}

struct err *flag_tmpfs(const char *text, struct arena *a, struct mount_request *out)
{
	struct str rest = str_of(text), target = str_cut(&rest, ':');
	struct mount_request m = { .type = "tmpfs", .target = arena_str(a, target) };
	if (*m.target != '/')
		return invalid("tmpfs", text);
	while (rest.n)
		text_list_add(&m.options, a, arena_str(a, str_cut(&rest, ',')));
	*out = m;
	return NULL;
}

/* --- devices and limits -------------------------------------------------------------------------
 */

struct err *flag_device(const char *text, struct arena *a, struct device_request *out)
{
	struct str rest = str_of(text), host = str_cut(&rest, ':'), second = str_cut(&rest, ':');
	struct device_request d = { .host = arena_str(a, host) };
	const char *inside = arena_str(a, second), *access = arena_str(a, rest);
	if (second.n && *inside != '/' && !rest.n) {
		access = inside;
		inside = "";
	}
	if (!host.n || (*inside && *inside != '/') || strspn(access, "rwm") != strlen(access))
		return err_new(ERR_USAGE, "invalid device specification: %s", text);
	d.inside = *inside ? inside : NULL;
	d.access = *access ? access : NULL;
	*out = d;
	return NULL;
}

struct err *flag_ulimit(const char *text, struct arena *a, struct ulimit_request *out)
{
	struct str rest = str_of(text), name = str_cut(&rest, '='), soft = str_cut(&rest, ':');
	struct ulimit_request u = { .name = arena_str(a, name) };
	struct err *e = soft.n ? num_range(soft, -1, INT64_MAX, &u.soft)
	                       : err_new(ERR_USAGE, "it has the form name=soft[:hard]");
	u.hard = u.soft;
	if (!e && rest.n)
		e = num_range(rest, -1, INT64_MAX, &u.hard);
	if (!e && u.hard != -1 && (u.soft == -1 || u.soft > u.hard))
		e = err_new(
			ERR_USAGE, "ulimit soft limit must be less than or equal to hard limit");
	if (e)
		return err_wrap(e, "invalid argument \"%s\" for \"--ulimit\"", text);
	*out = u;
	return NULL;
}

struct err *flag_restart(const char *text, struct restart_request *out)
{
	struct str rest = str_of(text), policy = str_cut(&rest, ':');
	static const char *const policies[] = { "no", "always", "unless-stopped", "on-failure" };
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		if (!str_eq(policy, str_of(policies[i])))
			continue;
		out->policy = i ? policies[i] : NULL;
		if (!rest.n)
			return NULL;
		if (i != 3)
			return err_new(ERR_USAGE,
				"maximum retry count cannot be used with restart "
				"policy '%s'",
				policies[i]);
		return num_range(rest, 0, 1000000, &out->maximum);
	}
	return err_new(ERR_USAGE, "invalid restart policy '%s'", text);
}

struct err *flag_cpus(const char *text, struct opt_int *out)
{
	int64_t value = 0, scale = 1000000000;
	bool point = false;
	for (const char *c = text; *c; c++) {
		if (*c == '.' && !point && c > text) {
			point = true;
			continue;
		}
		if (!isdigit((unsigned char)*c) || value > 1000000 * INT64_C(1000000000) ||
			(point && scale == 1))
			return invalid("number of CPUs", text);
		value = value * 10 + (*c - '0');
		scale = point ? scale / 10 : scale;
	}
	*out = (struct opt_int){ true, value * scale };
	return *text ? NULL : invalid("number of CPUs", text);
}

/* --- texts --------------------------------------------------------------------------------------
 */

void flag_pair(const char *text, struct arena *a, struct text_map *out)
{
	struct str rest = str_of(text);
	const char *key = arena_str(a, str_cut(&rest, '=')), *value = arena_str(a, rest);
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->items[i].key, key) == 0) {
			out->items[i].value = value;
			return;
		}
	struct text_pair *pairs = anew(a, struct text_pair, out->n + 1);
	if (out->n)
		memcpy(pairs, out->items, out->n * sizeof(*pairs));
	pairs[out->n] = (struct text_pair){ key, value };
	*out = (struct text_map){ pairs, out->n + 1 };
}

struct err *flag_env_file(const char *path, struct arena *a, struct text_list *out)
{
	cleanup(buf_done) struct buf text = {};
	struct err *e = file_read(AT_FDCWD, path, 16 << 20, &text);
	for (struct str rest = { buf_text(&text), text.n }; rest.n && !e;) {
		struct str line = str_cut(&rest, '\n');
		while (line.n && (*line.p == ' ' || *line.p == '\t'))
			line = (struct str){ line.p + 1, line.n - 1 };
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!line.n || *line.p == '#')
			continue;
		const char *item = arena_str(a, line);
		size_t name = strcspn(item, "=");
		if (!name || strcspn(item, " \t") < name)
			e = err_new(
				ERR_USAGE, "variable '%.*s' contains whitespaces", (int)name, item);
		text_list_add(out, a, item);
	}
	return e ? err_wrap(e, "--env-file %s", path) : NULL;
}
