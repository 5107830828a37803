#include "engine/network.h"

struct err *network_attach(
	const struct engine *, const struct engine_container *, pid_t, struct arena *)
{
	return NULL;
}

struct err *network_detach(const struct engine *, const struct engine_container *, struct arena *)
{
	return NULL;
}
