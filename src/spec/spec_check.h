/*
 * spec_check.h - the parts of spec_check(): each refuses what the parts of a document contradict
 * each other in. What a launch needs to be there at all is the planner's to say.
 */
#pragma once
#include "spec/spec.h"

/* The flag of every namespace in the document, and of those that are joined by path. */
struct spec_namespaces {
	uint64_t listed, joined; /* CLONE_NEW* */
};
struct spec_namespaces spec_namespaces(const struct spec *s);

/* Puts the place of an object in front of an error about one of its members: "type: ..." becomes
 * "linux.devices[0].type: ...". Takes ownership of @e; NULL stays NULL. */
[[nodiscard]] struct err *spec_check_at(struct err *e, const char *fmt, ...) printf_like(2, 3);
/* linux (spec_check_linux.c). */
[[nodiscard]] struct err *spec_check_linux(const struct spec *s);
/* An id map: each id in one range at most. */
[[nodiscard]] struct err *spec_check_idmap(const struct list *map);
