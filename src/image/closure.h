/*
 * closure.h - the files that programs need to run: their interpreters and shared libraries, and
 * theirs, found by reading them, as the kernel and the dynamic loader would.
 *
 * What a program opens by itself later is not seen: plugins (dlopen), data, modules of a language.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

/* Finds all files that @programs need, each once, themselves included, as paths of this system. A
 * program is a path, or a name to be looked for along @path (the value of PATH). */
[[nodiscard]] struct err *closure_find(
	const struct text_list *programs, const char *path, struct arena *a, struct text_list *out);

/* True if one of @files has that name, up to its version: "libtinfo.so" is "libtinfo.so.6" too. */
bool closure_has(const struct text_list *files, const char *name);
