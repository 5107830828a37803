#include "image/pack.h"
#include "base/buf.h"
#include "base/fd.h"
#include "image/closure.h"
#include "image/mirror.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Where file systems are mounted, and what programs take for granted. */
static const struct folder {
	const char *path;
	mode_t mode;
} folders[] = {
	{ "/dev", 0755 },
	{ "/etc", 0755 },
	{ "/proc", 0555 },
	{ "/root", 0700 },
	{ "/run", 0755 },
	{ "/sys", 0555 },
	{ "/tmp", 01777 },
	{ "/usr", 0755 },
	{ "/var", 0755 },
	{ "/var/tmp", 01777 },
};

/* Links of a system whose programs are all in /usr: "/bin/sh" is in scripts everywhere. */
static const char *const merged[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };

static const char group[] = "root:x:0:\n"
			    "tty:x:5:\n"
			    "nogroup:x:65534:\n";
static const char hosts[] = "127.0.0.1\tlocalhost\n"
			    "::1\tlocalhost\n";

static const char *const terminals[] = { "ansi", "dumb", "linux", "rxvt", "screen",
	"screen-256color", "tmux", "tmux-256color", "vt100", "vt220", "xterm", "xterm-256color" };
static const char *const terminal_dirs[] = { "/etc/terminfo", "/lib/terminfo",
	"/usr/share/terminfo" };

static bool is_link(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static struct err *put_folders(struct mirror *m)
{
	struct err *e = NULL;
	for (size_t i = 0; i < ARRAY_LEN(folders) && !e; i++)
		e = mirror_dir(m, folders[i].path, folders[i].mode);
	for (size_t i = 0; i < ARRAY_LEN(merged) && !e; i++)
		if (is_link(merged[i]))
			e = mirror_path(m, merged[i]);
	return e;
}

/* Each is in a directory called by its first letter, or that letter's number. */
static struct err *put_terminal(struct mirror *m, const char *name)
{
	if (!*name || strchr(name, '/') || strlen(name) > 64)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(terminal_dirs); i++) {
		const char *path = arena_fmt(m->arena, "%s/%c/%s", terminal_dirs[i], *name, name);
		if (access(path, R_OK) < 0)
			path = arena_fmt(m->arena, "%s/%02x/%s", terminal_dirs[i],
				(unsigned char)*name, name);
		if (access(path, R_OK) == 0)
			return mirror_path(m, path);
	}
	return NULL;
}

static struct err *put_terminals(struct mirror *m, const char *term)
{
	struct err *e = term ? put_terminal(m, term) : NULL;
	for (size_t i = 0; i < ARRAY_LEN(terminals) && !e; i++)
		e = put_terminal(m, terminals[i]);
	return e;
}

/* root's shell: the first that is there. */
static const char *shell_in(const struct text_list *paths)
{
	static const char *const shells[] = { "bash", "zsh", "fish", "dash", "busybox", "sh" };
	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		for (size_t j = 0; j < paths->n; j++) {
			const char *slash = strrchr(paths->items[j], '/');
			if (slash && strcmp(slash + 1, shells[i]) == 0)
				return paths->items[j];
		}
	return "/bin/sh";
}

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static struct err *put_etc(struct mirror *m, const struct text_list *paths)
{
	const char *passwd = arena_fmt(m->arena,
		"root:x:0:0:root:/root:%s\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
		shell_in(paths));
	struct err *e = mirror_text(m, "/etc/passwd", 0644, bytes_of(passwd));
	if (!e)
		e = mirror_text(m, "/etc/group", 0644, bytes_of(group));
	return e ? e : mirror_text(m, "/etc/hosts", 0644, bytes_of(hosts));
}

static bool draws(const struct text_list *paths)
{
	return closure_has(paths, "libtinfo.so") || closure_has(paths, "libncurses.so") ||
	       closure_has(paths, "libncursesw.so");
}

static struct err *put_all(
	struct mirror *m, const struct pack_request *r, const struct text_list *paths)
{
	struct err *e = put_folders(m);
	for (size_t i = 0; i < paths->n && !e; i++)
		e = mirror_path(m, paths->items[i]);
	if (!e && draws(paths))
		e = put_terminals(m, r->term);
	return e ? e : put_etc(m, paths);
}

/* Makes @dir and the directories above it that are missing. */
static struct err *make_path(const char *dir)
{
	cleanup(buf_done) struct buf path = {};
	buf_add(&path, "%s/", dir);
	for (char *slash = strchr(path.p + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path.p, 0755) < 0 && errno != EEXIST)
			return err_sys(errno, "make directory %s", path.p);
		*slash = '/';
	}
	return NULL;
}

static struct err *open_root(const char *dir, struct fd *out)
{
	struct err *e = make_path(dir);
	if (e)
		return e;
	return fd_open(out, AT_FDCWD, dir, O_PATH | O_DIRECTORY);
}

/* Everything is found before anything is written. */
struct err *pack(const struct pack_request *r, struct arena *a, struct packed *out)
{
	cleanup(fd_close) struct fd root = {};
	struct packed packed = {};
	struct err *e = closure_find(&r->programs, r->path, a, &packed.paths);
	if (!e)
		e = open_root(r->dir, &root);
	if (e)
		return e;
	struct mirror m = { .root = fd_num(root), .arena = a };
	e = put_all(&m, r, &packed.paths);
	if (e)
		return err_wrap(e, "filling %s", r->dir);
	packed.files = m.files;
	packed.bytes = m.bytes;
	*out = packed;
	return NULL;
}
