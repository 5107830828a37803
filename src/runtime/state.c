#include "runtime/state.h"
#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/probe.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 16 << 20, ID_MAX = 255 };

/* --- the root ----------------------------------------------------------------------------- */

bool state_is_host_root(void)
{
	return geteuid() == 0 && probe_initial_userns();
}

struct err *state_default_root(struct arena *a, const char **out)
{
	const char *users = state_is_host_root() ? NULL : getenv("XDG_RUNTIME_DIR");
	if (!users && geteuid() != 0)
		return err_hint(err_new(ERR_USAGE, "no directory for the state of containers"),
			"set XDG_RUNTIME_DIR, or give one with --root");
	*out = arena_fmt(a, "%s/onggi", users ? users : "/run");
	return NULL;
}

static struct err *absolute(const char *path, struct arena *a, const char **out)
{
	*out = path;
	if (*path == '/')
		return NULL;
	char *cwd = getcwd(NULL, 0);
	if (!cwd)
		return err_sys(errno, "getcwd");
	*out = arena_fmt(a, "%s/%s", cwd, path);
	free(cwd);
	return NULL;
}

/* Makes @path and what is missing above it. The sticky bit keeps cleaners of $XDG_RUNTIME_DIR
 * away, as the XDG base directory specification has it. */
static struct err *make_root(const char *path, struct arena *a)
{
	mode_t mode = state_is_host_root() ? 0711 : 01700;
	if (mkdir(path, mode) == 0)
		return chmod(path, mode) < 0 ? err_sys(errno, "chmod %s", path) : NULL;
	if (errno != ENOENT)
		return errno == EEXIST ? NULL : err_sys(errno, "make %s", path);
	char *copy = arena_str(a, str_of(path));
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return err_sys(errno, "make %s", copy);
		*p = '/';
	}
	return mkdir(path, mode) < 0 && errno != EEXIST ? err_sys(errno, "make %s", path) : NULL;
}

static struct err *refuse_slash(int dir)
{
	struct stat here, slash;
	if (fstat(dir, &here) < 0 || stat("/", &slash) < 0)
		return err_sys(errno, "stat");
	if (here.st_dev != slash.st_dev || here.st_ino != slash.st_ino)
		return NULL;
	return err_hint(err_new(ERR_USAGE, "--root can't be /"),
		"give a directory that holds nothing else, on a tmpfs if possible");
}

struct err *state_root_open(const char *path, bool make, struct arena *a, struct state_root *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct err *e =
		*path ? absolute(path, a, &out->path) : err_new(ERR_USAGE, "--root can't be empty");
	if (e)
		return e;
	e = fd_open(&dir, AT_FDCWD, out->path, O_RDONLY | O_DIRECTORY);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		if (!make)
			return NULL;
		e = make_root(out->path, a);
		if (!e)
			e = fd_open(&dir, AT_FDCWD, out->path, O_RDONLY | O_DIRECTORY);
	}
	if (!e)
		e = refuse_slash(fd_num(dir));
	if (e)
		return e;
	out->dir = fd_take(&dir);
	return NULL;
}

void state_root_close(struct state_root *r)
{
	fd_close(&r->dir);
}

/* --- ids, claims and locks ---------------------------------------------------------------- */

static bool is_id(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			      "_+.-");
	return n && n <= ID_MAX && !id[n] && strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

struct err *state_check_id(const char *id)
{
	if (is_id(id))
		return NULL;
	return err_hint(err_new(ERR_USAGE, "invalid container id format: '%s'", id),
		"an id has letters, digits, '_', '+', '.' and '-', and up to 255 of them");
}

static struct err *missing(const char *id)
{
	return err_new(ERR_NOT_FOUND, "container does not exist: %s", id);
}

struct err *state_open(
	const struct state_root *root, const char *id, struct arena *a, struct state *out)
{
	cleanup(fd_close) struct fd dir = {};
	struct err *e = state_check_id(id);
	if (e)
		return e;
	if (!fd_valid(root->dir))
		return missing(id);
	e = fd_open(&dir, fd_num(root->dir), id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (e && e->kind == ERR_NOT_FOUND) {
		err_free(&e);
		return missing(id);
	}
	if (e)
		return err_wrap(e, "container %s", id);
	*out = (struct state){ .id = arena_str(a, str_of(id)),
		.path = arena_fmt(a, "%s/%s", root->path, id),
		.root = fd_num(root->dir),
		.dir = fd_take(&dir) };
	return NULL;
}

struct err *state_claim(
	const struct state_root *root, const char *id, struct arena *a, struct state *out)
{
	struct err *e = state_check_id(id);
	if (e)
		return e;
	if (mkdirat(fd_num(root->dir), id, 0700) < 0) {
		if (errno != EEXIST)
			return err_sys(errno, "make %s/%s", root->path, id);
		e = err_new(ERR_CONFLICT, "container with given ID already exists: %s", id);
		return err_hint(e, "choose another id, or remove that container with delete");
	}
	cleanup(state_close) struct state s = {};
	e = state_open(root, id, a, &s);
	if (!e) /* who only asks whether it is locked holds it for a moment: state_is_locked() */
		e = state_lock(&s, 1000);
	if (e) {
		unlinkat(fd_num(root->dir), id, AT_REMOVEDIR);
		return err_wrap(e, "claiming %s", id);
	}
	*out = s;
	s.dir = (struct fd){};
	return NULL;
}

void state_close(struct state *s)
{
	fd_close(&s->dir);
}

struct err *state_lock(const struct state *s, int milliseconds)
{
	bool taken;
	struct stat dir;
	struct err *e = lock_take(fd_num(s->dir), milliseconds, &taken);
	if (e)
		return err_wrap(e, "container %s", s->id);
	if (!taken)
		return err_hint(err_new(ERR_CONFLICT,
					"container %s is being changed by another process", s->id),
			"wait for that process, or end it, and try again");
	/* Who had the lock before us may have removed the directory. */
	if (fstat(fd_num(s->dir), &dir) < 0 || dir.st_nlink == 0) {
		lock_release(fd_num(s->dir));
		return missing(s->id);
	}
	return NULL;
}

void state_unlock(const struct state *s)
{
	lock_release(fd_num(s->dir));
}

bool state_is_locked(const struct state *s)
{
	cleanup(fd_close) struct fd again = {};
	bool taken = true;
	cleanup(err_free) struct err *e =
		fd_open(&again, fd_num(s->dir), ".", O_RDONLY | O_DIRECTORY);
	if (!e)
		e = lock_take(fd_num(again), 0, &taken);
	return !e && !taken;
}

const char *state_path(const struct state *s, const char *name, struct arena *a)
{
	return arena_fmt(a, "%s/%s", s->path, name);
}

/* --- config.json -------------------------------------------------------------------------- */

struct err *state_write_config(const struct state *s, struct bytes text)
{
	return file_replace(fd_num(s->dir), "config.json", 0600, text);
}

struct err *state_read_config(const struct state *s, struct buf *out)
{
	struct err *e = file_read(fd_num(s->dir), "config.json", CONFIG_MAX, out);
	return e ? err_wrap(e, "container %s", s->id) : NULL;
}

/* --- the end, and all of them ------------------------------------------------------------- */

/* Removes all there is in a directory of ours, which has no directories. */
static struct err *empty(int dir)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	if (!d)
		return err_sys(errno, "open");
	int failed = 0;
	for (struct dirent *it; (it = readdir(d));)
		if (strcmp(it->d_name, ".") != 0 && strcmp(it->d_name, "..") != 0 &&
			unlinkat(dir, it->d_name, 0) < 0 && errno != ENOENT)
			failed = errno;
	closedir(d);
	return failed ? err_sys(failed, "remove a file") : NULL;
}

struct err *state_remove(const struct state *s)
{
	static const char *const files[] = { "process.json", "config.json", "record.json" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		unlinkat(fd_num(s->dir), files[i], 0);
	struct err *e = NULL;
	if (unlinkat(s->root, s->id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return NULL;
	e = empty(fd_num(s->dir));
	if (!e && unlinkat(s->root, s->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		e = err_sys(errno, "remove");
	return e ? err_wrap(e, "removing %s", s->path) : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct err *state_list(const struct state_root *root, struct arena *a, struct text_list *out)
{
	*out = (struct text_list){};
	if (!fd_valid(root->dir))
		return NULL;
	int again = openat(fd_num(root->dir), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	if (!d)
		return err_sys(errno, "open %s", root->path);
	cleanup(buf_done) struct buf found = {};
	size_t n = 0;
	for (struct dirent *it; (it = readdir(d));) {
		if (it->d_type != DT_DIR && it->d_type != DT_UNKNOWN)
			continue;
		if (!is_id(it->d_name))
			continue;
		buf_add(&found, "%s/", it->d_name);
		n++;
	}
	closedir(d);
	out->items = anew(a, const char *, n + 1);
	struct str rest = str_of(buf_text(&found));
	while (rest.n)
		out->items[out->n++] = arena_str(a, str_cut(&rest, '/'));
	qsort(out->items, out->n, sizeof(*out->items), by_name);
	return NULL;
}
