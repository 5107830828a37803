#include "engine/engine.h"
#include "config.h"
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The directories below the root; 0711: a container's mapped user has to pass, not to look. */
static const char *const folders[] = { "containers", "names", "volumes", "layers" };

static struct err *make_dir(const char *path)
{
	if (mkdir(path, 0711) < 0 && errno != EEXIST)
		return err_sys(errno, "mkdir %s", path);
	return NULL;
}

static struct err *make_dirs(const char *path, struct arena *a)
{
	char *copy = arena_str(a, str_of(path));
	struct err *e = NULL;
	for (char *slash = strchr(copy + 1, '/'); slash && !e; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		e = make_dir(copy);
		*slash = '/';
	}
	return e ? e : make_dir(copy);
}

static const char *or_env(const char *given, const char *variable, const char *preset)
{
	const char *value = given ? given : getenv(variable);
	return value && *value ? value : preset;
}

static struct err *defaults(struct arena *a, const char **root, const char **run_root)
{
	*root = "/var/lib/onggi";
	*run_root = "/run/onggi/@engine";
	if (state_is_host_root())
		return NULL;
	const char *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME"), *runtime;
	struct err *e = state_default_root(a, &runtime);
	if (e)
		return e;
	if (!data && !home)
		return err_new(ERR_USAGE, "neither XDG_DATA_HOME nor HOME is set");
	*root = data ? arena_fmt(a, "%s/onggi", data) : arena_fmt(a, "%s/.local/share/onggi", home);
	*run_root = arena_fmt(a, "%s/@engine", runtime);
	return NULL;
}

static struct err *absolute(const char *path, struct arena *a, const char **out)
{
	struct err *e = make_dirs(path, a);
	char *resolved = e ? NULL : realpath(path, NULL);
	if (!e && !resolved)
		e = err_sys(errno, "%s", path);
	if (!e)
		*out = arena_str(a, str_of(resolved));
	free(resolved);
	return e;
}

/* Helpers lie beside this program where it was built; where it is installed, in libexec. */
static struct err *find_programs(const struct engine_options *o, struct arena *a, struct engine *e)
{
	char self[PATH_MAX] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return err_sys(errno, "readlink /proc/self/exe");
	self[n] = 0;
	e->program = o->program ? o->program : arena_str(a, str_of(self));
	const char *slash = strrchr(self, '/');
	const char *beside = arena_str(a, (struct str){ self, (size_t)(slash - self) });
	e->libexec = or_env(o->libexec, "ONGGI_LIBEXEC", NULL);
	if (!e->libexec)
		e->libexec = access(arena_fmt(a, "%s/onggi-monitor", beside), X_OK) == 0
		                     ? beside
		                     : ONGGI_LIBEXECDIR;
	return NULL;
}

struct err *engine_open(const struct engine_options *o, struct arena *a, struct engine *out)
{
	struct engine eng = { .arena = a, .systemd_cgroup = o->systemd_cgroup };
	const char *root, *run_root;
	struct err *e = defaults(a, &root, &run_root);
	if (!e)
		e = absolute(or_env(o->root, "ONGGI_ROOT", root), a, &eng.root);
	if (!e)
		e = absolute(or_env(o->run_root, "ONGGI_RUN_ROOT", run_root), a, &eng.run_root);
	for (size_t i = 0; !e && i < ARRAY_LEN(folders); i++)
		e = make_dir(engine_path(&eng, a, "%s", folders[i]));
	if (!e)
		e = make_dir(arena_fmt(a, "%s/@monitor", eng.run_root));
	if (!e)
		e = find_programs(o, a, &eng);
	if (!e)
		e = fd_open(&eng.dir, AT_FDCWD, eng.root, O_RDONLY | O_DIRECTORY);
	if (!e)
		e = state_root_open(eng.run_root, true, a, &eng.states);
	if (e) {
		engine_close(&eng);
		return e;
	}
	*out = eng;
	return NULL;
}

void engine_close(struct engine *e)
{
	state_root_close(&e->states);
	fd_close(&e->dir);
}

const char *engine_path(const struct engine *e, struct arena *a, const char *fmt, ...)
{
	cleanup(buf_done) struct buf path = {};
	va_list ap;
	va_start(ap, fmt);
	buf_add(&path, "%s/", e->root);
	buf_vadd(&path, fmt, ap);
	va_end(ap);
	return arena_str(a, (struct str){ buf_text(&path), path.n });
}
