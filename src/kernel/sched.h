/*
 * sched.h - words for how a process is scheduled and where its memory lies: the names that
 * config.json has for the numbers of sched_setattr(2), ioprio_set(2), set_mempolicy(2) and
 * personality(2).
 */
#pragma once
#include "base/words.h"

extern const struct words sched_policies;      /* "SCHED_BATCH" */
extern const struct words sched_flags;         /* "SCHED_FLAG_RESET_ON_FORK" */
extern const struct words ioprio_classes;      /* "IOPRIO_CLASS_BE" */
extern const struct words mempolicy_modes;     /* "MPOL_BIND" */
extern const struct words mempolicy_flags;     /* "MPOL_F_STATIC_NODES" */
extern const struct words personality_domains; /* "LINUX32" */
