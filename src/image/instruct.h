/*
 * instruct.h - Dockerfile instructions that change an image's configuration alone, one at a time:
 * what --change takes. "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "STOPSIGNAL",
 * "USER", "VOLUME", "WORKDIR"; others are refused by name.
 */
#pragma once
#include "image/imgconf.h"

/* Applies @line to @run. Texts are the arena's. */
[[nodiscard]] struct err *instruct(const char *line, struct arena *a, struct imgconf_run *run);
