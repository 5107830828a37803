/* flags.h - flag words of system calls by name: "CLONE_NEWNS|CLONE_NEWPID". See words_show(). */
#pragma once
#include "base/words.h"

extern const struct words clone_flags;        /* CLONE_*, of clone3(2) and unshare(2) */
extern const struct words mount_attr_flags;   /* MOUNT_ATTR_*, of fsmount(2) and mount_setattr(2) */
extern const struct words mount_flags;        /* MS_*, of mount(2) */
extern const struct words seccomp_load_flags; /* SECCOMP_FILTER_FLAG_*, of seccomp(2) */
extern const struct words personality_flags;  /* ADDR_NO_RANDOMIZE ..., of personality(2) */

/* The flags of open(2), with the access mode that is no bit: "O_RDONLY|O_CLOEXEC". */
void open_flags_show(uint64_t flags, struct buf *out);
