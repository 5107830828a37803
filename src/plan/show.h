/*
 * show.h - parts of operations as text, shared by whatever prints plans.
 *
 * Each appends to @out. Capital words are the kernel's names, small ones are mount(8)'s.
 */
#pragma once
#include "plan/plan.h"

/* op_title(), with the host's path in place of a slot that @where, which may be NULL, fills. */
void show_title(const struct op *op, const struct launch_plan *where, struct buf *out);
/* A path beneath the container's root, with one slash in front: "/proc". */
void show_inside(const char *path, struct buf *out);
/* The kinds of namespaces in a CLONE_NEW* word: "mount, pid". */
void show_namespaces(uint64_t flags, struct buf *out);
/* A bit mask as a list: "0-3,7". */
void show_bits(struct bytes mask, struct buf *out);
/* MS_SLAVE as "slave", with recursion "rslave". */
void show_propagation(uint64_t flags, bool recursive, struct buf *out);
/* Of OP_DEVICE, as mknod(1) takes it: "c 1 3". */
void show_device_number(const struct op *op, struct buf *out);
/* Of OP_MEMORY_POLICY: "MPOL_BIND|MPOL_F_STATIC_NODES". */
void show_memory_mode(const struct op *op, struct buf *out);
/* Of a resource limit: "1024", "unlimited". */
void show_limit(uint64_t value, struct buf *out);
