#include "base/test.h"
#include "image/closure.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char path[] = "/usr/local/bin:/usr/bin:/bin";

static struct text_list find(const char *program, struct arena *a)
{
	struct text_list programs = { &program, 1 }, files = {};
	struct err *e = closure_find(&programs, path, a, &files);
	if (e)
		err_print(e, stderr, "closure_test");
	CHECK(!e);
	return files;
}

/* What the loader itself says: "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)". */
static void agrees_with_loader(const char *program)
{
	cleanup(arena_done) struct arena a = {};
	char line[512], *arrow, *end;
	struct text_list files = find(program, &a);
	FILE *ldd = popen(arena_fmt(&a, "ldd %s 2>/dev/null", program), "re");
	size_t n = 0;
	while (ldd && fgets(line, sizeof(line), ldd)) {
		arrow = strstr(line, "=> /");
		end = arrow ? strchr(arrow, '(') : NULL;
		if (!end)
			continue;
		end[-1] = '\0';
		bool found = false;
		for (size_t i = 0; i < files.n; i++) {
			char ours[PATH_MAX], theirs[PATH_MAX];
			found = found ||
			        (realpath(files.items[i], ours) && realpath(arrow + 3, theirs) &&
					strcmp(ours, theirs) == 0);
		}
		if (!found)
			test_failed(__FILE__, __LINE__, "%s: %s is missing", program, arrow + 3);
		n++;
	}
	if (ldd)
		pclose(ldd);
	CHECK(files.n == n + 2); /* the program and its interpreter besides */
}

TEST(closure_is_what_the_loader_loads)
{
	static const char *const programs[] = { "/bin/bash", "/usr/bin/env", "/bin/ls",
		"/usr/bin/python3", "/usr/bin/perl", "/usr/bin/gdb", "/usr/bin/git" };
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (access(programs[i], X_OK) == 0)
			agrees_with_loader(programs[i]);
}

TEST(closure_finds_programs_along_path)
{
	cleanup(arena_done) struct arena a = {};
	struct text_list files = find("env", &a);
	CHECK_TEXT(files.items[0], "/usr/bin/env");
	CHECK(closure_has(&files, "libc.so") && closure_has(&files, "env"));
	CHECK(!closure_has(&files, "lib") && !closure_has(&files, "libc.s"));
}

struct place {
	char dir[40];
	struct arena arena;
};

static struct place make_place(void)
{
	struct place p = { .dir = "/tmp/onggi-closure-XXXXXX" };
	CHECK(mkdtemp(p.dir));
	return p;
}

static void place_done(struct place *p)
{
	CHECK(system(arena_fmt(&p->arena, "rm -r %s", p->dir)) == 0);
	arena_done(&p->arena);
}

static const char *program(struct place *p, const char *text)
{
	const char *name = arena_fmt(&p->arena, "%s/program", p->dir);
	FILE *file = fopen(name, "we");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(name, 0755) == 0);
	return name;
}

static void has(struct place *p, const char *text, const char *const *names)
{
	struct text_list files = find(program(p, text), &p->arena);
	CHECK_TEXT(files.items[0], program(p, text));
	for (; *names; names++)
		CHECK(closure_has(&files, *names));
}

TEST(closure_of_a_script_has_its_interpreter)
{
	cleanup(place_done) struct place p = make_place();
	has(&p, "#!/bin/sh\n", (const char *const[]){ "sh", "libc.so", NULL });
	has(&p, "#! /bin/sh -e", (const char *const[]){ "sh", NULL });
	has(&p, "#!/usr/bin/env sh\n", (const char *const[]){ "env", "sh", NULL });
	has(&p, "#!/usr/bin/env -S A=b sh -e\n", (const char *const[]){ "env", "sh", NULL });
}

static void refused(const char *name, const char *words)
{
	cleanup(arena_done) struct arena a = {};
	cleanup(buf_done) struct buf text = {};
	struct text_list programs = { &name, 1 }, files = {};
	cleanup(err_free) struct err *e = closure_find(&programs, path, &a, &files);
	CHECK(e);
	err_show(e, &text);
	if (!strstr(buf_text(&text), words))
		test_failed(__FILE__, __LINE__, "no '%s' in: %s", words, buf_text(&text));
}

TEST(closure_names_what_is_wrong)
{
	cleanup(place_done) struct place p = make_place();
	refused("no-such-program", "there is no program no-such-program in /usr/local/bin");
	refused("/no/such", "/no/such is not a program");
	refused(p.dir, "is not a program");
	refused(program(&p, "echo hello\n"), "is neither an ELF file nor a script");
	refused(program(&p, ""), "is neither an ELF file nor a script");
	refused(program(&p, "#!sh\n"), "its first line names no interpreter");
	refused(program(&p, "#!/bin/sh\r\n"), "ends in a carriage return");
	refused(program(&p, "#!/no/interpreter\n"), "/no/interpreter is not a program");
	refused(program(&p, "#!/usr/bin/env nothing-at-all\n"),
		"there is no program nothing-at-all");
	refused(program(&p, "\177ELF\003"), "program: not a sound ELF file: its first bytes");
	refused(program(&p, arena_fmt(&p.arena, "#!%s/program\n", p.dir)), "a script for a script");
}
