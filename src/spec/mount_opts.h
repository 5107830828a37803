/*
 * mount_opts.h - the words of mounts[].options, as what the kernel is told.
 *
 * Later words win. Words that no table knows go to the file system as they are. Source: OCI
 * runtime-spec 1.3, config.md "Linux mount options"; mount(8).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

struct mount_opts {
	bool bind, recursive, remount;
	bool idmap, recursive_idmap;
	bool copy_up;
	bool no_symlink;       /* the destination itself may not be a link */
	uint64_t set, clear;   /* MOUNT_ATTR_* of the mount; what is set is cleared first if it
	                        * is one of several choices (MOUNT_ATTR__ATIME) */
	uint64_t rset, rclear; /* of the mount and all below it */
	uint64_t propagation;  /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0: not said */
	bool propagation_recursive;
	struct text_list params; /* "sync", "size=64m": as fsconfig() takes them, in their order */
	struct text_list idle;   /* words that mean nothing to the kernel's mount calls */
};

/* Reads the words of one mount. Errors name the word: one that onggi knows but does not support, or
 * one that fsconfig() can't take. */
[[nodiscard]] struct err *mount_opts_parse(
	const struct text_list *words, struct arena *a, struct mount_opts *out);

/* True if the words say "<key>=...". */
bool mount_opts_has(const struct mount_opts *o, const char *key);

/* What a word says about propagation: MS_SHARED ..., with MS_REC for the whole tree; 0 if it says
 * nothing about that. */
uint64_t mount_opts_propagation(const char *word);

/* All words that we know, in alphabetical order: what `features` lists. */
void mount_opts_words(struct arena *a, struct text_list *out);
