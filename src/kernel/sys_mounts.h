/* sys_mounts.h - the system calls on mounts and the root: see sys_calls.h. */
#pragma once
#include "kernel/sys_do.h"

/* Makes @path the root of later lookups. */
static inline long sys_chroot(const struct sys *k, const char *path)
{
	return SYS_DO(k, SYS_CHROOT, (long)path);
}

/* Configures the file system that @fs prepares, as @command says: fsconfig(2). */
static inline long sys_fsconfig(const struct sys *k, int fs, unsigned int command, const char *key,
	const char *value, int aux)
{
	return SYS_DO(k, SYS_FSCONFIG, fs, command, (long)key, (long)value, aux);
}

/* Makes a detached mount of what @fs has created. */
static inline long sys_fsmount(const struct sys *k, int fs, unsigned int flags, unsigned int attrs)
{
	return SYS_DO(k, SYS_FSMOUNT, fs, flags, attrs);
}

/* Prepares a file system of @type. */
static inline long sys_fsopen(const struct sys *k, const char *type, unsigned int flags)
{
	return SYS_DO(k, SYS_FSOPEN, (long)type, flags);
}

/* mount(2): any text may be NULL. */
static inline long sys_mount(const struct sys *k, const char *source, const char *target,
	const char *type, unsigned long flags, const char *data)
{
	return SYS_DO(
		k, SYS_MOUNT, (long)source, (long)target, (long)type, (long)flags, (long)data);
}

/* Changes attributes of a mount, or with AT_RECURSIVE of all below it. */
static inline long sys_mount_setattr(const struct sys *k, int dir, const char *path,
	unsigned int flags, const struct mount_attr *attr)
{
	return SYS_DO(k, SYS_MOUNT_SETATTR, dir, (long)path, flags, (long)attr, sizeof(*attr));
}

/* Attaches or moves a mount. */
static inline long sys_move_mount(const struct sys *k, int from_dir, const char *from, int to_dir,
	const char *to, unsigned int flags)
{
	return SYS_DO(k, SYS_MOVE_MOUNT, from_dir, (long)from, to_dir, (long)to, flags);
}

/* Opens a mount, or with OPEN_TREE_CLONE a detached copy of it. */
static inline long sys_open_tree(const struct sys *k, int dir, const char *path, unsigned int flags)
{
	return SYS_DO(k, SYS_OPEN_TREE, dir, (long)path, flags);
}

/* Makes @new_root the root and puts the old one at @old_root. */
static inline long sys_pivot_root(const struct sys *k, const char *new_root, const char *old_root)
{
	return SYS_DO(k, SYS_PIVOT_ROOT, (long)new_root, (long)old_root);
}

/* Detaches what is mounted on @path. */
static inline long sys_umount2(const struct sys *k, const char *path, int flags)
{
	return SYS_DO(k, SYS_UMOUNT2, (long)path, flags);
}
