/*
 * libpath.h - where the dynamic loader looks for a shared library. Source: ld.so(8), ldconfig(8).
 *
 * What depends on the environment of the moment (LD_LIBRARY_PATH, LD_PRELOAD) is left out: it is
 * not there in a container. Directories for special processors (glibc-hwcaps) are left out too:
 * what they hold is in the ordinary ones as well.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "image/elf.h"

/* A program or library that has been found. */
struct object {
	const char *path;   /* as it was found */
	const char *origin; /* the directory that $ORIGIN means */
	struct elf_info elf;
	const struct object *needed_by; /* NULL for a program */
	struct object *next;
};

/* The directories of /etc/ld.so.conf and what it includes, then those that the loader knows by
 * itself. */
struct text_list libpath_system(struct arena *a);

/* The directories in which @object's library @name is looked for, in order; @system is that of
 * libpath_system(). Expands $ORIGIN; entries with other such words are left out. */
struct text_list libpath_of(
	const struct object *object, const struct text_list *system, struct arena *a);
