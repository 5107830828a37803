#include "spec/spec.h"
#include "base/log.h"
#include "base/num.h"
#include "spec/spec_schema.h"

static const struct field root_fields[] = {
	{ "path", MEMBER(struct spec_root, path), .required = true },
	{ "readonly", MEMBER(struct spec_root, readonly) },
};
static const struct schema root_schema = { SCHEMA(struct spec_root, root_fields), .present = true };

static const struct field mount_fields[] = {
	{ "destination", MEMBER(struct spec_mount, destination), .required = true },
	{ "type", MEMBER(struct spec_mount, type) },
	{ "source", MEMBER(struct spec_mount, source) },
	{ "options", MEMBER(struct spec_mount, options) },
	{ "uidMappings", MEMBER(struct spec_mount, uid_mappings), .of = &spec_idmap_schema },
	{ "gidMappings", MEMBER(struct spec_mount, gid_mappings), .of = &spec_idmap_schema },
};
static const struct schema mount_schema = { SCHEMA(struct spec_mount, mount_fields) };

static const struct field hook_fields[] = {
	{ "path", MEMBER(struct spec_hook, path), .required = true },
	{ "args", MEMBER(struct spec_hook, args) },
	{ "env", MEMBER(struct spec_hook, env) },
	{ "timeout", MEMBER(struct spec_hook, timeout), .min = 1, .max = INT32_MAX },
};
static const struct schema hook_schema = { SCHEMA(struct spec_hook, hook_fields) };

static const struct field hooks_fields[] = {
	{ "prestart", MEMBER(struct spec_hooks, prestart), .of = &hook_schema },
	{ "createRuntime", MEMBER(struct spec_hooks, create_runtime), .of = &hook_schema },
	{ "createContainer", MEMBER(struct spec_hooks, create_container), .of = &hook_schema },
	{ "startContainer", MEMBER(struct spec_hooks, start_container), .of = &hook_schema },
	{ "poststart", MEMBER(struct spec_hooks, poststart), .of = &hook_schema },
	{ "poststop", MEMBER(struct spec_hooks, poststop), .of = &hook_schema },
};
const struct schema spec_hooks_schema = { SCHEMA(struct spec_hooks, hooks_fields) };

static const struct field spec_fields[] = {
	{ "ociVersion", MEMBER(struct spec, oci_version), .required = true },
	{ "process", MEMBER(struct spec, process), .of = &spec_process_schema },
	{ "root", MEMBER(struct spec, root), .of = &root_schema },
	{ "hostname", MEMBER(struct spec, hostname) },
	{ "domainname", MEMBER(struct spec, domainname) },
	{ "mounts", MEMBER(struct spec, mounts), .of = &mount_schema },
	{ "hooks", MEMBER(struct spec, hooks), .of = &spec_hooks_schema },
	{ "annotations", MEMBER(struct spec, annotations) },
	{ "linux", MEMBER(struct spec, linux), .of = &spec_linux_schema },
};
const struct schema spec_schema = { SCHEMA(struct spec, spec_fields) };

/* What a document may say to other platforms. */
static const char *const foreign[] = { "windows", "solaris", "vm", "zos", "freebsd" };

static void warn_of_foreign(const struct json *doc, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		const struct json *m = json_get(doc, foreign[i]);
		if (m && m->type != JSON_NULL)
			log_warn("%s: %s is for another platform and has no effect here", name,
				foreign[i]);
	}
}

/* Cuts one of the three numbers of a version; false if what is there is not one. */
static bool cut_number(struct str *version, char end, int64_t *out)
{
	struct str number = end ? str_cut(version, end) : *version;
	bool zero_first = number.n > 1 && *number.p == '0';
	cleanup(err_free) struct err *e = num_range(number, 0, INT64_MAX, out);
	return !e && !zero_first && *number.p != '+' && *number.p != '-';
}

/* What may follow the numbers: dotted parts of letters, digits and hyphens, none of them empty. */
static bool is_dotted(struct str text)
{
	char before = '.';
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
		if (!letter && !(c >= '0' && c <= '9') && (c != '.' || before == '.'))
			return false;
		before = c;
	}
	return before != '.';
}

/* The length of @text before @mark; all of it if @mark is not there. */
static size_t before(struct str text, char mark)
{
	return str_cut(&text, mark).n;
}

/* A version as semver.org has it: 1.0.2-dev+build. */
static bool is_semver(struct str text, int64_t *major)
{
	size_t plus = before(text, '+'), minus = before((struct str){ text.p, plus }, '-');
	struct str build = { text.p + plus, text.n - plus };
	struct str pre = { text.p + minus, plus - minus };
	struct str core = { text.p, minus };
	int64_t minor, patch;
	return cut_number(&core, '.', major) && cut_number(&core, '.', &minor) &&
	       cut_number(&core, 0, &patch) &&
	       (!pre.n || is_dotted((struct str){ pre.p + 1, pre.n - 1 })) &&
	       (!build.n || is_dotted((struct str){ build.p + 1, build.n - 1 }));
}

/* Looked at first: what else another version would say, we would misread. */
static struct err *check_version(const struct json *doc)
{
	const struct json *v = json_get(doc, "ociVersion");
	int64_t major;
	if (!v || v->type != JSON_TEXT || !v->text.n)
		return NULL; /* decode() says what is wrong */
	if (!is_semver(v->text, &major))
		return err_new(ERR_USAGE, "ociVersion: '" STR_FMT "' is not a version like 1.2.0",
			STR_ARG(v->text));
	if (major != 1)
		return err_new(ERR_USAGE,
			"ociVersion: " STR_FMT " is not supported: this runtime follows version 1 "
			"of the OCI runtime specification",
			STR_ARG(v->text));
	return NULL;
}

/* The tree of config.json into @out. */
static struct err *from_tree(
	const struct json *doc, const char *name, struct arena *a, struct spec *out)
{
	struct err *e = check_version(doc);
	if (!e)
		e = decode(doc, &spec_schema, out, a);
	if (!e)
		e = spec_check(out);
	if (!e)
		warn_of_foreign(doc, name);
	return e;
}

struct err *spec_parse(
	const char *text, size_t n, const char *name, struct arena *a, struct spec *out)
{
	const struct json *doc;
	struct err *e = json_read((struct str){ text, n }, name, a, &doc);
	if (e)
		return e;
	*out = (struct spec){};
	e = from_tree(doc, name, a, out);
	return e ? err_wrap(e, "%s", name) : NULL;
}

struct err *spec_parse_process(
	const char *text, size_t n, const char *name, struct arena *a, struct spec_process *out)
{
	*out = (struct spec_process){};
	struct err *e = decode_text((struct str){ text, n }, name, &spec_process_schema, out, a);
	if (e)
		return e;
	e = spec_check_process(out, "");
	return e ? err_wrap(e, "%s", name) : NULL;
}

struct err *spec_parse_resources(
	const char *text, size_t n, const char *name, struct arena *a, struct spec_resources *out)
{
	*out = (struct spec_resources){};
	return decode_text((struct str){ text, n }, name, &spec_resources_schema, out, a);
}
