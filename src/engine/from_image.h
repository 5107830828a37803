/*
 * from_image.h - what a container takes over from its image.
 *
 * What was asked goes before what the image says; the result is a request that needs no image any
 * more. Environment variables and labels are joined, ENTRYPOINT and CMD follow Docker's rules: a
 * new entrypoint forgets the image's command.
 */
#pragma once
#include "engine/record.h"
#include "image/imgconf.h"

/* Fills what @r leaves open; *@args is the command line. */
void from_image(const struct imgconf_run *image, struct arena *a, struct container_request *r,
	struct text_list *args);
