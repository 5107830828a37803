/*
 * copy_up.h - fills a new file system with what it is about to hide.
 *
 * Copied are directories, files, links, devices, pipes and sockets with owner, mode and times;
 * hard links become files of their own, extended attributes are left out. The new file system is
 * attached nowhere, so nobody else can change it; the old directory may be changed under our hands,
 * and no link in it is followed.
 */
#pragma once
#include "child/runner.h"

/* Copies what is in directory @from into directory @to; of @to itself the times are set. At most 64
 * levels deep: -ELOOP. */
int copy_up(struct runner *r, int from, int to);
