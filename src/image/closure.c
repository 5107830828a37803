#include "image/closure.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/path.h"
#include "image/libpath.h"
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { SCRIPT_DEPTH = 4, FIRST_LINE = 256 };

struct search {
	struct arena *arena;
	const char *path; /* PATH */
	struct text_list system;
	struct text_list *files;
	struct object *objects, **last; /* of one program, in the order they were found */
};

/* --- files
 * ------------------------------------------------------------------------------------------ */

/* A whole file, mapped. */
struct mapping {
	struct bytes bytes;
};

static void mapping_done(struct mapping *m)
{
	if (m->bytes.n)
		munmap((void *)(uintptr_t)m->bytes.p, m->bytes.n);
	*m = (struct mapping){};
}

static struct err *map_file(const char *path, struct mapping *out)
{
	cleanup(fd_close) struct fd file = {};
	struct stat st;
	struct err *e = fd_open(&file, AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
	if (e)
		return e;
	if (fstat(fd_num(file), &st) < 0 || !S_ISREG(st.st_mode))
		return err_new(ERR_USAGE, "%s is not a file", path);
	if (!st.st_size)
		return NULL;
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd_num(file), 0);
	if (p == MAP_FAILED)
		return err_sys(errno, "map %s", path);
	out->bytes = (struct bytes){ p, (size_t)st.st_size };
	return NULL;
}

static void add_file(struct search *s, const char *path)
{
	for (size_t i = 0; i < s->files->n; i++)
		if (strcmp(s->files->items[i], path) == 0)
			return;
	text_list_add(s->files, s->arena, path);
}

/* --- libraries
 * -------------------------------------------------------------------------------------- */

static bool fits(const struct elf_info *a, const struct elf_info *b)
{
	return a->wide == b->wide && a->big_endian == b->big_endian && a->machine == b->machine;
}

static bool is_called(const struct object *o, const char *name)
{
	const char *slash = strrchr(o->path, '/');
	return strcmp(slash ? slash + 1 : o->path, name) == 0 ||
	       (o->elf.soname && strcmp(o->elf.soname, name) == 0);
}

/* One that has been found before serves the whole program, as in the loader. */
static bool is_loaded(const struct search *s, const struct object *by, const char *name)
{
	for (const struct object *o = s->objects; o; o = o->next)
		if (fits(&o->elf, &by->elf) && (is_called(o, name) || strcmp(o->path, name) == 0))
			return true;
	return false;
}

static struct object *add_object(struct search *s, const char *path, const struct elf_info *elf,
	const struct object *needed_by)
{
	struct object *o = anew(s->arena, struct object, 1);
	char real[PATH_MAX];
	const char *full = !needed_by && realpath(path, real) ? real : path;
	*o = (struct object){ .path = path,
		.origin = arena_str(s->arena, path_dir(str_of(full))),
		.elf = *elf,
		.needed_by = needed_by };
	*s->last = o;
	s->last = &o->next;
	add_file(s, path);
	return o;
}

/* Takes @path if it is a library for the same machine; what is not is passed over, as by the
 * loader. */
static struct err *try_library(
	struct search *s, const char *path, const struct object *by, bool *taken)
{
	cleanup(mapping_done) struct mapping m = {};
	struct elf_info elf;
	*taken = false;
	if (access(path, R_OK) < 0)
		return NULL;
	struct err *e = map_file(path, &m);
	if (e || !elf_is(m.bytes)) {
		err_free(&e);
		return NULL;
	}
	e = elf_read(m.bytes, s->arena, &elf);
	if (e)
		return err_wrap(e, "%s", path);
	*taken = fits(&elf, &by->elf);
	if (*taken)
		add_object(s, path, &elf, by);
	return NULL;
}

static struct err *not_found(
	const struct object *by, const char *name, const struct text_list *dirs)
{
	cleanup(buf_done) struct buf where = {};
	for (size_t i = 0; i < dirs->n; i++)
		if (access(dirs->items[i], F_OK) == 0)
			buf_add(&where, "%s%s", where.n ? ", " : "", dirs->items[i]);
	return err_hint(err_new(ERR_NOT_FOUND, "%s needs %s, which is in none of: %s", by->path,
				name, buf_text(&where)),
		"install the package that has the library");
}

static struct err *find_library(struct search *s, const struct object *by, const char *name)
{
	bool taken = false;
	struct text_list dirs = {};
	struct err *e = NULL;
	if (strchr(name, '/')) {
		e = try_library(s, name, by, &taken);
	} else {
		dirs = libpath_of(by, &s->system, s->arena);
		for (size_t i = 0; i < dirs.n && !e && !taken; i++)
			e = try_library(
				s, arena_fmt(s->arena, "%s/%s", dirs.items[i], name), by, &taken);
	}
	return e ? e : taken ? NULL : not_found(by, name, &dirs);
}

static struct err *find_libraries(struct search *s, const struct object *from)
{
	struct err *e = NULL;
	for (const struct object *o = from; o && !e; o = o->next)
		for (size_t i = 0; i < o->elf.needed.n && !e; i++)
			if (!is_loaded(s, o, o->elf.needed.items[i]))
				e = find_library(s, o, o->elf.needed.items[i]);
	return e;
}

/* --- programs
 * --------------------------------------------------------------------------------------- */

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The absolute path of a program, in the arena. */
static struct err *find_program(struct search *s, const char *name, const char **out)
{
	*out = name;
	if (strchr(name, '/')) {
		char here[PATH_MAX];
		if (*name != '/' && !getcwd(here, sizeof(here)))
			return err_sys(errno, "getcwd");
		*out = path_join(s->arena, *name == '/' ? "/" : here, name);
		return is_program(*out) ? NULL
		                        : err_new(ERR_NOT_FOUND, "%s is not a program", *out);
	}
	for (struct str rest = str_of(s->path); rest.n;) {
		struct str dir = str_cut(&rest, ':');
		*out = arena_fmt(s->arena, STR_FMT "/%s", STR_ARG(dir), name);
		if (dir.n && *dir.p == '/' && is_program(*out))
			return NULL;
	}
	return err_new(ERR_NOT_FOUND, "there is no program %s in %s", name, s->path);
}

static struct err *add_program(struct search *s, const char *name, int depth);

static struct str skip_blanks(struct str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = (struct str){ s.p + 1, s.n - 1 };
	return s;
}

static struct str cut_word(struct str *s)
{
	*s = skip_blanks(*s);
	size_t n = 0;
	while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
		n++;
	struct str word = { s->p, n };
	*s = (struct str){ s->p + n, s->n - n };
	return word;
}

/* "#!/usr/bin/env -S python3 -u": env looks for the first word that is no option or assignment. */
static struct err *add_env_target(struct search *s, struct str rest, int depth)
{
	for (struct str word = cut_word(&rest); word.n; word = cut_word(&rest))
		if (*word.p != '-' && !memchr(word.p, '=', word.n))
			return add_program(s, arena_str(s->arena, word), depth);
	return NULL;
}

static struct err *add_script(struct search *s, const char *path, struct bytes file, int depth)
{
	struct str text = { (const char *)file.p + 2, file.n - 2 };
	if (text.n > FIRST_LINE)
		text.n = FIRST_LINE;
	struct str line = str_cut(&text, '\n');
	struct str interpreter = cut_word(&line);
	if (!interpreter.n || *interpreter.p != '/')
		return err_new(ERR_USAGE, "%s: its first line names no interpreter", path);
	if (interpreter.p[interpreter.n - 1] == '\r')
		return err_hint(
			err_new(ERR_USAGE, "%s: its first line ends in a carriage return", path),
			"convert it to Unix line ends (sed -i 's/\\r$//')");
	if (depth == SCRIPT_DEPTH)
		return err_new(ERR_USAGE, "%s: a script for a script for a script", path);
	add_file(s, path);
	struct err *e = add_program(s, arena_str(s->arena, interpreter), depth + 1);
	if (!e && str_eq(path_base(interpreter), STR("env")))
		e = add_env_target(s, line, depth + 1);
	return e ? err_wrap(e, "%s", path) : NULL;
}

static struct err *add_elf(struct search *s, const char *path, struct bytes file)
{
	struct elf_info elf;
	struct err *e = elf_read(file, s->arena, &elf);
	if (e)
		return err_wrap(e, "%s", path);
	s->objects = NULL;
	s->last = &s->objects;
	struct object *program = add_object(s, path, &elf, NULL);
	if (!elf.interpreter)
		return NULL; /* static, or a loader */
	bool taken;
	if (!is_loaded(s, program, elf.interpreter)) {
		e = try_library(s, elf.interpreter, program, &taken);
		if (!e && !taken)
			e = err_new(ERR_NOT_FOUND,
				"%s needs the interpreter %s, which is not there", path,
				elf.interpreter);
	}
	return e ? e : find_libraries(s, program);
}

static struct err *add_program(struct search *s, const char *name, int depth)
{
	cleanup(mapping_done) struct mapping m = {};
	const char *path = NULL;
	struct err *e = find_program(s, name, &path);
	if (!e)
		e = map_file(path, &m);
	if (e)
		return e;
	const char *start = m.bytes.p;
	if (m.bytes.n > 2 && start[0] == '#' && start[1] == '!')
		return add_script(s, path, m.bytes, depth);
	if (elf_is(m.bytes))
		return add_elf(s, path, m.bytes);
	return err_new(ERR_USAGE, "%s is neither an ELF file nor a script", path);
}

struct err *closure_find(
	const struct text_list *programs, const char *path, struct arena *a, struct text_list *out)
{
	struct search s = { .arena = a, .path = path, .files = out };
	s.system = libpath_system(a);
	struct err *e = NULL;
	for (size_t i = 0; i < programs->n && !e; i++)
		e = add_program(&s, programs->items[i], 0);
	return e;
}

bool closure_has(const struct text_list *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++) {
		struct str base = path_base(str_of(files->items[i]));
		size_t n = strlen(name);
		if (base.n >= n && memcmp(base.p, name, n) == 0 &&
			(base.n == n || base.p[n] == '.'))
			return true;
	}
	return false;
}
