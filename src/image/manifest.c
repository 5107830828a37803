#include "image/manifest.h"
#include "image/digest.h"
#include <sys/utsname.h>

static const struct {
	const char *type;
	enum media media;
} types[] = {
	{ MEDIA_MANIFEST, MEDIA_IS_MANIFEST },
	{ "application/vnd.docker.distribution.manifest.v2+json", MEDIA_IS_MANIFEST },
	{ MEDIA_INDEX, MEDIA_IS_INDEX },
	{ "application/vnd.docker.distribution.manifest.list.v2+json", MEDIA_IS_INDEX },
	{ MEDIA_CONFIG, MEDIA_IS_CONFIG },
	{ "application/vnd.docker.container.image.v1+json", MEDIA_IS_CONFIG },
	{ MEDIA_LAYER, MEDIA_IS_LAYER },
	{ MEDIA_LAYER_GZIP, MEDIA_IS_LAYER },
	{ MEDIA_LAYER_ZSTD, MEDIA_IS_LAYER },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar", MEDIA_IS_LAYER },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", MEDIA_IS_LAYER },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", MEDIA_IS_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar", MEDIA_IS_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar.gzip", MEDIA_IS_LAYER },
	{ "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", MEDIA_IS_LAYER },
};

enum media media_of(const char *type)
{
	for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].media;
	return MEDIA_IS_OTHER;
}

#define PLATFORM(member) MEMBER(struct platform, member)
static const struct field platform_fields[] = {
	{ "architecture", PLATFORM(architecture) },
	{ "os", PLATFORM(os) },
	{ "variant", PLATFORM(variant) },
};
static const struct schema platform_schema = { SCHEMA(struct platform, platform_fields) };

#define DESCRIPTOR(member) MEMBER(struct descriptor, member)
static const struct field descriptor_fields[] = {
	{ "mediaType", DESCRIPTOR(media_type) },
	{ "artifactType", DESCRIPTOR(artifact_type) },
	{ "digest", DESCRIPTOR(digest), .required = true },
	{ "size", DESCRIPTOR(size), .min = 0, .max = INT64_MAX, .required = true },
	{ "annotations", DESCRIPTOR(annotations) },
	{ "platform", DESCRIPTOR(platform), .of = &platform_schema },
};
static const struct schema descriptor_schema = { SCHEMA(struct descriptor, descriptor_fields) };

#define AT(member) MEMBER(struct manifest, member)
static const struct field manifest_fields[] = {
	{ "schemaVersion", AT(schema_version), .required = true },
	{ "mediaType", AT(media_type) },
	{ "config", AT(config), .of = &descriptor_schema, .required = true },
	{ "layers", AT(layers), .of = &descriptor_schema, .always = true },
	{ "annotations", AT(annotations) },
};
const struct schema manifest_schema = { SCHEMA(struct manifest, manifest_fields) };

static const struct field index_fields[] = {
	{ "schemaVersion", AT(schema_version), .required = true },
	{ "mediaType", AT(media_type) },
	{ "manifests", AT(manifests), .of = &descriptor_schema, .always = true },
	{ "annotations", AT(annotations) },
};
const struct schema index_schema = { SCHEMA(struct manifest, index_fields) };

/* Reads @text as @s says unless it has one of @foreign: members of the other kind of document. */
static struct err *read_as(struct str text, const char *name, const struct schema *s,
	const char *const *foreign, struct arena *a, struct manifest *out)
{
	const struct json *doc;
	if (text.n > MANIFEST_LIMIT)
		return err_new(ERR_USAGE, "%s: larger than %d bytes", name, MANIFEST_LIMIT);
	struct err *e = json_read(text, name, a, &doc);
	for (; !e && *foreign; foreign++)
		if (json_get(doc, *foreign))
			e = err_new(
				ERR_USAGE, "%s: it has '%s', as no %s has", name, *foreign, name);
	if (!e) {
		e = decode(doc, s, out, a);
		e = e ? err_wrap(e, "%s", name) : NULL;
	}
	if (!e && out->schema_version != 2)
		e = err_new(ERR_USAGE, "%s: schemaVersion %lld is not supported, only 2", name,
			(long long)out->schema_version);
	return e;
}

static struct err *check_digests(const struct list *descriptors)
{
	if (descriptors->n > MANIFEST_LAYERS)
		return err_new(ERR_USAGE, "manifest: more than %d layers", MANIFEST_LAYERS);
	struct err *e = NULL;
	for (list_each(struct descriptor, d, *descriptors))
		if (!e)
			e = digest_check(str_of(d->digest));
	return e;
}

struct err *manifest_read(struct str text, struct arena *a, struct manifest *out)
{
	static const char *const foreign[] = { "manifests", "fsLayers", NULL };
	struct manifest m = {};
	struct err *e = read_as(text, "manifest", &manifest_schema, foreign, a, &m);
	if (!e && m.media_type && media_of(m.media_type) != MEDIA_IS_MANIFEST)
		e = err_new(ERR_USAGE, "manifest: its media type is '%s'", m.media_type);
	if (!e)
		e = digest_check(str_of(m.config.digest));
	if (!e)
		e = check_digests(&m.layers);
	if (!e)
		*out = m;
	return e;
}

struct err *index_read(struct str text, struct arena *a, struct manifest *out)
{
	static const char *const foreign[] = { "config", "layers", "fsLayers", NULL };
	struct manifest m = {};
	struct err *e = read_as(text, "index", &index_schema, foreign, a, &m);
	if (!e && m.media_type && media_of(m.media_type) != MEDIA_IS_INDEX)
		e = err_new(ERR_USAGE, "index: its media type is '%s'", m.media_type);
	if (!e)
		e = check_digests(&m.manifests);
	if (!e)
		*out = m;
	return e;
}

/* The kernel's word and that of images, where they differ. */
static const struct {
	const char *machine, *architecture;
} machines[] = {
	{ "x86_64", "amd64" },
	{ "aarch64", "arm64" },
	{ "armv7l", "arm" },
	{ "armv6l", "arm" },
	{ "i686", "386" },
	{ "loongarch64", "loong64" },
};

const char *platform_architecture(void)
{
	static const char *const same[] = { "ppc64le", "s390x", "riscv64", "mips64" };
	struct utsname u;
	uname(&u);
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (strcmp(machines[i].machine, u.machine) == 0)
			return machines[i].architecture;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (strcmp(same[i], u.machine) == 0)
			return same[i];
	return "unknown";
}

/* No platform at all fits: an index of one image often has none. */
static bool fits(const struct descriptor *d)
{
	if (annotation_of(&d->annotations, "vnd.docker.reference.type"))
		return false;
	const struct platform *p = &d->platform;
	return (!p->os || strcmp(p->os, "linux") == 0) &&
	       (!p->architecture || strcmp(p->architecture, platform_architecture()) == 0);
}

const struct descriptor *index_choose(const struct manifest *index)
{
	for (list_each(const struct descriptor, d, index->manifests))
		if (fits(d))
			return d;
	return NULL;
}

const char *annotation_of(const struct text_map *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->items[i].key, key) == 0)
			return m->items[i].value;
	return NULL;
}
