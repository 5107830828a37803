/*
 * path.h - arithmetic on paths as text. Nothing here touches the file system, so nothing here may
 * decide what lies inside a root that somebody else writes to: that is openat2()'s business.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* @path without empty, "." and (where that is lexically possible) ".." components and without a
 * trailing slash; ".." at the root goes. Nothing at all is ".". */
char *path_clean(struct arena *a, struct str path);

/* @path, cleaned, as seen from the directory @base; an absolute @path stays what it is. */
char *path_join(struct arena *a, const char *base, const char *path);

/* The last component: "c" of "/a/b/c"; "/" of "/". @path is clean. */
struct str path_base(struct str path);

/* All but the last component: "/a/b" of "/a/b/c"; "/" of "/a", "." of "a". @path is clean. */
struct str path_dir(struct str path);

/* True if @path lies below @dir and is not @dir itself. Both are clean. */
bool path_is_below(struct str path, struct str dir);

/* Cuts the next component from the front of @path, skipping slashes; empty when there is none. */
struct str path_cut(struct str *path);
