/*
 * netdev.h - moves a network interface into another network namespace, as linux.netDevices of
 * config.json asks. The interface keeps its permanent addresses of global scope and is up
 * afterwards. Source: OCI runtime-spec 1.3, config-linux.md, "Network Devices".
 */
#pragma once
#include "base/err.h"
#include <sys/types.h>

/*
 * Moves interface @name of this process's network namespace into that of @pid and calls it
 * @new_name there (NULL keeps its name). A name with "%d" lets the kernel find a free number;
 * without, a name that is taken is an error. This process has one thread: it enters the other
 * namespace for a moment.
 */
[[nodiscard]] struct err *netdev_move(const char *name, const char *new_name, pid_t pid);
