/* rlimit.h - the names and numbers of resource limits. */
#pragma once
#include "base/words.h"

/* "RLIMIT_NOFILE" and its number: all sixteen of the kernel. */
extern const struct words rlimit_words;
