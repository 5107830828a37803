/* link.h - a connection to a container's monitor (monitor/protocol.h). */
#pragma once
#include "base/fd.h"
#include <stdint.h>

/* Connects to the socket in the monitor's directory @run_dir and says what we want to get
 * (HELLO_*). ERR_NOT_FOUND if nobody listens. */
[[nodiscard]] struct err *link_connect(const char *run_dir, uint8_t flags, struct fd *out);
/* Listens in @run_dir, which is made. */
[[nodiscard]] struct err *link_listen(const char *run_dir, struct fd *out);
