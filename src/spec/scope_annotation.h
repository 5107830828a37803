/*
 * scope_annotation.h - unit properties that a document asks for in annotations.
 *
 *	"org.systemd.property.TimeoutStopUSec": "uint64 5000000"
 *	"org.systemd.property.TimeoutStopSec": "5"
 *	"org.systemd.property.CollectMode": "'inactive-or-failed'"
 *	"org.systemd.property.After": "['a.service', 'b.service']"
 *
 * Values are texts of GVariant. An image can bring annotations, so only properties that concern
 * the unit alone are taken: none that start, stop or run anything else.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* What the keys of such annotations begin with. */
#define SCOPE_ANNOTATION "org.systemd.property."

/* The property of annotation @key with that value, as scope.h writes it; NULL in *@out if @key is
 * about something else. */
[[nodiscard]] struct err *scope_annotation(
	const char *key, const char *value, struct arena *a, const char **out);
