/* unpack_parts.h - what unpacking is in the middle of, and the directories of it. */
#pragma once
#include "archive/unpack.h"
#include "base/buf.h"
#include "base/fd.h"
#include <sys/stat.h>

/* More entries than any layer has; and room to remember the times of directories. */
enum { UNPACK_ENTRIES = 4 << 20, UNPACK_DIRS = 48 << 20 };
/* Files of a layer, holes included, may not pretend to be larger in all. */
#define UNPACK_SIZE (INT64_C(1) << 40)

struct unpacking {
	const struct unpack_request *request;
	struct tar tar;
	struct unpacked done;
	struct buf parent;    /* the name of the directory that is open */
	struct fd parent_dir; /* O_RDONLY */
	bool parent_open;
	struct buf times; /* of directories, set at the end: what is made in them changes them */
};

/* Opens the directory @name (empty: the root), making what is missing with the attributes that it
 * has in the layers below. The descriptor is borrowed until the next call. */
[[nodiscard]] struct err *unpack_parent(struct unpacking *u, struct str name, int *out);

/* What was at the place of a new entry. */
struct in_the_way {
	bool stays;    /* a directory, where a directory is to be: it is still there */
	bool whiteout; /* it hid what is below */
};
/* Removes what is in the way of a new entry, unless it may stay. */
[[nodiscard]] struct err *unpack_make_way(
	struct unpacking *u, int dir, const char *name, bool for_dir, struct in_the_way *out);

/* Marks a directory: nothing of it in the layers below shows through. */
[[nodiscard]] struct err *unpack_set_opaque(int dir);

/* Remembers to set a directory's times. */
[[nodiscard]] struct err *unpack_note_times(
	struct unpacking *u, const char *name, const struct timespec times[2]);
/* Sets what was remembered. */
[[nodiscard]] struct err *unpack_set_times(struct unpacking *u);

/* Opens @name in the topmost layer below that has it; ERR_NOT_FOUND if none has. */
[[nodiscard]] struct err *unpack_open_lower(
	const struct unpacking *u, const char *name, struct fd *out);
