#include "image/libpath.h"
#include "base/buf.h"
#include "base/path.h"
#include "kernel/file.h"
#include <fcntl.h>
#include <glob.h>
#include <string.h>

enum { CONF_MAX = 1 << 20, CONF_DEPTH = 8 };

/* --- the system's configuration
 * ------------------------------------------------------------------- */

/* What loaders of the distributions have built in, those with directories per processor too. */
static const char *const built_in[] = { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib/riscv64-linux-gnu",
	"/usr/lib/riscv64-linux-gnu", "/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/lib64",
	"/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib", "/lib32", "/usr/lib32" };

static void read_conf(const char *path, int depth, struct arena *a, struct text_list *out);

static struct str trim(struct str s)
{
	while (s.n && strchr(" \t\r", *s.p))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && strchr(" \t\r", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* "include /etc/ld.so.conf.d/" and a pattern; relative to /etc. */
static void include(struct str pattern, int depth, struct arena *a, struct text_list *out)
{
	const char *text = path_join(a, "/etc", arena_str(a, trim(pattern)));
	glob_t found = {};
	if (glob(text, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_conf(found.gl_pathv[i], depth + 1, a, out);
	globfree(&found);
}

static bool is_word(struct str line, const char *word)
{
	size_t n = strlen(word);
	return line.n > n && memcmp(line.p, word, n) == 0 && strchr(" \t", line.p[n]);
}

static void read_line(struct str line, int depth, struct arena *a, struct text_list *out)
{
	line = trim(str_cut(&line, '#'));
	if (is_word(line, "include"))
		include((struct str){ line.p + 7, line.n - 7 }, depth, a, out);
	else if (line.n && *line.p == '/')
		text_list_add(out, a, arena_str(a, line));
}

static void read_conf(const char *path, int depth, struct arena *a, struct text_list *out)
{
	cleanup(buf_done) struct buf text = {};
	if (depth > CONF_DEPTH)
		return;
	struct err *e = file_read(AT_FDCWD, path, CONF_MAX, &text);
	err_free(&e); /* one that can't be read says nothing, as for ldconfig */
	for (struct str rest = { text.p, text.n }; rest.n;)
		read_line(str_cut(&rest, '\n'), depth, a, out);
}

struct text_list libpath_system(struct arena *a)
{
	struct text_list dirs = {};
	read_conf("/etc/ld.so.conf", 0, a, &dirs);
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		text_list_add(&dirs, a, built_in[i]);
	return dirs;
}

/* --- an object's own directories
 * ---------------------------------------------------------------------- */

/* "$ORIGIN/../lib": NULL if it has words that only a loader knows. */
static const char *expand(struct str entry, const char *origin, struct arena *a)
{
	static const char *const words[] = { "$ORIGIN", "${ORIGIN}" };
	const char *text = arena_str(a, entry);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *at = strstr(text, words[i]);
		if (at)
			text = arena_fmt(a, "%.*s%s%s", (int)(at - text), text, origin,
				at + strlen(words[i]));
	}
	return strchr(text, '$') || *text != '/' ? NULL : path_clean(a, str_of(text));
}

static void add_path(const char *path, const char *origin, struct arena *a, struct text_list *out)
{
	for (struct str rest = str_of(path ? path : ""); rest.n;) {
		const char *dir = expand(str_cut(&rest, ':'), origin, a);
		if (dir)
			text_list_add(out, a, dir);
	}
}

/* musl's loader has a file of its own, and other directories: see its manual. */
static bool add_musl(const struct object *object, struct arena *a, struct text_list *out)
{
	const struct object *program = object;
	while (program->needed_by)
		program = program->needed_by;
	const char *interpreter = program->elf.interpreter;
	const char *name = interpreter ? strstr(interpreter, "/ld-musl-") : NULL;
	if (!name)
		return false;
	cleanup(buf_done) struct buf text = {};
	const char *dot = strchr(name, '.');
	size_t n = dot ? (size_t)(dot - name) : strlen(name);
	struct err *e =
		file_read(AT_FDCWD, arena_fmt(a, "/etc%.*s.path", (int)n, name), CONF_MAX, &text);
	if (e)
		buf_add(&text, "/lib:/usr/local/lib:/usr/lib");
	err_free(&e);
	for (char *p = text.p; *p; p++)
		*p = *p == '\n' ? ':' : *p;
	add_path(buf_text(&text), "/", a, out);
	return true;
}

/*
 * RUNPATH holds for what the object itself needs, and makes RPATH void; RPATH also holds for
 * everything below, and so those of all who needed the object count.
 */
struct text_list libpath_of(
	const struct object *object, const struct text_list *system, struct arena *a)
{
	struct text_list dirs = {};
	const char *runpath = object->elf.runpath;
	add_path(runpath, object->origin, a, &dirs);
	for (const struct object *o = object; o && !runpath; o = o->needed_by)
		if (!o->elf.runpath)
			add_path(o->elf.rpath, o->origin, a, &dirs);
	if (object->elf.no_default || add_musl(object, a, &dirs))
		return dirs;
	for (size_t i = 0; i < system->n; i++)
		text_list_add(&dirs, a, system->items[i]);
	return dirs;
}
