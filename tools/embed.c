/*
 * embed - turns the child program into an array of bytes, if it is what it claims to be.
 *
 *	embed PROGRAM PLAN-ADDRESS HEADER
 *
 * The build stops here unless the program needs nothing: no symbol is undefined, nothing is to be
 * loaded or relocated at run time, and nothing can be written but the plan's own segment, which is
 * the last. So "there is no C library between clone and exec" is checked, not promised.
 */
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_MAX = 28 * 1024, FILE_MAX = 1 << 20 };

struct program {
	unsigned char bytes[FILE_MAX];
	size_t n;
	Elf64_Ehdr head;
	int plan; /* index of the plan's segment */
	Elf64_Phdr plan_segment;
};

static _Noreturn void refuse(const char *why, const char *what)
{
	fprintf(stderr, "embed: the child program %s%s\n", why, what);
	exit(1);
}

static void load(struct program *p, const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		refuse("cannot be opened: ", path);
	p->n = fread(p->bytes, 1, sizeof(p->bytes), f);
	fclose(f);
	memcpy(&p->head, p->bytes, sizeof(p->head));
	if (p->n < sizeof(p->head) || memcmp(p->head.e_ident, ELFMAG, SELFMAG) != 0 ||
		p->head.e_ident[EI_CLASS] != ELFCLASS64)
		refuse("is not a 64-bit ELF file", "");
	if (p->head.e_type != ET_EXEC)
		refuse("is not linked for a fixed address", "");
}

static Elf64_Phdr segment(const struct program *p, int i)
{
	Elf64_Phdr s;
	memcpy(&s, p->bytes + p->head.e_phoff + (size_t)i * sizeof(s), sizeof(s));
	return s;
}

static void check_segments(struct program *p, unsigned long long plan_address)
{
	p->plan = -1;
	for (int i = 0; i < p->head.e_phnum; i++) {
		Elf64_Phdr s = segment(p, i);
		if (s.p_type == PT_INTERP || s.p_type == PT_DYNAMIC)
			refuse("needs a dynamic loader", "");
		if (s.p_type == PT_TLS)
			refuse("has thread-local variables", "");
		if (s.p_type == PT_GNU_STACK && s.p_flags & PF_X)
			refuse("wants an executable stack", "");
		if (s.p_type != PT_LOAD)
			continue;
		if (s.p_vaddr == plan_address) {
			p->plan = i;
			p->plan_segment = s;
		} else if (s.p_flags & PF_W) {
			refuse("has variables: it may have constants only", "");
		} else if (s.p_filesz > CODE_MAX) {
			refuse("is larger than it should be", "");
		}
	}
	if (p->plan < 0)
		refuse("has no segment for the plan", "");
}

/* What follows the plan's segment in the file is not loaded and is left out. */
static void check_order(const struct program *p)
{
	for (int i = 0; i < p->head.e_phnum; i++) {
		Elf64_Phdr s = segment(p, i);
		if (s.p_type == PT_LOAD && i != p->plan &&
			s.p_offset + s.p_filesz > p->plan_segment.p_offset)
			refuse("has something behind the plan's segment", "");
	}
}

static void check_symbols(const struct program *p, const Elf64_Shdr *table)
{
	Elf64_Shdr names;
	memcpy(&names, p->bytes + p->head.e_shoff + table->sh_link * sizeof(names), sizeof(names));
	for (size_t at = table->sh_entsize; at < table->sh_size; at += table->sh_entsize) {
		Elf64_Sym s;
		memcpy(&s, p->bytes + table->sh_offset + at, sizeof(s));
		if (s.st_shndx == SHN_UNDEF)
			refuse("needs what it does not have: ",
				(const char *)p->bytes + names.sh_offset + s.st_name);
	}
}

static void check_sections(const struct program *p)
{
	bool has_symbols = false;
	for (int i = 0; i < p->head.e_shnum; i++) {
		Elf64_Shdr s;
		memcpy(&s, p->bytes + p->head.e_shoff + (size_t)i * sizeof(s), sizeof(s));
		if (s.sh_type == SHT_SYMTAB)
			check_symbols(p, &s);
		has_symbols |= s.sh_type == SHT_SYMTAB;
		if ((s.sh_type == SHT_REL || s.sh_type == SHT_RELA) && s.sh_size)
			refuse("has relocations", "");
	}
	if (!has_symbols)
		refuse("has no table of symbols to check", "");
}

static void write_header(struct program *p, const char *path)
{
	FILE *f = fopen(path, "w");
	if (!f)
		refuse("cannot be written to ", path);
	p->head.e_shoff = p->head.e_shnum = p->head.e_shstrndx = 0;
	memcpy(p->bytes, &p->head, sizeof(p->head));
	fprintf(f,
		"/* The child program, without its plan: written by tools/embed.c. */\n"
		"enum { PROGRAM_PLAN_SEGMENT = %d };\n"
		"static const unsigned char program_image[] = {",
		p->plan);
	for (size_t i = 0; i < p->plan_segment.p_offset; i++)
		fprintf(f, "%s%u,", i % 24 ? "" : "\n\t", p->bytes[i]);
	fprintf(f, "\n};\n");
	if (fclose(f))
		refuse("cannot be written to ", path);
}

int main(int argc, char **argv)
{
	static struct program p;
	if (argc != 4)
		return 2;
	load(&p, argv[1]);
	check_segments(&p, strtoull(argv[2], NULL, 0));
	check_order(&p);
	check_sections(&p);
	write_header(&p, argv[3]);
	return 0;
}
