/* A program or library that `onggi pack` reads. */
#include "image/elf.h"
#include "fuzz.h"
#include <limits.h>
#include <string.h>

static void check(const char *text)
{
	HOLDS(!text || strlen(text) < PATH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cleanup(arena_done) struct arena a = {};
	struct elf_info elf;
	cleanup(err_free) struct err *e = elf_read((struct bytes){ data, n }, &a, &elf);
	if (e)
		return 0;
	HOLDS(!elf.interpreter || *elf.interpreter == '/');
	for (size_t i = 0; i < elf.needed.n; i++)
		HOLDS(*elf.needed.items[i]);
	check(elf.interpreter);
	check(elf.soname);
	check(elf.rpath);
	check(elf.runpath);
	return 0;
}
