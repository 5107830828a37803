#include "oci/globals.h"
#include "base/log.h"
#include "base/num.h"
#include "base/path.h"
#include <fcntl.h>
#include <stdlib.h>

struct err *globals_open_log(const struct globals *g)
{
	struct log_sink sink = log_sink();
	cleanup(fd_close) struct fd file = {};
	struct err *e = log_format_parse(g->log_format, &sink.format);
	if (!e)
		e = log_level_parse(g->debug ? "debug" : g->log_level, &sink.least);
	bool named = g->log && *g->log && strcmp(g->log, "/dev/stderr") != 0;
	if (!e && named && sink.fd == STDERR_FILENO)
		e = fd_open(&file, AT_FDCWD, g->log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY);
	if (e)
		return err_wrap(e, "--log");
	if (fd_valid(file))
		sink.fd = fd_num(fd_take(&file));
	log_to(sink);
	return NULL;
}

struct err *globals_root(const struct cmd_call *call, bool make, struct state_root *out)
{
	const struct globals *g = call->global;
	const char *path = g->root;
	struct err *e = path ? NULL : state_default_root(call->arena, &path);
	return e ? e : state_root_open(path, make, call->arena, out);
}

/* '@' can't be in an id: no container is called that. */
const char *globals_filter_cache(struct arena *a)
{
	const char *root;
	struct err *e = state_default_root(a, &root);
	if (!e)
		return arena_fmt(a, "%s/@filters", root);
	err_free(&e);
	return NULL;
}

struct err *globals_rootless(const struct globals *g, bool *out)
{
	if (strcmp(g->rootless, "auto") == 0) {
		*out = !state_is_host_root();
		return NULL;
	}
	struct err *e = num_truth(str_of(g->rootless), out);
	return e ? err_hint(err_wrap(e, "--rootless"), "it can be true, false or auto") : NULL;
}

enum cgroup_manager globals_cgroup_manager(const struct globals *g)
{
	if (!g->cgroup_manager)
		return g->systemd_cgroup ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_FS;
	if (strcmp(g->cgroup_manager, "systemd") == 0)
		return CGROUP_MANAGER_SYSTEMD;
	return strcmp(g->cgroup_manager, "disabled") == 0 ? CGROUP_MANAGER_NONE : CGROUP_MANAGER_FS;
}

struct err *globals_absolute(const struct cmd_call *call, const char *path, const char **out)
{
	*out = path;
	if (!path || *path == '/')
		return NULL;
	char *cwd = getcwd(NULL, 0);
	if (!cwd)
		return err_sys(errno, "getcwd");
	*out = path_join(call->arena, cwd, path);
	free(cwd);
	return NULL;
}

struct err *globals_preserved(int64_t asked, int *out, int *listen_fds)
{
	const char *listen = getenv("LISTEN_FDS");
	int64_t extra = 0;
	struct err *e = listen && *listen ? num_range(str_of(listen), 0, 1024, &extra) : NULL;
	if (e)
		return err_wrap(e, "$LISTEN_FDS");
	if (asked < 0 || asked > 1024)
		return err_new(ERR_USAGE, "--preserve-fds: 0 to 1024 descriptors can be passed on");
	for (int fd = 3; fd < 3 + asked + extra; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0 || flags & FD_CLOEXEC)
			return err_hint(
				err_new(ERR_USAGE, "--preserve-fds: descriptor %d is not open", fd),
				"the caller must open all of them, without gaps from 3 on");
	}
	*out = (int)(asked + extra);
	*listen_fds = (int)extra;
	return NULL;
}

struct err *chosen_open(const struct cmd_call *call, bool lock, struct chosen *out)
{
	cleanup(chosen_close) struct chosen c = {};
	const char *id = call->operands[0];
	struct err *e = globals_root(call, false, &c.root);
	if (!e)
		e = container_open(&c.root, id, call->arena, &c.container);
	if (!e && lock) {
		/* What was read before the lock was ours may be out of date. */
		e = state_lock(&c.container.state, 10000);
		if (!e)
			e = container_reread(&c.container, call->arena);
	}
	if (e)
		return e;
	*out = c;
	c = (struct chosen){};
	return NULL;
}

void chosen_close(struct chosen *c)
{
	container_close(&c->container);
	state_root_close(&c->root);
}
