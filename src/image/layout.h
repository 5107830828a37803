/*
 * layout.h - the images' directory: an OCI image layout that any OCI tool can read.
 *
 *	oci-layout, index.json, blobs/sha256/<hex>
 *
 * A blob is written beside its place and renamed once its digest is known, so whatever lies under a
 * digest's name is whole. index.json is replaced as a whole, by whoever holds the lock.
 * Source: the OCI image specification, image-layout.md.
 */
#pragma once
#include "base/fd.h"
#include "image/digest.h"
#include "image/manifest.h"

struct layout {
	struct fd dir, blobs; /* blobs is blobs/sha256 */
};

/* Opens the layout below @dir, making what is missing. */
[[nodiscard]] struct err *layout_open(int dir, const char *name, struct layout *out);
void layout_close(struct layout *l);

/* Holds the lock on the index until *@lock is closed. */
[[nodiscard]] struct err *layout_lock(const struct layout *l, struct fd *lock);

/* Reads the index; a layout without one has an empty one. */
[[nodiscard]] struct err *layout_index(
	const struct layout *l, struct arena *a, struct manifest *out);

/* Replaces it durably: fsync before the rename. The lock is held. */
[[nodiscard]] struct err *layout_set_index(const struct layout *l, const struct manifest *index);

/* True if there is a blob of that digest, and of @size unless that is negative. */
bool layout_has(const struct layout *l, const char *digest, int64_t size);

/* Reads a document (up to MANIFEST_LIMIT) and verifies its digest. Memory is the arena's. */
[[nodiscard]] struct err *layout_read(
	const struct layout *l, const char *digest, struct arena *a, struct str *out);

/* Writes a document as a blob; one that exists is left alone. */
[[nodiscard]] struct err *layout_put(const struct layout *l, struct bytes data, struct digest *out);

/* A blob that is being written. */
struct blob_writer {
	const struct layout *layout; /* borrowed */
	struct fd file;
	char beside[48];
	struct sha256 sum;
	int64_t size;
};
[[nodiscard]] struct err *blob_begin(const struct layout *l, struct blob_writer *w);
[[nodiscard]] struct err *blob_add(struct blob_writer *w, const void *data, size_t n);
/* Puts it in its place. *@made (if not NULL) is false if there was one already. */
[[nodiscard]] struct err *blob_end(struct blob_writer *w, struct digest *out, bool *made);
/* Drops what was not ended. Fits cleanup(). */
void blob_drop(struct blob_writer *w);
