/* files.h - the small files that each container gets of its own: hosts, hostname, resolv.conf. */
#pragma once
#include "engine/find.h"

/* Writes them into the container's directory, where they are mounted from. What a container has
 * written to its own stays, but for the first start. @hostname is NULL where it shares ours. */
[[nodiscard]] struct err *files_write(
	const struct engine_container *c, const char *hostname, struct arena *a);

/* The text of resolv.conf: what was asked, and for the rest the lines of @host. */
void files_resolv(const struct container_request *r, struct str host, struct buf *out);
/* The text of hosts. ERR_USAGE for an --add-host that is not "name:address". */
[[nodiscard]] struct err *files_hosts(
	const struct container_request *r, const char *hostname, struct buf *out);
