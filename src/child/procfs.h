/*
 * procfs.h - /proc, without trust in what is mounted there.
 *
 * SLOT_PROC is a procfs of our own that is attached nowhere, so nothing can be mounted over its
 * files. Where the kernel refuses one (in a container whose own /proc has masks), the old root's
 * /proc is used, and every file is checked to be procfs's and reached without crossing a mount.
 */
#pragma once
#include "child/runner.h"

/* Opens SLOT_PROC. */
int procfs_open(struct runner *r);
/* 0 if @fd is the root of a procfs, not merely of something that is mounted on /proc; else -EXDEV.
 */
int procfs_check_root(struct runner *r, int fd);
/* Opens a file of procfs: "self/attr/exec". */
int procfs_open_file(struct runner *r, const char *path, uint64_t flags);
/* Detaches every procfs and sysfs of this mount namespace that is not below the working
 * directory; what cannot be detached is covered. */
int procfs_hide_others(struct runner *r);
