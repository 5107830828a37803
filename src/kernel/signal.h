/* signal.h - signal names and numbers. */
#pragma once
#include "base/words.h"

/* The number of "SIGTERM", "TERM", "term", "15", "RTMIN+3", "SIGRTMAX-1"; -1 if there is none.
 * RTMIN is 34, as for every program of the GNU C library. */
int signal_number(const char *name);

/* "SIGTERM"; NULL for a number without a name of its own (real-time signals). */
const char *signal_name(int number);
