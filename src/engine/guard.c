#include "engine/guard.h"
#include "kernel/lock.h"
#include <fcntl.h>

enum { LOCK_PATIENCE = 30000 };

struct err *guard_take(
	const struct engine *e, struct engine_container *c, struct arena *a, struct guard *out)
{
	cleanup(guard_release) struct guard g = {};
	bool taken = false;
	struct err *bad = fd_open(&g.dir, AT_FDCWD, c->dir, O_RDONLY | O_DIRECTORY);
	if (!bad)
		bad = lock_take(fd_num(g.dir), LOCK_PATIENCE, &taken);
	if (!bad && !taken)
		bad = err_new(
			ERR_CONFLICT, "container %s is being changed by another command", c->id);
	if (!bad)
		bad = container_find(e, c->id, a, c);
	if (bad)
		return bad;
	out->dir = fd_take(&g.dir);
	return NULL;
}

void guard_release(struct guard *g)
{
	fd_close(&g->dir);
}
