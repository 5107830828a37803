/*
 * manifest.h - image manifests and indexes, by schema, and the media types in them.
 *
 * What is both a manifest and an index is refused (CVE-2021-41190), and every digest is checked
 * before anybody uses it. Source: the OCI image specification, manifest.md, image-index.md,
 * descriptor.md; Docker's image manifest V2 schema 2.
 */
#pragma once
#include "base/decode.h"
#include "base/encode.h"

/* Larger documents of an image are refused. */
enum { MANIFEST_LIMIT = 4 << 20, MANIFEST_LAYERS = 10000 };

#define MEDIA_MANIFEST   "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_INDEX      "application/vnd.oci.image.index.v1+json"
#define MEDIA_CONFIG     "application/vnd.oci.image.config.v1+json"
#define MEDIA_LAYER      "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"

/* The annotations that name an image in an index. */
#define ANNOTATION_NAME            "org.opencontainers.image.ref.name"
#define ANNOTATION_CONTAINERD_NAME "io.containerd.image.name"

enum media { MEDIA_IS_OTHER, MEDIA_IS_MANIFEST, MEDIA_IS_INDEX, MEDIA_IS_CONFIG, MEDIA_IS_LAYER };
/* What a media type means to us, with Docker's names for the same things. */
enum media media_of(const char *type);

struct platform {
	const char *os, *architecture, *variant;
};

/* "A blob of that digest and size": how documents point at others. */
struct descriptor {
	const char *media_type, *digest, *artifact_type;
	int64_t size;
	struct text_map annotations;
	struct platform platform;
};

struct manifest {
	int64_t schema_version;
	const char *media_type; /* or NULL */
	struct descriptor config;
	struct list layers;    /* of struct descriptor, the lowest first */
	struct list manifests; /* of struct descriptor; an index has these alone */
	struct text_map annotations;
};

/* Both write in the order that others do. */
extern const struct schema manifest_schema, index_schema;

/* Reads a manifest; one without layers, or an index, is refused. Texts are the arena's. */
[[nodiscard]] struct err *manifest_read(struct str text, struct arena *a, struct manifest *out);

/* Reads an index. */
[[nodiscard]] struct err *index_read(struct str text, struct arena *a, struct manifest *out);

/* The manifest in @index that fits this machine, or NULL. Attestations fit none. */
const struct descriptor *index_choose(const struct manifest *index);

/* The architecture of this machine as images call it: "amd64". */
const char *platform_architecture(void);

/* The value of an annotation, or NULL. */
const char *annotation_of(const struct text_map *m, const char *key);
