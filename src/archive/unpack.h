/*
 * unpack.h - a layer's archive becomes a directory for overlayfs.
 *
 * libarchive reads, we write: every entry beneath one directory descriptor, symbolic links resolved
 * with that directory as their root (openat2), so that an archive cannot name anything outside.
 * What the archive says has gone becomes overlayfs' own marks: a character device 0:0 for a
 * whiteout, the attribute "opaque" for a directory that hides those below. An entry that can't be
 * taken as it is meant is an error with its name. Source: the OCI image specification, layer.md.
 */
#pragma once
#include "archive/tar.h"
#include "base/list.h"

struct unpack_request {
	int root;                       /* the empty directory it goes to */
	const struct text_list *lowers; /* directories of the layers below, the lowest first */
};

struct unpacked {
	int64_t size, entries; /* bytes of regular files; entries of the archive */
	int64_t devices;       /* that could not be made without the right to */
};

/* Unpacks all of @source. The process's umask is 0. */
[[nodiscard]] struct err *unpack(
	const struct unpack_request *r, struct source *source, struct unpacked *out);
